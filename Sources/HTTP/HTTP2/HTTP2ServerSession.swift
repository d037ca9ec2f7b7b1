/// The server's side of an HTTP/2 connection: frames in, whole requests out, answers in, frames out.
final class HTTP2ServerSession: HTTP2Session {
  /// Streams whose request is whole or refused, in the order they became so.
  private var ready: [HTTP2Stream] = []
  /// Kept for its memory: `ready` changes place with it.
  private var taken: [HTTP2Stream] = []
  /// What the streams take of memory: heads and bodies until a handler has them, answers until
  /// they have left.
  private(set) var heldBytes = 0
  /// Streams that begin are refused unread.
  var refusesStreams = false
  /// Our object and nghttp2's: what 100,000 streams with small heads were measured to take, each.
  private static let streamBytes = 1024
  private let peer: HTTPPeer?

  init(
    limits: HTTPLimits, http2: HTTP2Limits = HTTP2Limits(), peer: HTTPPeer?, at now: ContinuousClock.Instant
  ) {
    self.peer = peer
    super.init(.server, limits: limits, http2: http2, at: now)
  }

  /// Calls `handle` for each request that has become whole; refused ones are answered here, and told.
  func takeRequests(
    _ date: [UInt8], refused: (HTTPRefusal) -> Void = { _ in }, handle: (Int32, HTTPRequest) -> Void
  ) {
    while !ready.isEmpty {
      swap(&taken, &ready)
      for stream in taken where streams[stream.id] === stream {
        if let refusal = stream.refusal {
          refused(refusal)
          respond(stream.id, HTTPResponse(refusal: refusal), date: date)
        } else {
          let request = stream.takeRequest(peer)
          charge(stream)
          handle(stream.id, request)
        }
      }
      taken.removeAll(keepingCapacity: true)
    }
  }

  /// Answers a stream that is still there; one that was reset meanwhile is passed over.
  func respond(_ id: Int32, _ response: HTTPResponse, date: [UInt8]) {
    guard let stream = streams[id], stream.phase != .answered else { return }
    forget(stream)
    stream.phase = .answered
    stream.since = now
    stream.task = nil
    let hasBody = HTTP1Writer.mayHaveBody(response.status)
    var first: [(StaticString, [UInt8])] = [(":status", HTTPStatus.digits(response.status)), ("date", date)]
    if hasBody { first.append(("content-length", Array("\(response.body.count)".utf8))) }
    let sendsBody = hasBody && stream.method != "HEAD" && !response.body.isEmpty
    if sendsBody {
      stream.send(response.body)
      charge(stream)
    }
    submitResponse(stream, first, response.headers, hasBody: sendsBody)
  }

  /// Refuses every request that has not arrived whole, and lets go of what there is of it.
  func refuseUnfinished(_ refusal: HTTPRefusal) {
    for stream in streams.values {
      switch stream.phase {
      case .head:
        stream.refusal = refusal
        forget(stream)
      case .body: refuse(stream, refusal)
      case .complete, .answered: break
      }
    }
  }

  // MARK: Deadlines

  /// Deals with the streams that have waited too long at `now`; returns those whose handler has.
  func expire(at now: ContinuousClock.Instant, _ deadlines: HTTPDeadlines) -> [HTTP2Stream] {
    var handlers: [HTTP2Stream] = []
    for stream in streams.values where stream.deadline(deadlines) <= now {
      switch stream.phase {
      case .head, .body: refuse(stream, .tooSlow)
      case .complete: handlers.append(stream)
      case .answered where stream.outputEnded: reset(stream.id, .none)
      case .answered: if !stream.hasProgressed(at: now) { reset(stream.id, .cancel) }
      }
    }
    return handlers
  }

  // MARK: What arrives

  /// The only PING that we send follows the announcement of our end: it has been read.
  override func pingAnswered() {
    if hasAnnouncedShutdown { shutDown() }
  }

  override func headBegan(_ id: Int32) {
    guard !refusesStreams else { return refuseUnread(id) }
    let stream = HTTP2Stream(id: id, at: now)
    streams[id] = stream
    charge(stream)
  }

  override func field(_ id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard cause == nil, let stream = streams[id] else { return }
    // RFC 9113 section 6.5.2: a field counts 32 bytes beside its own.
    stream.headerBytes += name.count + value.count + 32
    if stream.headerBytes > http2.headerBytesCut {
      return cut("sent a header block over \(http2.headerBytesCut) bytes")
    }
    guard stream.phase == .head, stream.refusal == nil else { return }
    if stream.headerBytes > limits.headBytes { return stream.refusal = .headTooLarge(limits.headBytes) }
    do throws(HTTPRefusal) {
      try stream.add(name.span, value.span, limits)
      // Near enough until the head is whole.
      stream.charged += name.count + value.count
      heldBytes += name.count + value.count
    } catch {
      stream.refusal = error
    }
  }

  override func headEnded(_ id: Int32, isTrailer: Bool, endsStream: Bool) {
    guard let stream = streams[id] else { return }
    if isTrailer { return endsStream ? dataEnded(id) : () }
    // One that took too long has been answered.
    guard stream.phase == .head else { return }
    stream.inputEnded = endsStream
    stream.since = now
    if stream.refusal != nil || endsStream { return becomeReady(stream) }
    stream.phase = .body
    charge(stream)
    if stream.expectsContinue { sendContinue(id) }
  }

  override func dataArrived(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard cause == nil, let stream = streams[id], stream.phase == .body else { return }
    guard stream.body.count + bytes.count <= limits.bodyBytes else {
      return refuse(stream, .bodyTooLarge(limits.bodyBytes))
    }
    if stream.body.isEmpty, let length = stream.contentLength {
      stream.body.reserveCapacity(HTTP1Body.room(for: length, bytes.count))
    }
    stream.body.append(contentsOf: bytes)
    charge(stream)
  }

  override func dataEnded(_ id: Int32) {
    guard let stream = streams[id] else { return }
    stream.inputEnded = true
    if stream.phase == .body { becomeReady(stream) }
  }

  override func streamClosed(_ id: Int32, code: UInt32) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    heldBytes -= stream.charged
    stream.task?.cancel()
  }

  /// An answer may leave before its request has arrived whole; the rest is dropped, for a while.
  override func answerSent(_ id: Int32) {
    guard let stream = streams[id] else { return }
    stream.outputEnded = true
    stream.since = now
    stream.send([])
    charge(stream)
  }

  private func becomeReady(_ stream: HTTP2Stream) {
    if stream.refusal != nil { forget(stream) }
    stream.phase = .complete
    stream.since = now
    ready.append(stream)
    requestArrived()
  }

  private func refuse(_ stream: HTTP2Stream, _ refusal: HTTPRefusal) {
    stream.refusal = refusal
    becomeReady(stream)
  }

  private func forget(_ stream: HTTP2Stream) {
    stream.forgetRequest()
    charge(stream)
  }

  /// Counts what the stream holds now.
  private func charge(_ stream: HTTP2Stream) {
    let bytes = Self.streamBytes + stream.heldBytes
    heldBytes += bytes - stream.charged
    stream.charged = bytes
  }
}

extension HTTPRefusal {
  static let tooSlow = HTTPRefusal(408, "the request did not arrive in time: send it without pauses")
  static let overloaded = HTTPRefusal(
    503, "too many requests are in flight: ask again in a second", retryAfter: 1)
  static let handlerTooSlow = HTTPRefusal(504, "the answer was not ready in time: ask again later")
}
