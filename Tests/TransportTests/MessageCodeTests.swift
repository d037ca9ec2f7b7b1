import Testing
import Transport

/// RFC 4231's cases for HMAC-SHA-256.
@Suite struct MessageCodeTests {
  static let cases: [(key: [UInt8], message: [UInt8], code: String)] = [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ]

  @Test(arguments: cases.indices) func `codes are those of the RFC`(_ index: Int) {
    let (key, message, code) = Self.cases[index]
    let made = MessageCode.code(of: message, key: key)
    #expect(made.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == code)
    #expect(MessageCode.matches(made, message, key: key))
    #expect(!MessageCode.matches(made, message + [0], key: key))
    #expect(!MessageCode.matches(Array(made.dropLast()), message, key: key))
    #expect(!MessageCode.matches([], message, key: key))
  }

  @Test func `new keys differ`() throws {
    let keys = try (0..<4).map { _ in try MessageCode.newKey() }
    #expect(Set(keys).count == 4)
    #expect(keys.allSatisfy { $0.count == MessageCode.keyLength })
  }
}
