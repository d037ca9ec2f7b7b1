/// The client's side of an HTTP/2 connection: requests in, frames out, frames in, whole answers out.
final class HTTP2ClientSession: HTTP2Session {
  enum Outcome {
    case response(HTTPResponse)
    /// The server says that it has not looked at the request: it may be sent again elsewhere.
    case unprocessed
    case failed(String)
    case tooLarge
  }

  private var finished: [(Int32, Outcome)] = []
  /// No further request may be sent here.
  private(set) var isGoingAway = false

  init(limits: HTTPLimits, http2: HTTP2Limits = HTTP2Limits(), at now: ContinuousClock.Instant) {
    super.init(.client, limits: limits, http2: http2, at: now)
  }

  /// Begins a request; nil when this connection takes no more.
  func begin(_ request: HTTPRequest, scheme: String, authority: String) -> Int32? {
    guard !isGoingAway, cause == nil else { return nil }
    var headers = request.headers
    let host = headers["host"] ?? authority
    headers["host"] = nil
    if !request.body.isEmpty { headers["content-length"] = "\(request.body.count)" }
    let first: [(StaticString, [UInt8])] = [
      (":method", Array(request.method.utf8)), (":scheme", Array(scheme.utf8)),
      (":authority", Array(host.utf8)), (":path", Array(request.target.utf8)),
    ]
    guard let stream = submitRequest(first, headers, body: request.body) else { return nil }
    stream.method = request.method
    return stream.id
  }

  /// Gives up on a request; what may still come of it is dropped.
  func cancel(_ id: Int32) {
    guard let stream = streams[id] else { return }
    stream.phase = .answered
    reset(id, .cancel)
  }

  /// The requests that have ended since this was last asked.
  func takeFinished() -> [(Int32, Outcome)] {
    defer { finished.removeAll() }
    return finished
  }

  override func field(_ id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard let stream = streams[id], stream.phase == .head else { return }
    stream.headerBytes += name.count + value.count + 32
    guard stream.headerBytes <= limits.headBytes else { return end(stream, .tooLarge) }
    let name = name.span
    if name.isWord(":status") {
      stream.status = (try? HTTP1Fields.length(value.span)) ?? 0
    } else {
      stream.headers.append(checkedName: name, value: value.span)
    }
  }

  override func headEnded(_ id: Int32, isTrailer: Bool, endsStream: Bool) {
    guard let stream = streams[id] else { return }
    if stream.phase == .head, stream.status < 200, !endsStream {
      // An interim answer: the real one follows.
      stream.headers = HTTPHeaders()
      return
    }
    if stream.phase == .head { stream.phase = .body }
    if endsStream { dataEnded(id) }
  }

  override func dataArrived(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard let stream = streams[id], stream.phase == .body else { return }
    guard stream.body.count + bytes.count <= limits.bodyBytes else { return end(stream, .tooLarge) }
    stream.body.append(contentsOf: bytes)
  }

  override func dataEnded(_ id: Int32) {
    guard let stream = streams[id], stream.phase == .body else { return }
    guard (200...599).contains(stream.status) else {
      return end(stream, .failed("its status makes no sense"))
    }
    stream.phase = .answered
    let response = HTTPResponse(status: stream.status, headers: stream.headers, body: stream.body)
    finished.append((id, .response(response)))
  }

  override func streamClosed(_ id: Int32, code: UInt32) {
    guard let stream = streams.removeValue(forKey: id), stream.phase != .answered else { return }
    let refused = code == HTTP2ErrorCode.refusedStream.rawValue
    finished.append((id, refused ? .unprocessed : .failed("it reset the stream with error \(code)")))
  }

  /// nghttp2 closes the streams that the server will not look at with REFUSED_STREAM.
  override func goAwayArrived(lastStream: Int32) { isGoingAway = true }

  private func end(_ stream: HTTP2Stream, _ outcome: Outcome) {
    stream.phase = .answered
    stream.body = []
    finished.append((stream.id, outcome))
    reset(stream.id, .cancel)
  }
}
