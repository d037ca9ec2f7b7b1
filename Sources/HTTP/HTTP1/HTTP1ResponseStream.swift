/// An HTTP/1.1 answer that is read while it comes, for answers without an end such as a watch: the head, then
/// pieces of the body, whatever their framing.
struct HTTP1ResponseStream {
  private(set) var head: HTTP1ResponseHead?
  private let limits: HTTPLimits
  private var reader = HTTP1HeadReader(mayBeEmpty: false)
  private var body: HTTP1Body?

  /// - Parameter limits: `bodyBytes` bounds what one call can add, not the whole body.
  init(limits: HTTPLimits) { self.limits = limits }

  /// Reads on and appends what belongs to the body to `out`; true when the answer is complete.
  mutating func read(_ bytes: Span<UInt8>, into out: inout [UInt8]) throws(HTTPRefusal) -> Bool {
    var at = 0
    while body == nil {
      guard at < bytes.count else { return false }
      at += try readHead(bytes.extracting(at..<bytes.count))
    }
    guard let isComplete = body?.isComplete, !isComplete else { return true }
    guard at < bytes.count, let step = body?.read(bytes.extracting(at..<bytes.count)) else { return false }
    out += body?.take() ?? []
    switch step {
    case .more: return false
    case .complete: return true
    case .refused(let refusal): throw refusal
    }
  }

  /// Whether an answer that ends with its connection is whole.
  var mayEndHere: Bool { head?.framing == .untilClose }

  /// Returns how many bytes it took. Interim heads are passed over.
  private mutating func readHead(_ bytes: Span<UInt8>) throws(HTTPRefusal) -> Int {
    let limits = limits
    var parsed: HTTP1ResponseHead?
    let step = reader.read(bytes, limit: limits.headBytes) { head throws(HTTPRefusal) in
      parsed = try HTTP1ResponseHead(head, limits: limits, answersHead: false)
    }
    switch step {
    case .more: return bytes.count
    case .refused(let refusal): throw refusal
    case .complete(let consumed):
      guard let found = parsed, !found.isInterim else { return consumed }
      head = found
      body = try HTTP1Body(found.framing, limits: limits)
      return consumed
    }
  }
}
