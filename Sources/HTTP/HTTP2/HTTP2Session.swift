internal import CNghttp2

/// What server and client sessions share: the nghttp2 handle, its callbacks, and the streams.
///
/// A session belongs to one connection and its loop, and knows neither socket nor clock: the caller feeds
/// bytes with the time, then takes what is to be sent.
class HTTP2Session {
  enum Role { case server, client }

  let limits: HTTPLimits
  let http2: HTTP2Limits
  /// The time of the bytes that are being read; set it before answering from outside `receive`.
  final var now: ContinuousClock.Instant
  var streams: [Int32: HTTP2Stream] = [:]
  /// Why the peer was cut off, for the log.
  private(set) var cause: String?
  private var handle: OpaquePointer!
  private var budget: HTTP2Budget
  private let role: Role
  private var order = HTTP2StreamOrder()
  /// Resets on their way that nothing was done for.
  private var unreadRefusals = 0
  private(set) var hasAnnouncedShutdown = false
  private var isShutDown = false

  init(_ role: Role, limits: HTTPLimits, http2: HTTP2Limits, at now: ContinuousClock.Instant) {
    self.role = role
    self.limits = limits
    self.http2 = http2
    self.now = now
    budget = HTTP2Budget(http2, at: now)
    handle = HTTP2Callbacks.makeSession(role, http2, user: Unmanaged.passUnretained(self).toOpaque())
    submitSettings(role)
  }

  deinit { nghttp2_session_del(handle) }

  // MARK: What the roles do with what arrives

  func headBegan(_ stream: Int32) {}
  func field(_ stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {}
  func headEnded(_ stream: Int32, isTrailer: Bool, endsStream: Bool) {}
  func dataArrived(_ stream: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {}
  func dataEnded(_ stream: Int32) {}
  func streamClosed(_ stream: Int32, code: UInt32) {}
  func answerSent(_ stream: Int32) {}
  func pingAnswered() {}
  func goAwayArrived(lastStream: Int32) {}

  // MARK: What the connection calls

  /// Reads `bytes`. False when the connection has to end; what is still to be sent should be sent first.
  final func receive(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) -> Bool {
    self.now = now
    guard cause == nil else { return false }
    let read = bytes.withUnsafeBufferPointer { nghttp2_session_mem_recv(handle, $0.baseAddress, $0.count) }
    if read < 0, cause == nil { cut("broke HTTP/2: \(String(cString: nghttp2_strerror(Int32(read))))") }
    return cause == nil && !isFinished
  }

  /// Appends what is to be sent to `out`, until it holds `limit` bytes or nothing is left.
  final func send(into out: inout [UInt8], limit: Int) {
    var bytes: UnsafePointer<UInt8>?
    while out.count < limit {
      let count = nghttp2_session_mem_send(handle, &bytes)
      guard count > 0 else { return }
      out.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
    }
  }

  /// Nothing more can come of this session once its output has left.
  final var isFinished: Bool {
    nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
  }

  /// Streams that were not closed yet.
  final var isIdle: Bool { streams.isEmpty }

  /// Ends the connection with GOAWAY. Nothing that arrives afterwards has an effect.
  final func cut(_ cause: String, _ code: HTTP2ErrorCode = .enhanceYourCalm) {
    guard self.cause == nil else { return }
    self.cause = cause
    nghttp2_session_terminate_session(handle, code.rawValue)
  }

  /// Announces the end: GOAWAY that still lets streams begin, and a PING whose answer proves that it was read
  /// (RFC 9113 section 6.8).
  final func announceShutdown() {
    hasAnnouncedShutdown = true
    nghttp2_submit_shutdown_notice(handle)
    nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
  }

  /// No stream may begin any more; those that have are finished.
  final func shutDown() {
    guard !isShutDown else { return }
    isShutDown = true
    let last = nghttp2_session_get_last_proc_stream_id(handle)
    nghttp2_submit_goaway(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
  }

  // MARK: What the roles call

  final func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
    nghttp2_submit_rst_stream(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
  }

  /// Refuses a stream that begins: its sender may ask again. It is charged to no budget: it costs us next to
  /// nothing, and an honest peer must not lose its other streams for it.
  final func refuseUnread(_ stream: Int32) {
    unreadRefusals += 1
    reset(stream, .refusedStream)
  }

  /// Sends an interim head: the client may go on.
  final func sendContinue(_ stream: Int32) {
    HTTP2FieldList.with([(":status", HTTPStatus.digits(100))], HTTPHeaders()) { fields in
      _ = nghttp2_submit_headers(handle, 0, stream, nil, fields.baseAddress, fields.count, nil)
    }
  }

  /// Sends an answer's head; `stream.send` has been given the body, unless there is none.
  final func submitResponse(
    _ stream: HTTP2Stream, _ first: [(StaticString, [UInt8])], _ headers: HTTPHeaders, hasBody: Bool
  ) {
    HTTP2FieldList.with(first, headers) { fields in
      HTTP2Callbacks.withBodySource(hasBody ? stream : nil) { body in
        _ = nghttp2_submit_response(handle, stream.id, fields.baseAddress, fields.count, body)
      }
    }
  }

  /// Sends a request's head; returns its stream, or nil when the connection takes no more.
  final func submitRequest(
    _ first: [(StaticString, [UInt8])], _ headers: HTTPHeaders, body: [UInt8]
  ) -> HTTP2Stream? {
    let id = nghttp2_session_get_next_stream_id(handle)
    guard id < Int32.max else { return nil }
    let stream = HTTP2Stream(id: Int32(id), at: now)
    stream.send(body)
    let submitted = HTTP2FieldList.with(first, headers) { fields in
      HTTP2Callbacks.withBodySource(body.isEmpty ? nil : stream) { body in
        nghttp2_submit_request(handle, nil, fields.baseAddress, fields.count, body, nil)
      }
    }
    guard submitted == stream.id else { return nil }
    streams[stream.id] = stream
    return stream
  }

  final func requestArrived() { budget.requestArrived() }

  private func submitSettings(_ role: Role) {
    func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
      nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(value))
    }
    // What a server limits are requests, what a client refuses are pushes.
    let settings = [
      role == .server
        ? entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, http2.concurrentStreams)
        : entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
      entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headBytes),
      entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, http2.streamWindow),
      entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ]
    nghttp2_submit_settings(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
    nghttp2_session_set_local_window_size(handle, 0, 0, Int32(http2.connectionWindow))
  }
}

