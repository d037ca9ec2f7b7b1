/// HTTP/1.1 requests out of bytes: a pure state machine, the same events for the same bytes in any split.
///
/// Feed what has arrived; take one event; feed the rest again. After a refusal it says nothing but that
/// refusal.
package struct HTTP1Parser {
  package enum Event {
    /// Every byte was taken; feed more.
    case more
    /// A head was accepted and its body has yet to arrive.
    case head(expectsContinue: Bool)
    /// A whole request, and whether another may follow it on this connection.
    case request(HTTPRequest, keepsAlive: Bool)
    /// Answer this and close: where the next request starts is not known any more.
    case refused(HTTPRefusal)
  }

  private enum State {
    case head
    case body(HTTP1RequestHead, HTTP1Body)
    case refused(HTTPRefusal)
  }

  private let limits: HTTPLimits
  private var reader = HTTP1HeadReader(mayBeEmpty: false)
  private var state = State.head

  package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

  /// Whether no byte of a further request has been taken.
  package var isBetweenRequests: Bool {
    if case .head = state { reader.isEmpty } else { false }
  }

  /// Bytes of the body that have arrived so far.
  package var bodyBytes: Int {
    if case .body(_, let body) = state { body.bytes.count } else { 0 }
  }

  /// What it takes of memory.
  var heldBytes: Int {
    switch state {
    case .head: reader.heldBytes
    case .body(let head, let body): reader.heldBytes + head.headers.heldBytes + body.heldBytes
    case .refused: 0
    }
  }

  /// Reads from `bytes`, and returns how many of them are done with and what they completed.
  package mutating func read(_ bytes: Span<UInt8>) -> (consumed: Int, event: Event) {
    switch state {
    case .refused(let refusal): return (bytes.count, .refused(refusal))
    case .head: return bytes.isEmpty ? (0, .more) : readHead(bytes)
    case .body(let head, var body):
      // Taken out of the state while it grows, so that it is never copied.
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

  private mutating func readHead(_ bytes: Span<UInt8>) -> (consumed: Int, event: Event) {
    let limits = limits
    var parsed: HTTP1RequestHead?
    let step = reader.read(bytes, limit: limits.headBytes) { head throws(HTTPRefusal) in
      parsed = try HTTP1RequestHead(head, limits: limits)
    }
    switch (step, parsed) {
    case (.complete(let consumed), let head?):
      do throws(HTTPRefusal) {
        let body = try HTTP1Body(head.framing, limits: limits)
        if body.isComplete { return (consumed, complete(head, [])) }
        state = .body(head, body)
        return (consumed, .head(expectsContinue: head.expectsContinue))
      } catch {
        return (bytes.count, refuse(error))
      }
    case (.refused(let refusal), _): return (bytes.count, refuse(refusal))
    default: return (bytes.count, .more)
    }
  }

  private mutating func complete(_ head: HTTP1RequestHead, _ body: [UInt8]) -> Event {
    state = .head
    let request = HTTPRequest(
      method: head.method, path: head.path, query: head.query, headers: head.headers, body: body)
    return .request(request, keepsAlive: head.keepsAlive)
  }

  private mutating func refuse(_ refusal: HTTPRefusal) -> Event {
    state = .refused(refusal)
    return .refused(refusal)
  }
}
