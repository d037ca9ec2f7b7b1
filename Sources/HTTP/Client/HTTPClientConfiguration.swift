/// The limits of a client. Nothing waits for ever, and no answer is larger than we asked for.
package struct HTTPClientConfiguration: Sendable {
  /// For name, connect and TLS handshake together: Go's default for a dial.
  package var connect: Duration = .seconds(10)
  /// From the request to the last byte of its answer: the longest that an API server waits for a webhook.
  package var answer: Duration = .seconds(30)
  /// How long a connection without a request is kept: as client-go's transport does.
  package var idle: Duration = .seconds(90)
  /// Idle HTTP/1.1 connections that are kept: what an API server keeps for a webhook.
  package var idleConnections = 25
  /// Bytes of an answer's head. API servers send warnings there, each up to 4 KiB.
  package var headBytes = 64 * 1024
  /// Bytes of an answer's body. An unpaged list of a large cluster is tens of MiB.
  package var bodyBytes = 64 * 1024 * 1024
  /// What should be listening, for the sentence that is printed when nothing is.
  package var product = "clonegate serve"

  package init() {}

  var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.headBytes = headBytes
    limits.bodyBytes = bodyBytes
    return limits
  }
}