// What the callbacks tell; they check the budgets before a role hears of anything.
extension HTTP2Session {
  final func frameBegan(_ frame: HTTP2Frame) {
    guard cause == nil else { return }
    // Requests open streams in order; answers come in any.
    if role == .server, frame.kind == .headers, !order.accepts(frame.stream) {
      return cut("opened stream \(frame.stream) after a later one", .protocolError)
    }
    if !budget.receive(frame, at: now) { cut("sent too many frames of kind \(frame.kind)") }
  }

  final func frameEnded(_ frame: HTTP2Frame, isTrailer: Bool) {
    guard cause == nil else { return }
    switch frame.kind {
    case .headers: headEnded(frame.stream, isTrailer: isTrailer, endsStream: frame.endsStream)
    case .data where frame.endsStream: dataEnded(frame.stream)
    case .ping where frame.isAcknowledgement: pingAnswered()
    default: break
    }
  }

  final func frameSent(_ frame: HTTP2Frame, code: UInt32) {
    if frame.endsStream { answerSent(frame.stream) }
    guard frame.kind == .reset, code != HTTP2ErrorCode.none.rawValue, cause == nil else { return }
    // A client that gives a request up was not made to by its server.
    if role == .client, code == HTTP2ErrorCode.cancel.rawValue { return }
    if code == HTTP2ErrorCode.refusedStream.rawValue, unreadRefusals > 0 { return unreadRefusals -= 1 }
    guard !budget.reset(at: now) else { return }
    cut("made us reset too many streams")
  }
}

/// RFC 9113 section 7, what we use of it.
enum HTTP2ErrorCode: UInt32 {
  case none = 0
  case protocolError = 1
  case refusedStream = 7
  case cancel = 8
  case enhanceYourCalm = 11
}

/// Streams open in ascending order, and what was passed over is closed for good (RFC 9113 section 5.1.1).
/// nghttp2 ignores HEADERS on such a stream; a peer that sends them has lost count, and is told so.
struct HTTP2StreamOrder {
  private var last: Int32 = -1
  private var skipped: [ClosedRange<Int32>] = []
  /// Honest clients never pass a stream over.
  private static let mostSkipped = 16

  mutating func accepts(_ stream: Int32) -> Bool {
    guard stream > last else { return !skipped.contains { $0.contains(stream) } }
    if stream > last + 2 { skipped.append(last + 1...stream - 1) }
    last = stream
    return skipped.count <= Self.mostSkipped
  }
}
