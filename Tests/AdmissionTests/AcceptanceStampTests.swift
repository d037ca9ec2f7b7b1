import Admission
import Foundation
import JSON
import Testing

/// A stamp is made at /mutate and read from the stored object; nothing but that very object bears it.
@Suite struct AcceptanceStampTests {
  static let key = Array("a key for tests".utf8)
  static let time: Int64 = 1_790_000_000

  /// No cryptography: these tests are about what the code covers.
  static func code(_ bytes: [UInt8], key: [UInt8] = Self.key) -> [UInt8] {
    var sums = [UInt64](repeating: 0xcbf2_9ce4_8422_2325, count: 4)
    for (index, byte) in (key + bytes).enumerated() {
      sums[index % 4] = (sums[index % 4] ^ UInt64(byte)) &* 0x100_0000_01b3
      sums[(index + 1) % 4] &+= sums[index % 4]
    }
    return sums.flatMap { sum in (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) } }
  }

  static func judge(_ yaml: String = "") throws -> Judge {
    try World.judge(yaml).stamping(
      .with(AcceptanceSeal(keyID: "1", time: time) { code($0) }))
  }

  /// An object as it is stored after its creation was mutated: with the patch's annotation, and a name.
  static func stored(
    _ judge: Judge, _ object: JSONValue, name: String? = nil, user: String = "alice"
  ) throws -> JSONValue {
    let answer = try Answer(judge.mutate(try review(object, user: user)))
    var stored = object
    for step in answer.patch ?? [] {
      guard let path = step["path"] as? String, path.hasPrefix("/metadata/annotations") else { continue }
      switch (step["op"] as? String, step["value"]) {
      case ("remove", _): stored["metadata"]?["annotations"]?[AcceptanceStamp.annotation] = nil
      case (_, let text as String):
        stored["metadata"]?["annotations"]?[AcceptanceStamp.annotation] = .string(text)
      case (_, let map as [String: String]):
        stored["metadata"]?["annotations"] = .object(
          map.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) })
      default: Issue.record("a step that nobody expected: \(step)")
      }
    }
    if let name { stored["metadata"]?["name"] = .string(name) }
    return stored
  }

  static func review(_ object: JSONValue, user: String = "alice", old: JSONValue = .null) throws -> [UInt8] {
    let review: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "request": [
        "uid": "u", "operation": old.isNull ? "CREATE" : "UPDATE", "namespace": "target",
        "name": object["metadata"]?["name"] ?? "",
        "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
        "userInfo": ["username": .string(user)], "object": object, "oldObject": old,
      ],
    ]
    return review.bytes
  }

  static let clone: JSONValue = [
    "metadata": ["name": "disk", "namespace": "target"],
    "spec": ["source": ["pvc": ["name": "golden", "namespace": "target"]], "storage": [:]],
  ]

  static func check(
    _ object: JSONValue, created: Int64 = time + 1, keys: [String: [UInt8]] = ["1": key]
  ) -> AcceptanceCheck {
    AcceptanceCheck(of: JSONNode(object), created: created) { id, covered, code in
      keys[id].map { Self.code(covered, key: $0) == code }
    }
  }

  static func isValid(_ check: AcceptanceCheck) -> Bool {
    if case .valid = check { true } else { false }
  }

  @Test func `an accepted clone is stamped for what it is`() throws {
    let stored = try Self.stored(try Self.judge(), Self.clone)
    guard case .valid(let stamp) = Self.check(stored) else {
      Issue.record("\(Self.check(stored))")
      return
    }
    #expect(stamp.requester == "alice")
    #expect(stamp.time == Self.time)
    #expect(stamp.source == CloneSource(namespace: "target", name: "golden"))
    #expect(stamp.namespace == "target")
    #expect(stamp.target == .name("disk"))
    #expect(stamp.reference == nil)
  }

  @Test func `a stamp that a user brings is replaced, and taken from what is no clone`() throws {
    var brought = Self.clone
    brought["metadata"]?["annotations"] = ["a": "b", "clonegate.dev/accepted": "v1 00 {}"]
    let stored = try Self.stored(try Self.judge(), brought)
    #expect(Self.isValid(Self.check(stored)))
    #expect(stored["metadata"]?["annotations"]?["a"] == "b")
    brought["spec"]?["source"] = ["blank": [:]]
    let blank = try Self.stored(try Self.judge(), brought)
    #expect(Self.check(blank) == .absent)
    #expect(blank["metadata"]?["annotations"]?["a"] == "b")
  }

  @Test func `nothing is stamped where nobody looks`() throws {
    let answer = try Answer(try World.judge("").mutate(try Self.review(Self.clone)))
    #expect(answer.allowed == true)
    #expect(answer.patch?.contains { ($0["path"] as? String)?.contains("annotations") == true } != true)
  }

  @Test func `without a key nothing is accepted that would have to be stamped`() throws {
    let judge = try World.judge("").stamping(.keyless)
    let answer = try Answer(judge.mutate(try Self.review(Self.clone)))
    #expect(answer.allowed == false)
    #expect(answer.code == 503)
    #expect(answer.message.contains("no key to stamp it"))
    var blank = Self.clone
    blank["spec"]?["source"] = ["blank": [:]]
    #expect(try Answer(judge.mutate(try Self.review(blank))).allowed == true)
  }

  /// Its review would be somebody else's, and nothing would replace the stamp.
  @Test func `nothing is stamped for which the API server does not ask`() throws {
    let seal = AcceptanceSeal(keyID: "1", time: Self.time) { Self.code($0) }
    let namespace = try #require(Self.clone["metadata"]?["namespace"]?.string)
    for stamping in [Stamping.unasked, .with(seal, isAsked: { $0 != namespace })] {
      let answer = try Answer(try World.judge("").stamping(stamping).mutate(try Self.review(Self.clone)))
      #expect(answer.allowed == false && answer.code == 503 && answer.patch == nil)
      #expect(answer.message.contains("send nothing from this namespace"))
    }
    let elsewhere = try World.judge("").stamping(.with(seal, isAsked: { $0 == namespace }))
    #expect(try Answer(elsewhere.mutate(try Self.review(Self.clone))).allowed == true)
  }

  /// Each change of a stored object after which its stamp is nobody's.
  static let forgeries: [(String, @Sendable (inout JSONValue) -> Void)] = [
    ("another namespace", { $0["metadata"]?["namespace"] = "other" }),
    ("another name", { $0["metadata"]?["name"] = "disk2" }),
    ("another source", { $0["spec"]?["source"]?["pvc"]?["name"] = "secret" }),
    ("another source namespace", { $0["spec"]?["source"]?["pvc"]?["namespace"] = "vault" }),
    ("another kind of source", { $0["spec"]?["source"] = ["snapshot": ["name": "golden"]] }),
    ("no source at all", { $0["spec"]?["source"] = nil }),
    (
      "a reference instead of the source",
      {
        $0["spec"]?["source"] = nil
        $0["spec"]?["sourceRef"] = ["kind": "DataSource", "name": "golden"]
      }
    ),
  ]

  @Test(arguments: forgeries.indices) func `a stamp on another object is none`(_ index: Int) throws {
    var stored = try Self.stored(try Self.judge(), Self.clone)
    Self.forgeries[index].1(&stored)
    guard case .invalid = Self.check(stored) else {
      Issue.record("\(Self.forgeries[index].0): \(Self.check(stored))")
      return
    }
  }

  @Test func `every byte of the text counts`() throws {
    let stored = try Self.stored(try Self.judge(), Self.clone)
    let text = Array(stored["metadata"]?["annotations"]?[AcceptanceStamp.annotation]?.string?.utf8 ?? "".utf8)
    #expect(text.count > 100)
    for index in text.indices {
      var forged = text
      forged[index] = forged[index] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
      var object = stored
      object["metadata"]?["annotations"]?[AcceptanceStamp.annotation] = .string(
        String(decoding: forged, as: UTF8.self))
      #expect(!Self.isValid(Self.check(object)), "byte \(index)")
    }
  }

  static let ages: [(Int64, Bool)] = [
    (-299, true), (0, true), (299, true), (-301, false), (301, false), (.max / 2, false),
  ]

  @Test(arguments: ages)
  func `an old stamp on a new object is a copy`(_ offset: Int64, _ valid: Bool) throws {
    let stored = try Self.stored(try Self.judge(), Self.clone)
    #expect(Self.isValid(Self.check(stored, created: Self.time + offset)) == valid)
    #expect(!Self.isValid(Self.check(stored, created: .min)))
  }

  @Test func `a stamp of another time is refused with both times, and with what else it may be`() throws {
    let check = Self.check(try Self.stored(try Self.judge(), Self.clone), created: Self.time - 3600)
    guard case .invalid(let why) = check else {
      Issue.record("\(check)")
      return
    }
    #expect(why.contains("given at 2026-09-21T14:13:20Z") && why.contains("made at 2026-09-21T13:13:20Z"))
    #expect(why.contains("clocks") && why.contains("within 300 s"))
  }

  @Test func `keys decide`() throws {
    let stored = try Self.stored(try Self.judge(), Self.clone)
    #expect(Self.check(stored, keys: ["2": Self.key]) == .unknownKey("1"))
    #expect(Self.check(stored, keys: ["1": Array("another".utf8)]) == .invalid("its code is not the gate's"))
    #expect(Self.isValid(Self.check(stored, keys: ["1": Self.key, "2": Array("newer".utf8)])))
  }

  @Test func `a generated name is accepted with its prefix, another is not`() throws {
    var object = Self.clone
    object["metadata"]?["name"] = nil
    object["metadata"]?["generateName"] = "disk-"
    #expect(Self.isValid(Self.check(try Self.stored(try Self.judge(), object, name: "disk-x7k2p"))))
    let others = [
      "other-x7k2p", "disk-", "disk-x7k2", "disk-x7k2pp", "disk-golden", "disk-x7k1p", "disk-X7k2p",
    ]
    for name in others {
      #expect(!Self.isValid(Self.check(try Self.stored(try Self.judge(), object, name: name))), "\(name)")
    }
    var changed = try Self.stored(try Self.judge(), object, name: "disk-x7k2p")
    changed["metadata"]?["generateName"] = "dis"
    #expect(!Self.isValid(Self.check(changed)))
    let long = String(repeating: "n", count: 70)
    object["metadata"]?["generateName"] = .string(long)
    let cut = String(long.prefix(58)) + "x7k2p"
    #expect(Self.isValid(Self.check(try Self.stored(try Self.judge(), object, name: cut))))
  }

  @Test func `of a sourceRef the disk is stamped that it stood for`() throws {
    let judge = try Self.judge(
      """
      {kind: DataSource, apiVersion: cdi.kubevirt.io/v1beta1, metadata: {name: os, namespace: target},
       spec: {source: {pvc: {name: golden, namespace: target}}}}
      """)
    var object = Self.clone
    object["spec"] = ["sourceRef": ["kind": "DataSource", "name": "os"], "storage": [:]]
    let stored = try Self.stored(judge, object)
    guard case .valid(let stamp) = Self.check(stored) else {
      Issue.record("\(Self.check(stored))")
      return
    }
    #expect(stamp.source == CloneSource(namespace: "target", name: "golden"))
    #expect(stamp.reference == NamespacedName(namespace: "target", name: "os"))
    var changed = stored
    changed["spec"]?["sourceRef"]?["name"] = "other"
    #expect(!Self.isValid(Self.check(changed)))
  }

  @Test(arguments: ["", "v1", "v1 00", "v2 00 {}", "v1 0g {}", "v1 00 {}", "v1 00 []", "v1  {}"])
  func `what is no stamp is called so`(_ text: String) {
    var object = Self.clone
    object["metadata"]?["annotations"] = [AcceptanceStamp.annotation: .string(text)]
    guard case .invalid = Self.check(object) else {
      Issue.record("\(Self.check(object))")
      return
    }
  }

  @Test func `a text of megabytes is not read`() {
    var object = Self.clone
    let text = "v1 00 {\"key\":\"" + String(repeating: "k", count: 1 << 20) + "\"}"
    object["metadata"]?["annotations"] = [AcceptanceStamp.annotation: .string(text)]
    #expect(Self.check(object) == .invalid("it is over 4096 bytes long"))
  }

  @Test func `a long requester is cut, and nothing else is lost`() throws {
    let name = String(repeating: "é", count: 5000)
    let stored = try Self.stored(try Self.judge(), Self.clone, user: name)
    #expect(Self.isValid(Self.check(stored)))
  }

  static let updates: [(String?, String?, Bool)] = [
    (nil, nil, true), ("a", "a", true), ("a", "b", false), ("a", nil, false), (nil, "a", false),
  ]

  @Test(arguments: updates)
  func `an update leaves the stamp as it is`(_ old: String?, _ new: String?, _ allowed: Bool) throws {
    func object(_ stamp: String?) -> JSONValue {
      var object = Self.clone
      object["metadata"]?["annotations"] = ["other": "x"]
      if let stamp { object["metadata"]?["annotations"]?[AcceptanceStamp.annotation] = .string(stamp) }
      return object
    }
    let answer = try Answer(try Self.judge().validate(try Self.review(object(new), old: object(old))))
    #expect(answer.allowed == allowed)
    if !allowed { #expect(answer.causes.first?.field == "metadata.annotations[clonegate.dev/accepted]") }
  }
}
