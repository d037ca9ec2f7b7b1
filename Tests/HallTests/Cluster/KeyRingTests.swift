import Admission
import JSON
import Kubernetes
import Testing

@testable import clonegate

@Suite struct KeyRingTests {
  static func secret(_ keys: [(String, [UInt8])]) -> JSONNode {
    var data: JSONObject = [:]
    for (id, bytes) in keys { data[id] = .string(Base64.encoded(bytes)) }
    return JSONNode(["data": .object(data)])
  }

  static func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  @Test func `the newest signs, all of them verify`() throws {
    let old = KeyRing(secret: Self.secret([("1700000000", Self.key(1))]))
    let both = KeyRing(secret: Self.secret([("1790000000", Self.key(2)), ("1700000000", Self.key(1))]))
    #expect(both.keys.map(\.id) == ["1700000000", "1790000000"])
    let text = Array("text".utf8)
    let code = try #require(both.keys.first).bytes
    #expect(code == Self.key(1))
    let seal = try #require(old.seal(at: 1))
    #expect(both.check("1700000000", text, seal.code(text)) == true)
    #expect(both.check("1790000000", text, seal.code(text)) == false)
    #expect(both.check("1800000000", text, seal.code(text)) == nil)
  }

  @Test func `what is no key is left out`() {
    let ring = KeyRing(
      secret: Self.secret([
        ("1790000000", [1, 2, 3]), ("key", Self.key(1)), ("-1", Self.key(1)), ("01790000001", Self.key(1)),
      ]))
    #expect(ring.keys.isEmpty)
    #expect(ring.seal(at: 1) == nil)
    #expect(ring.isDue(at: 1))
    #expect(KeyRing(secret: JSONNode(["data": "x"])).keys.isEmpty)
  }

  @Test func `a new key is due when the newest is old`() {
    let ring = KeyRing(secret: Self.secret([("1790000000", Self.key(1))]))
    #expect(!ring.isDue(at: 1_790_000_000))
    #expect(!ring.isDue(at: 1_790_000_000 + KeyRing.period - 1))
    #expect(ring.isDue(at: 1_790_000_000 + KeyRing.period))
  }
}
