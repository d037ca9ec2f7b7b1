import JSON
import RealCluster
import Testing

@testable import Kubernetes

@Suite struct EventTests {
  private func event(_ message: String = "why", name: String = "vm-disk") -> ObjectEvent {
    ObjectEvent(
      .warning, "CloneNotAccepted",
      on: .init(
        apiVersion: "cdi.kubevirt.io/v1beta1", kind: "DataVolume", namespace: "team-a", name: name,
        uid: "u1"),
      message)
  }
  private func time(_ seconds: Int64) -> MicroTime { MicroTime(microseconds: seconds * 1_000_000) }

  @Test func `the same event is counted and another is new`() {
    var series = EventSeries(component: "clonegate-control", instance: "pod-1")
    guard case .create(let body, let name, "team-a") = series.take(event(), at: time(1000)) else {
      Issue.record("not created")
      return
    }
    #expect(body["metadata"]?["name"]?.string == name && name.hasPrefix("vm-disk."))
    let patch: JSONValue = ["count": 2, "lastTimestamp": "1970-01-01T00:20:00Z"]
    #expect(series.take(event(), at: time(1200)) == .count(patch, name: name, namespace: "team-a"))
    guard case .create(_, let other, _) = series.take(event("other"), at: time(1200)) else {
      Issue.record("not created")
      return
    }
    #expect(other != name)
    guard case .create = series.take(event(), at: time(1200 + EventSeries.window + 1)) else {
      Issue.record("too old to be counted on")
      return
    }
  }

  @Test func `an object that makes too many loses them, and others do not`() {
    var series = EventSeries(component: "c", instance: "i")
    let kept = (0..<100).filter { series.take(event("\($0)"), at: time(0)) != .drop }
    #expect(kept == Array(0..<25))
    var other = event().object
    other.uid = "u2"
    #expect(series.take(ObjectEvent(.normal, "R", on: other, "m"), at: time(0)) != .drop)
    #expect(series.take(event("later"), at: time(301)) != .drop)
    #expect(series.take(event("later still"), at: time(302)) == .drop)
  }

  @Test func `a message is one bounded line`() {
    #expect(event("a\r\n\u{1b}[31mb\u{202e}").message == "a   [31mb")
    let long = event(String(repeating: "盘", count: 1000)).message
    #expect(long.utf8.count <= 1024 && long.utf8.count > 1015 && long.hasSuffix("…"))
  }

  @Test func `a name stays within what a name may be`() {
    var series = EventSeries(component: "c", instance: "i")
    let long = event(name: String(repeating: "x", count: 253))
    guard case .create(_, let name, _) = series.take(long, at: .now) else {
      Issue.record("not created")
      return
    }
    #expect(name.count == 253)
  }
}

/// Against the real API server; see `ReflectorTests` for why it is one suite.
extension ClientTests {
  @Test func `events arrive, are counted, and are told anew when they expired`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let claim = try await client.create(.configMaps, ["metadata": ["name": "disk"]], in: space)
    let object = ObjectEvent.Reference(
      apiVersion: "v1", kind: "ConfigMap", namespace: space, name: "disk",
      uid: claim["metadata"]?["uid"]?.string ?? "")
    let recorder = EventRecorder(client: client, component: "clonegate-control", instance: "pod-1")
    let event = ObjectEvent(.warning, "CloneNotAccepted", on: object, "用户 bob 无权克隆\n source/disk")
    for _ in 0..<3 { recorder.record(event) }
    let running = Task { await recorder.run() }
    func stored() async throws -> [JSONValue] {
      try await client.list(.events, in: space, selector: .init(fields: "involvedObject.name=disk")).items
    }
    #expect(try await eventually { try await stored().first?["count"] == 3 })
    let first = try #require(try await stored().first)
    #expect(first["message"] == "用户 bob 无权克隆  source/disk" && first["type"] == "Warning")
    #expect(first["reportingComponent"] == "clonegate-control")
    _ = try await client.delete(.events, first["metadata"]?["name"]?.string ?? "", in: space)
    recorder.record(event)
    #expect(try await eventually { try await stored().map { $0["count"] } == [1] })
    #expect(recorder.dropped == 0)
    running.cancel()
    await running.value
    await client.close()
  }

  @Test func `recording never waits, and what is lost is counted`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(token: "no-such-token")
    let recorder = EventRecorder(client: client, component: "c", instance: "i")
    let object = ObjectEvent.Reference(
      apiVersion: "v1", kind: "Pod", namespace: "default", name: "p", uid: "u")
    for index in 0..<1500 { recorder.record(ObjectEvent(.normal, "R", on: object, "\(index)")) }
    #expect(recorder.dropped == 500)
    let running = Task { await recorder.run() }
    #expect(await eventually { recorder.dropped == 1500 })
    running.cancel()
    await running.value
    await client.close()
  }
}
