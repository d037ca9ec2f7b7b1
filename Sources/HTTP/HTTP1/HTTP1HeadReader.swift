#if canImport(Glibc)
  internal import Glibc
#endif

/// Collects a head (or a trailer section) up to its empty line, however its bytes are split.
///
/// Every line ends with CRLF; a bare LF is refused where it stands (RFC 9112 section 2.2 lets a recipient
/// accept it, which is how two parsers come to disagree about where a request ends).
struct HTTP1HeadReader {
  enum Step {
    /// Every byte was taken and the section goes on.
    case more
    /// The section ended after `consumed` of the bytes given.
    case complete(consumed: Int)
    case refused(HTTPRefusal)
  }

  /// Whether the section may consist of the empty line alone, as trailers may.
  let mayBeEmpty: Bool
  private var kept: [UInt8] = []
  private var scanned = 0

  init(mayBeEmpty: Bool) { self.mayBeEmpty = mayBeEmpty }

  var isEmpty: Bool { kept.isEmpty }
  /// What it takes of memory.
  var heldBytes: Int { kept.capacity }

  /// Reads on; on completion `use` sees the whole section, in place when it arrived in one piece.
  mutating func read(
    _ bytes: Span<UInt8>, limit: Int, use: (Span<UInt8>) throws(HTTPRefusal) -> Void
  ) -> Step {
    do throws(HTTPRefusal) {
      if kept.isEmpty, let end = try end(in: bytes, from: 0, limit: limit) {
        try use(bytes.extracting(0..<end))
        return .complete(consumed: end)
      }
      let before = kept.count
      bytes.withUnsafeBufferPointer { kept.append(contentsOf: $0) }
      guard let end = try end(in: kept.span, from: scanned, limit: limit) else {
        scanned = kept.count
        return .more
      }
      try use(kept.span.extracting(0..<end))
      kept.removeAll(keepingCapacity: true)
      scanned = 0
      return .complete(consumed: end - before)
    } catch {
      return .refused(error)
    }
  }

  /// The index after the empty line, or nil if it has not arrived.
  private func end(in bytes: Span<UInt8>, from start: Int, limit: Int) throws(HTTPRefusal) -> Int? {
    var at = start
    while let feed = Self.lineFeed(in: bytes, from: at), feed < limit {
      guard feed > 0, bytes[feed - 1] == 0x0d else { throw .bareLineFeed }
      if feed >= 3, bytes[feed - 2] == 0x0a { return feed + 1 }
      if feed == 1, mayBeEmpty { return 2 }
      at = feed + 1
    }
    guard bytes.count < limit else { throw .headTooLarge(limit) }
    return nil
  }

  private static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      let base = buffer.baseAddress!
      guard let found = memchr(base + start, 0x0a, buffer.count - start) else { return nil }
      return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
  }
}

extension HTTPRefusal {
  fileprivate static let bareLineFeed = HTTPRefusal(
    400, "a line of the head ends with LF alone: end it with CRLF")

  static func headTooLarge(_ limit: Int) -> HTTPRefusal {
    HTTPRefusal(431, "the head is over \(limit) bytes: send fewer or shorter fields")
  }
}
