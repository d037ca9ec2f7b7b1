import HTTP
import JSON
import Synchronization
import RealCluster
import Testing

@testable import Kubernetes

/// Against the real API server. In one suite with all others that need it, so that none is killed under
/// another's feet.
extension ClientTests {
  private func reflector(
    _ client: KubernetesClient, in space: String, _ mirror: Mirror, of type: ResourceType = .configMaps,
    timing: ReflectorTiming = .init(), gate: Gate = Gate()
  ) -> Reflector<Void> {
    let chance = ReflectorChance(
      random: { 0.5 },
      pause: { _ in
        try await Task.sleep(for: .milliseconds(20))
        try await gate.pass()
      })
    return Reflector(
      type, in: space, client: client, timing: timing, chance: chance, project: { _ in () },
      sink: { mirror.apply($0) })
  }

  private func truth(_ client: KubernetesClient, _ space: String) async throws -> [String: String] {
    let list = try await client.list(.configMaps, in: space)
    return Dictionary(
      uniqueKeysWithValues: list.items.map { item in
        let metadata = item["metadata"]
        return ("\(space)/\(metadata?["name"]?.string ?? "")", metadata?["resourceVersion"]?.string ?? "")
      })
  }

  private func make(_ name: String, _ client: KubernetesClient, in space: String) async throws {
    _ = try await client.create(.configMaps, ["metadata": ["name": .string(name)]], in: space)
  }

