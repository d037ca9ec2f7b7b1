/// Reads a body, whatever its framing and however its bytes are split.
struct HTTP1Body {
  enum Step {
    case more
    case complete(consumed: Int)
    case refused(HTTPRefusal)
  }

  /// What has arrived and was not taken.
  private(set) var bytes: [UInt8] = []
  private var taken = 0
  private let framing: HTTP1BodyFraming
  private let limits: HTTPLimits
  private var chunks: HTTP1Chunks

  /// Refuses a body that says in advance that it is too large.
  init(_ framing: HTTP1BodyFraming, limits: HTTPLimits) throws(HTTPRefusal) {
    self.framing = framing
    self.limits = limits
    chunks = HTTP1Chunks(limits: limits)
    if case .length(let length) = framing {
      guard length <= limits.bodyBytes else { throw .bodyTooLarge(limits.bodyBytes) }
    }
  }

  /// Room for a body that says how long it will be and has begun so: never much for a peer's word alone.
  static func room(for length: Int, _ arrived: Int) -> Int { min(length, 4 * arrived) }

  /// What the bytes take of memory.
  var heldBytes: Int { bytes.capacity }
  var isComplete: Bool { framing == .length(arrived) }
  private var arrived: Int { taken + bytes.count }

  /// Hands over what has arrived, for those who read a body while it comes: the limit is then on what waits.
  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    taken += bytes.count
    return bytes
  }

  mutating func read(_ input: Span<UInt8>) -> Step {
    switch framing {
    case .length(let length):
      let wanted = min(length - arrived, input.count)
      if arrived == 0 { bytes.reserveCapacity(Self.room(for: length, wanted)) }
      append(input.extracting(0..<wanted))
      return arrived == length ? .complete(consumed: wanted) : .more
    case .untilClose:
      guard bytes.count + input.count <= limits.bodyBytes else {
        return .refused(.bodyTooLarge(limits.bodyBytes))
      }
      append(input)
      return .more
    case .chunked:
      return readChunks(input)
    }
  }

  private mutating func readChunks(_ input: Span<UInt8>) -> Step {
    var at = 0
    do throws(HTTPRefusal) {
      while at < input.count {
        switch try chunks.read(input.extracting(at..<input.count)) {
        case .framing(let count): at += count
        case .data(let count):
          try appendChunk(input.extracting(at..<at + count))
          at += count
        case .end(let count): return .complete(consumed: at + count)
        }
      }
      return .more
    } catch {
      return .refused(error)
    }
  }

  private mutating func appendChunk(_ data: Span<UInt8>) throws(HTTPRefusal) {
    guard bytes.count + data.count <= limits.bodyBytes else { throw .bodyTooLarge(limits.bodyBytes) }
    append(data)
  }

  private mutating func append(_ input: Span<UInt8>) {
    input.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }
}

extension HTTPRefusal {
  static func bodyTooLarge(_ limit: Int) -> HTTPRefusal {
    HTTPRefusal(413, "the body is over \(limit) bytes, the most that is read")
  }
}
