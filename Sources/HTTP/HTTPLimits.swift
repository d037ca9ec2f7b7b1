/// What one peer may ask of us. Every number has its reason beside it; tests and configurations may lower
/// them.
package struct HTTPLimits: Sendable {
  /// Bytes of a head, and of all trailers together. An API server sends about 300; 16 KiB leaves room for
  /// proxies (nginx: 4 buffers of 8 KiB, Go: 1 MiB, which is more than a webhook ever needs).
  package var headBytes = 16 * 1024
  /// Fields of a head, and of all trailers together. An API server sends 6; Apache's default is 100.
  package var headFields = 100
  /// Bytes of a body. The API server takes objects up to 3 MiB and may send the old one beside the new one,
  /// so a review can pass 6 MiB; 7 MiB is what controller-runtime's webhooks allow for the same reason.
  package var bodyBytes = 7 * 1024 * 1024
  /// Bytes that the peers of a server make it hold, all connections together: heads, bodies until they are
  /// answered, and answers until they have left. 31 of the largest bodies, in arrays that grew to 8 MiB; with
  /// what a gate needs in a large cluster (420 MB) far below its pod's limit (1 GiB).
  package var heldBytes = 256 * 1024 * 1024
  /// Bytes that chunked framing may cost beyond 16 per chunk-worth of data: the allowance of Go's chunked
  /// reader, made against one-byte chunks and endless chunk extensions (CVE-2023-39326).
  package var chunkFramingBytes = 16 * 1024
  /// Bytes of requests that wait behind one in flight on an HTTP/1.1 connection before we stop reading.
  package var pipelinedBytes = 64 * 1024

  package init() {}
}

/// How long we wait. Nothing waits for ever.
package struct HTTPDeadlines: Sendable {
  /// From the first byte of a head to its last: cert-manager's and Kubernetes' webhook servers give 32 s; a
  /// head is one packet, so 10 s is generous.
  package var head: Duration = .seconds(10)
  /// For a body, on top of the time that its bytes take at `minimumBodyRate`.
  package var body: Duration = .seconds(5)
  /// Bytes a second. The largest body arrives within 33 s then; an API server gives up after 30 s at most.
  package var minimumBodyRate = 256 * 1024
  /// Without a request. The API server closes idle connections after 90 s (client-go's transport), and must
  /// be the one who closes: 30 s more.
  package var idle: Duration = .seconds(120)
  /// For a handler's answer: the longest `timeoutSeconds` of a webhook registration is 30.
  package var handler: Duration = .seconds(30)
  /// Without any progress while we have bytes to send: a peer that does not read.
  package var send: Duration = .seconds(30)
  /// How long the rest of a request that was answered early is read and dropped before its HTTP/2 stream is
  /// reset. A reset at once is allowed (RFC 9113 section 8.1), and makes curl 7.88 lose the answer.
  package var discard: Duration = .seconds(1)
  /// How long a connection without a request is kept while draining, so that a request that is already on its
  /// way is answered: an API server does not repeat one that died with its connection.
  package var drainLinger: Duration = .seconds(1)

  package init() {}

  /// How long a body may take of which so many bytes have arrived: what comes steadily is waited for.
  func body(arrived bytes: Int) -> Duration {
    body + .milliseconds(bytes * 1000 / minimumBodyRate)
  }
}
