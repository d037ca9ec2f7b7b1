/// Chunked framing (RFC 9112 section 7.1), one byte at a time where it is framing, whole runs where it is
/// data.
struct HTTP1Chunks {
  /// What the first bytes of the input are.
  enum Piece {
    case framing(Int)
    case data(Int)
    case end(Int)
  }

  private enum State {
    case size(digits: Int, value: Int)
    case `extension`(size: Int)
    case sizeLineFeed(size: Int)
    case data(remaining: Int)
    case dataReturn
    case dataLineFeed
    case trailers
  }

  /// A size of 15 hexadecimal digits fits in 60 bits; no body that is read needs more than 6.
  private static let sizeDigits = 15
  /// What a chunk's own framing costs at most when it is honest: size, CRLF twice. More is charged to the
  /// budget.
  private static let honestFraming = 16

  private let limits: HTTPLimits
  private var state = State.size(digits: 0, value: 0)
  private var trailers = HTTP1HeadReader(mayBeEmpty: true)
  private var excess = 0

  init(limits: HTTPLimits) { self.limits = limits }

  mutating func read(_ input: Span<UInt8>) throws(HTTPRefusal) -> Piece {
    switch state {
    case .data(let remaining):
      let taken = min(remaining, input.count)
      state = taken == remaining ? .dataReturn : .data(remaining: remaining - taken)
      return .data(taken)
    case .trailers:
      return try readTrailers(input)
    default:
      try step(input[0])
      return .framing(1)
    }
  }

  private mutating func step(_ byte: UInt8) throws(HTTPRefusal) {
    excess += 1
    guard excess <= limits.chunkFramingBytes else {
      throw HTTPRefusal(
        400, "the body has more chunk framing than data: send larger chunks, without extensions")
    }
    switch state {
    case .size(let digits, let value): state = try size(byte, digits, value)
    case .extension(let size):
      if byte == 0x0d { return state = .sizeLineFeed(size: size) }
      guard ByteClass.isFieldValue(byte) else { throw .badChunk }
    case .sizeLineFeed(let size):
      guard byte == 0x0a else { throw .badChunk }
      excess = max(0, excess - Self.honestFraming - 2 * min(size, limits.bodyBytes))
      state = size == 0 ? .trailers : .data(remaining: size)
    case .dataReturn:
      guard byte == 0x0d else { throw .badChunk }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == 0x0a else { throw .badChunk }
      state = .size(digits: 0, value: 0)
    case .data, .trailers: preconditionFailure("read in runs, not byte by byte")
    }
  }

  private func size(_ byte: UInt8, _ digits: Int, _ value: Int) throws(HTTPRefusal) -> State {
    if let digit = ByteClass.hexValue(byte) {
      guard digits < Self.sizeDigits else { throw .badChunk }
      return .size(digits: digits + 1, value: value << 4 | digit)
    }
    guard digits > 0 else { throw .badChunk }
    switch byte {
    case 0x0d: return .sizeLineFeed(size: value)
    case 0x3b: return .extension(size: value)
    default: throw .badChunk
    }
  }

  /// Trailers are checked like a head and dropped: nothing that a sender adds after the body may change its
  /// meaning.
  private mutating func readTrailers(_ input: Span<UInt8>) throws(HTTPRefusal) -> Piece {
    let fieldLimit = limits.headFields
    let step = trailers.read(input, limit: limits.headBytes) { section throws(HTTPRefusal) in
      _ = try HTTP1Fields(section, from: 0, limit: fieldLimit)
    }
    switch step {
    case .more: return .framing(input.count)
    case .complete(let consumed): return .end(consumed)
    case .refused(let refusal): throw refusal
    }
  }
}

extension HTTPRefusal {
  fileprivate static let badChunk = HTTPRefusal(400, "the chunked body is malformed")
}
