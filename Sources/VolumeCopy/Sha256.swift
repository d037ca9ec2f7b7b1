internal import COpenSSL

/// SHA-256 through libcrypto, which uses the processor's instructions for it. One object per thread.
final class Sha256 {
  typealias Value = SIMD32<UInt8>

  private let context = EVP_MD_CTX_new()!
  /// Fetched once: looking an algorithm up costs more than hashing a tree node.
  nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)!
  // Immutable after it was fetched, and libcrypto counts its users atomically: that protects it.

  deinit { EVP_MD_CTX_free(context) }

  func start() { precondition(EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1) }

  func add(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1)
  }

  func add(byte: UInt8) { withUnsafeBytes(of: byte) { add($0) } }

  func finish() -> Value {
    var value = Value()
    withUnsafeMutableBytes(of: &value) { out in
      precondition(
        EVP_DigestFinal_ex(context, out.baseAddress!.assumingMemoryBound(to: UInt8.self), nil) == 1)
    }
    return value
  }

  static func digest(of bytes: [UInt8]) -> [UInt8] {
    let hash = Sha256()
    hash.start()
    bytes.withUnsafeBytes { hash.add($0) }
    return hash.finish().bytes
  }
}

extension SIMD32<UInt8> {
  var bytes: [UInt8] { (0..<32).map { self[$0] } }

  init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.init(bytes)
  }
}

/// Lower-case hexadecimal.
enum Hexadecimal {
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let nibbles = text.utf8.compactMap(nibble)
    guard nibbles.count == text.utf8.count, nibbles.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
