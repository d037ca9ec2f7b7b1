/// One request and its answer on an HTTP/2 connection.
final class HTTP2Stream {
  /// Where the message that comes in stands.
  enum Phase {
    case head, body
    /// Whole; on a server a handler may be at work.
    case complete
    /// Its answer has been handed to the session.
    case answered
  }

  let id: Int32
  var phase = Phase.head
  /// When the phase began, or when the last byte of the answer left.
  var since: ContinuousClock.Instant

  // What has arrived.
  var method = ""
  var path = ""
  var query: String?
  var hasHost = false
  var status = 0
  var headers = HTTPHeaders()
  var headerBytes = 0
  var contentLength: Int?
  var expectsContinue = false
  var body: [UInt8] = []
  /// END_STREAM has arrived.
  var inputEnded = false
  /// The last byte of the answer has been taken.
  var outputEnded = false
  /// Why the request will not be handed on; the rest of it is dropped as it arrives.
  var refusal: HTTPRefusal?

  // What is to be sent.
  private var outgoing: [UInt8] = []
  private var sent = 0
  private var sentBefore = 0
  /// What the session counts for the stream.
  var charged = 0
  /// The handler's task, while one is at work.
  var task: Task<Void, Never>?

  init(id: Int32, at now: ContinuousClock.Instant) {
    self.id = id
    since = now
  }

  /// What its messages take of memory.
  var heldBytes: Int {
    headers.heldBytes + path.utf8.count + (query?.utf8.count ?? 0) + body.capacity + outgoing.count
  }

  /// Keeps of what has arrived only what its answer depends on.
  func forgetRequest() {
    headers = HTTPHeaders()
    (path, query) = ("", nil)
    body = []
  }

  func send(_ body: [UInt8]) {
    outgoing = body
    sent = 0
  }

  /// When the stream will have waited too long for its peer, or for our handler.
  func deadline(_ deadlines: HTTPDeadlines) -> ContinuousClock.Instant {
    switch phase {
    case .head: since + deadlines.head
    case .body: since + deadlines.body(arrived: body.count)
    case .complete: since + deadlines.handler
    case .answered: since + (outputEnded ? deadlines.discard : deadlines.send)
    }
  }

  /// Whether more of the answer has been sent since this was last asked; starts a new wait if so.
  func hasProgressed(at now: ContinuousClock.Instant) -> Bool {
    guard sent > sentBefore else { return false }
    sentBefore = sent
    since = now
    return true
  }

  /// Copies the next bytes of the outgoing body; returns how many, and whether they were the last.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> (count: Int, isLast: Bool) {
    let count = min(buffer.count, outgoing.count - sent)
    outgoing.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[sent..<sent + count])) }
    sent += count
    return (count, sent == outgoing.count)
  }
}
