import JSON
import Jobs
import Testing

@testable import clonegate

/// What `get` and `watch` make of the journal.
@Suite struct `The catalog` {
  private let home: TemporaryDirectory
  private let journal: Journal

  init() throws {
    home = try TemporaryDirectory()
    journal = try Journal.open(directory: home.path + "/data")
  }

  private func record(_ name: String, owner: CloneTerms.Owner? = nil) async throws {
    let terms = CloneTerms(
      namespace: "target", name: name, sourceNamespace: "gold", sourceName: "disk", requestedBytes: 1 << 30,
      accessModes: ["ReadWriteOnce"], owner: owner, requester: "alice")
    let object: JSONValue = [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
      "metadata": ["name": .string(name), "namespace": "target", "managedFields": [[:]]],
    ]
    _ = try await journal.record([CloneRequest(key: "key-\(name)", terms: terms, object: object)])
  }

  private func storeMachine(_ templates: String...) async throws {
    let machine: JSONValue = [
      "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
      "metadata": ["name": "vm", "namespace": "target", "uid": "u-1"],
      "spec": ["dataVolumeTemplates": .array(templates.map { ["metadata": ["name": .string($0)]] })],
    ]
    try await journal.store(try #require(StoredObject(machine)))
  }

  private func view(_ kind: ObjectKind, _ name: String) async throws -> JSONValue {
    let catalog = try await ObjectCatalog.read(journal, nil)
    return try #require(catalog.views(kind).first { $0.name == name }).json
  }

  @Test func `a new clone is pending, not ready, and its claim is not bound`() async throws {
    try await record("copy")
    let status = try await view(.dataVolume, "copy")["status"]
    #expect(status?["phase"] == "Pending" && status?["progress"] == "N/A")
    let ready = status?["conditions"]?.array?.first { $0["type"] == "Ready" }
    #expect(ready?["status"] == "False")
    #expect(try await view(.dataVolume, "copy")["metadata"]?["managedFields"] == nil)
    let claim = try await view(.claim, "copy")
    #expect(claim["status"]?["phase"] == "Pending")
    #expect(claim["metadata"]?["ownerReferences"]?.array?.first?["name"] == "copy")
  }

  @Test func `a volume that a claim names is bound to it`() async throws {
    let path = home.path + "/objects"
    try home.write(
      "objects/a.yaml",
      """
      {apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {local: {path: /dev/x}}}
      ---
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: disk, namespace: gold}
      spec: {volumeName: pv}
      """)
    let catalog = try await ObjectCatalog.read(nil, StandaloneDirectory(path: path))
    let volume = try #require(catalog.views(.volume).first).json
    #expect(volume["status"]?["phase"] == "Bound")
    #expect(volume["spec"]?["claimRef"]?["name"] == "disk")
  }

  @Test func `a machine waits for its disks and tells when one failed`() async throws {
    try await storeMachine("root", "data")
    try await record("root", owner: CloneTerms.Owner(kind: "VirtualMachine", name: "vm", uid: "u-1"))
    #expect(try await view(.virtualMachine, "vm")["status"]?["printableStatus"] == "Provisioning")
    try await journal.cancel(key: "key-root")
    #expect(try await view(.virtualMachine, "vm")["status"]?["printableStatus"] == "DataVolumeError")
  }

  @Test func `a machine without templates has all its disks`() async throws {
    try await storeMachine()
    #expect(try await view(.virtualMachine, "vm")["status"]?["printableStatus"] == "Stopped")
  }

  @Test func `watching ends badly when a copy did not end well`() async throws {
    try await record("copy")
    try await journal.cancel(key: "key-copy")
    let watch = JobWatch(journal: journal, namespace: nil, names: [], display: .json, timeout: 5)
    #expect(try await watch.follow() == false)
  }

  @Test func `watching what never was is an error, and so is the end of patience`() async throws {
    let unknown = JobWatch(journal: journal, namespace: nil, names: ["copy"], display: .lines, timeout: nil)
    await #expect(throws: CommandFailure.self) { try await unknown.follow() }
    try await record("copy")
    let impatient = JobWatch(journal: journal, namespace: nil, names: [], display: .json, timeout: 0.01)
    await #expect(throws: CommandFailure.self) { try await impatient.follow() }
  }

  @Test func `a job tells programs everything`() async throws {
    try await record("copy")
    let json = try #require(try await journal.job(key: "key-copy")).json
    #expect(json["namespace"] == "target" && json["name"] == "copy")
    #expect(json["source"] == ["namespace": "gold", "name": "disk"])
    #expect(json["phase"] == "Pending" && json["step"] == "accepted" && json["ended"] == false)
    #expect(json["bytes"]?["total"] == 0 && json["bytes"]?["secondsLeft"] == .null)
  }
}
