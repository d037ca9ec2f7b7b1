/// HTTP/1.1 answers out of bytes, for the client: the same codecs as `HTTP1Parser`, with what only answers
/// may do.
struct HTTP1ResponseParser {
  enum Event {
    case more
    /// A whole answer, and whether the connection can carry another request.
    case response(HTTPResponse, keepsAlive: Bool)
    /// Not an answer that can be trusted: close.
    case refused(HTTPRefusal)
  }

  private enum State {
    case head
    case body(HTTP1ResponseHead, HTTP1Body)
    case refused(HTTPRefusal)
  }

  private let limits: HTTPLimits
  private let answersHead: Bool
  private var reader = HTTP1HeadReader(mayBeEmpty: false)
  private var state = State.head

  /// - Parameter answersHead: the request was a HEAD, so that its answer has no body whatever its fields say.
  init(limits: HTTPLimits, answersHead: Bool) {
    self.limits = limits
    self.answersHead = answersHead
  }

  mutating func read(_ bytes: Span<UInt8>) -> (consumed: Int, event: Event) {
    switch state {
    case .refused(let refusal): return (bytes.count, .refused(refusal))
    case .head: return bytes.isEmpty ? (0, .more) : readHead(bytes)
    case .body(let head, var body):
      state = .head
      let step = body.read(bytes)
      state = .body(head, body)
      switch step {
      case .more: return (bytes.count, .more)
      case .complete(let consumed): return (consumed, complete(head, body.bytes))
      case .refused(let refusal): return (bytes.count, refuse(refusal))
      }
    }
  }

  /// The connection has ended: the answer that ends with it, or nil if it was cut short.
  mutating func end() -> HTTPResponse? {
    guard case .body(let head, let body) = state, head.framing == .untilClose else { return nil }
    state = .head
    return HTTPResponse(status: head.status, headers: head.headers, body: body.bytes)
  }

  private mutating func readHead(_ bytes: Span<UInt8>) -> (consumed: Int, event: Event) {
    let (limits, answersHead) = (limits, answersHead)
    var parsed: HTTP1ResponseHead?
    let step = reader.read(bytes, limit: limits.headBytes) { head throws(HTTPRefusal) in
      parsed = try HTTP1ResponseHead(head, limits: limits, answersHead: answersHead)
    }
    guard case .complete(let consumed) = step, let head = parsed else {
      if case .refused(let refusal) = step { return (bytes.count, refuse(refusal)) }
      return (bytes.count, .more)
    }
    if head.isInterim { return readOn(bytes, consumed) }
    do throws(HTTPRefusal) {
      let body = try HTTP1Body(head.framing, limits: limits)
      if body.isComplete { return (consumed, complete(head, [])) }
      state = .body(head, body)
      return readOn(bytes, consumed)
    } catch {
      return (bytes.count, refuse(error))
    }
  }

  private mutating func readOn(_ bytes: Span<UInt8>, _ consumed: Int) -> (consumed: Int, event: Event) {
    guard consumed < bytes.count else { return (consumed, .more) }
    let rest = read(bytes.extracting(consumed..<bytes.count))
    return (consumed + rest.consumed, rest.event)
  }

  private mutating func complete(_ head: HTTP1ResponseHead, _ body: [UInt8]) -> Event {
    state = .head
    let response = HTTPResponse(status: head.status, headers: head.headers, body: body)
    return .response(response, keepsAlive: head.keepsAlive && head.framing != .untilClose)
  }

  private mutating func refuse(_ refusal: HTTPRefusal) -> Event {
    state = .refused(refusal)
    return .refused(refusal)
  }
}