  @Test func `a reflector follows what is added, changed and deleted`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    try await make("before", client, in: space)
    let reflector = reflector(client, in: space, mirror)
    #expect(reflector.current.age() == nil)
    let task = Task { await reflector.run() }
    #expect(await eventually { reflector.current.watches == 1 })
    #expect(mirror.versions["\(space)/before"] != nil)
    for name in ["a", "b", "c"] { try await make(name, client, in: space) }
    _ = try await client.patch(.configMaps, "a", in: space, .merge(["data": ["k": "v"]]))
    _ = try await client.delete(.configMaps, "b", in: space)
    let truth = try await truth(client, space)
    #expect(await eventually { mirror.versions == truth })
    #expect(mirror.mistakes.isEmpty && reflector.current.lists == 1)
    #expect(try #require(reflector.current.age()) < .seconds(60))
    task.cancel()
    await task.value
    await client.close()
  }

  /// Whoever may create an object may write anything into its managedFields, and the API server keeps it:
  /// levels that no decoder of ours would take, and bytes that are no UTF-8.
  @Test func `one user's managedFields blind nobody to the others`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    func make(_ name: String, _ fields: [UInt8]) async throws {
      let head =
        #"{"metadata":{"name":"\#(name)","managedFields":[{"manager":"m","operation":"Update","#
        + #""apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":"#
      _ = try await client.object(
        APIRequest(
          method: "POST", path: "/api/v1/namespaces/\(space)/configmaps", contentType: APIRequest.json,
          body: Array(head.utf8) + fields + Array("}]}}".utf8)), nil)
    }
    func nested(_ levels: Int) -> [UInt8] {
      Array(
        (String(repeating: #"{"f:a":"#, count: levels) + "{}" + String(repeating: "}", count: levels)).utf8)
    }
    let strange = Array(#"{"f:"#.utf8) + [0xFF, 0xFE] + Array(#"":{}}"#.utf8)
    try await make("deep-listed", nested(300))
    try await make("strange-listed", strange)
    let reflector = reflector(client, in: space, mirror)
    let task = Task { await reflector.run() }
    #expect(await eventually { reflector.current.watches == 1 })
    try await make("deep-watched", nested(300))
    try await make("strange-watched", strange)
    try await self.make("last", client, in: space)
    #expect(await eventually { mirror.versions["\(space)/last"] != nil })
    #expect(mirror.versions.keys.filter { $0.hasSuffix("ed") }.count == 4)
    #expect(reflector.current.failures == 0 && reflector.current.lists == 1)
    // What reads as null is still there after an update.
    _ = try await client.update(.configMaps, "deep-listed", in: space) { $0["data"] = ["a": "b"] }
    let raw = try await client.connection.send(
      APIRequest(method: "GET", path: "/api/v1/namespaces/\(space)/configmaps/deep-listed"), within: nil)
    #expect(String(decoding: raw.body, as: UTF8.self).contains(#"{"f:a":{"f:a":{"f:a":"#))
    task.cancel()
    await task.value
    await client.close()
  }

  /// What is sent as protobuf may hold names that are no UTF-8. The API server keeps two that differ apart,
  /// and writes both as the one character for what is none.
  @Test func `nor do names of one user's that come out alike`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    func make(_ name: String, twice: Bool) async throws -> JSONValue {
      try await client.object(
        APIRequest(
          method: "POST", path: "/api/v1/namespaces/\(space)/pods",
          contentType: "application/vnd.kubernetes.protobuf",
          body: Self.pod(name, attributes: [[0xFF], twice ? [0xFE] : [0x61]])), nil)
    }
    #expect(try await make("listed", twice: true)["metadata"]?["name"] == "listed")
    let reflector = reflector(client, in: space, mirror, of: .pods)
    let task = Task { await reflector.run() }
    #expect(await eventually(within: .seconds(10)) { reflector.current.watches == 1 })
    _ = try await make("watched", twice: true)
    _ = try await make("last", twice: false)
    #expect(await eventually(within: .seconds(10)) { mirror.versions["\(space)/last"] != nil })
    #expect(mirror.versions.count == 3 && reflector.current.failures == 0 && reflector.current.lists == 1)
    // Else it proves nothing: the server does say the name twice.
    let raw = try await client.connection.send(
      APIRequest(method: "GET", path: "/api/v1/namespaces/\(space)/pods/listed"), within: nil)
    #expect(throws: JSONError.self) { try JSONDocument(parsing: raw.body) }
    task.cancel()
    await task.value
    await client.close()
  }

  /// The API server writes `<` as `\u003c`, so that what it was sent in 1.2 MB it says in 7.2 MB.
  @Test func `nor do objects that are said in six times their size`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    let text = String(repeating: "<", count: 1_000_000)
    func make(_ name: String) async throws {
      _ = try await client.create(
        .configMaps, ["metadata": ["name": .string(name)], "data": ["text": .string(text)]], in: space)
    }
    for index in 1...6 { try await make("listed-\(index)") }
    let reflector = reflector(client, in: space, mirror)
    let task = Task { await reflector.run() }
    #expect(await eventually { reflector.current.watches == 1 })
    try await make("watched")
    try await self.make("last", client, in: space)
    #expect(await eventually(within: .seconds(20)) { mirror.versions["\(space)/last"] != nil })
    #expect(mirror.versions.count >= 8 && reflector.current.failures == 0 && reflector.current.lists == 1)
    task.cancel()
    await task.value
    await client.close()
  }

  /// A Pod with an inline CSI volume that has these attributes, as protobuf.
  private static func pod(_ name: String, attributes: [[UInt8]]) -> [UInt8] {
    func field(_ number: UInt8, _ value: [UInt8]) -> [UInt8] {
      let tag = Int(number) << 3 | 2
      return varint(tag) + varint(value.count) + value
    }
    func varint(_ number: Int) -> [UInt8] {
      number < 128 ? [UInt8(number)] : [UInt8(number & 127 | 128)] + varint(number >> 7)
    }
    func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
    let csi = field(1, "csi.example.com") + attributes.flatMap { field(4, field(1, $0) + field(2, "x")) }
    let volume = field(1, "v") + field(2, field(28, csi))
    let container = field(1, "c") + field(2, "image")
    let pod = field(1, field(1, name)) + field(2, field(1, volume) + field(2, container))
    return Array("k8s\0".utf8) + field(1, field(1, "v1") + field(2, "Pod")) + field(2, pod)
  }

  @Test func `watches that end are taken up where they ended`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    var timing = ReflectorTiming()
    timing.shortestWatch = .seconds(1)
    // Watches that hear nothing, because this machine does nothing for a while, make it list anew.
    timing.doubtAfter = 1_000
    let reflector = reflector(client, in: space, mirror, timing: timing)
    let task = Task { await reflector.run() }
    var index = 0
    while reflector.current.watches < 4 {
      try await make("c-\(index)", client, in: space)
      index += 1
      try await Task.sleep(for: .milliseconds(30))
    }
    let truth = try await truth(client, space)
    #expect(await eventually { mirror.versions == truth })
    #expect(truth.count >= index && mirror.mistakes.isEmpty && reflector.current.lists == 1)
    task.cancel()
    await task.value
    await client.close()
  }

  @Test func `a silent connection is given up and nothing is lost`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    var timing = ReflectorTiming()
    timing.silence = .milliseconds(200)
    timing.doubtAfterSilences = 1000
    let reflector = reflector(client, in: space, mirror, timing: timing)
    let task = Task { await reflector.run() }
    #expect(await eventually { reflector.current.watches >= 3 })
    #expect(reflector.current.failures == 0)
    try await make("late", client, in: space)
    #expect(await eventually { mirror.versions["\(space)/late"] != nil })
    #expect(mirror.mistakes.isEmpty && reflector.current.lists == 1)
    task.cancel()
    await task.value
    await client.close()
  }

  @Test func `a compaction of etcd while the watch is down leads to a new list and the true state`()
    async throws
  {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let mirror = Mirror(), gate = Gate()
    for name in ["stays", "changes", "goes"] { try await make(name, client, in: space) }
    let reflector = reflector(client, in: space, mirror, gate: gate)
    let task = Task { await reflector.run() }
    #expect(await eventually { reflector.current.watches == 1 && mirror.versions.count >= 3 })
    gate.close()
    server.killServer()
    #expect(await eventually { gate.waiting == 1 })
    try server.startServer()
    try await server.waitUntilReady()
    _ = try await client.patch(.configMaps, "changes", in: space, .merge(["data": ["k": "v"]]))
    _ = try await client.delete(.configMaps, "goes", in: space)
    try await make("comes", client, in: space)
    try await server.compact()
    server.killServer()
    try server.startServer()
    try await server.waitUntilReady()
    gate.open()
    let truth = try await truth(client, space)
    #expect(await eventually { mirror.versions == truth })
    #expect(truth["\(space)/goes"] == nil && truth["\(space)/comes"] != nil)
    #expect(await eventually { reflector.current.lists >= 2 && reflector.current.failures >= 1 })
    #expect(mirror.mistakes.isEmpty)
    task.cancel()
    await task.value
    await client.close()
  }

  @Test func `the API server dies twice under watches and writes, and the end is the truth`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client), mirror = Mirror()
    let reflector = reflector(client, in: space, mirror)
    let task = Task { await reflector.run() }
    let written = Tally()
    let writer = Task {
      for index in 0... {
        guard !Task.isCancelled else { return }
        if (try? await make("w-\(index)", client, in: space)) != nil { written.add() }
        if index.isMultiple(of: 3) { _ = try? await client.delete(.configMaps, "w-\(index)", in: space) }
        try? await Task.sleep(for: .milliseconds(2))
      }
    }
    for round in 1...2 {
      #expect(await eventually { written.value >= 20 * round })
      server.killServer()
      try await Task.sleep(for: .milliseconds(200))
      try server.startServer()
      try await server.waitUntilReady()
    }
    #expect(await eventually { written.value >= 60 })
    writer.cancel()
    await writer.value
    // A write that was called off may still arrive.
    #expect(try await eventually { try await truth(client, space) == mirror.versions })
    #expect(mirror.versions.count > 20)
    #expect(mirror.mistakes.isEmpty, "\(mirror.mistakes.prefix(5))")
    task.cancel()
    await task.value
    await client.close()
  }
}
