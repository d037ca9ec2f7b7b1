import Admission
import JSON
@testable import Kubernetes
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

  @Test func `a key from the future verifies, and neither signs nor stops rotation`() throws {
    let now: Int64 = 1_790_000_000
    let ahead = ("4000000000", Self.key(9))
    let alone = KeyRing(secret: Self.secret([ahead]))
    #expect(alone.isDue(at: now))
    #expect(alone.seal(at: now)?.keyID == "4000000000")
    #expect(alone.kept(at: now).map(\.id) == ["4000000000"])
    let both = KeyRing(secret: Self.secret([ahead, ("1790000000", Self.key(1))]))
    #expect(!both.isDue(at: now))
    #expect(both.isDue(at: now + KeyRing.period))
    #expect(both.seal(at: now)?.keyID == "1790000000")
    #expect(both.ahead(of: now).map(\.id) == ["4000000000"])
    let full = KeyRing(secret: Self.secret([ahead] + (1...4).map { ("179000000\($0)", Self.key($0)) }))
    #expect(full.kept(at: now + 10).map(\.id) == ["1790000002", "1790000003", "1790000004"])
    #expect(KeyRing(secret: Self.secret([("1790000100", Self.key(1))])).ahead(of: now).isEmpty)
  }

  @Test func `keys of which nothing was heard for two minutes sign nothing`() throws {
    let now = ContinuousClock.now
    let ring = KeyRing(secret: Self.secret([("1790000000", Self.key(1))]))
    var view = KeyRingView(ring: ring, standing: ReflectorStanding(), namespace: "clonegate")
    #expect(view.problem(at: now)?.contains("clonegate/clonegate-keys: not listed yet") == true)
    func signs(after pause: Duration) -> Bool {
      if case .with = view.stamping(at: 1_790_000_000, now: now + pause) { true } else { false }
    }
    view.standing.listed(at: now, until: now)
    view.standing.watching(at: now)
    #expect(signs(after: .seconds(120)) && view.problem(at: now + .seconds(120)) == nil)
    #expect(!signs(after: .seconds(121)))
    #expect(view.problem(at: now + .seconds(121))?.contains("nothing heard for 121 s") == true)
    view.ring = nil
    #expect(!signs(after: .zero) && view.problem(at: now)?.contains("holds no key") == true)
  }

  @Test func `keys whose watch is broken are asked for before anything is accepted by them`() {
    let now = ContinuousClock.now
    var view = KeyRingView(ring: nil, standing: ReflectorStanding(), namespace: "clonegate")
    #expect(!view.isWatched(at: now))
    view.standing.listed(at: now, until: now)
    view.standing.watching(at: now)
    #expect(view.isWatched(at: now + .seconds(120)) && !view.isWatched(at: now + .seconds(121)))
    view.standing.unwatched(since: now)
    #expect(view.isWatched(at: now + .seconds(5)) && !view.isWatched(at: now + .seconds(6)))
  }
}
