import JSON
import Testing

@testable import Jobs

@Suite struct `Deleting an object` {
  let data = TemporaryDirectory()

  /// A VirtualMachine `vm-1` with templates `root` and `extra`, one `vm-2` with `other`, an independent
  /// `alone`.
  private func populated() async throws -> Journal {
    let journal = try Journal.open(directory: data.path)
    for (machine, disks) in [("vm-1", ["root", "extra"]), ("vm-2", ["other"])] {
      let owner = CloneTerms.Owner(kind: "VirtualMachine", name: machine, uid: "uid-\(machine)")
      let object: JSONValue = [
        "kind": "VirtualMachine",
        "metadata": ["name": .string(machine), "namespace": "target", "uid": .string("uid-\(machine)")],
      ]
      _ = try await journal.record(
        disks.map { .sample($0, uid: "uid-\(machine)/\($0)", owner: owner) }, object: StoredObject(object))
    }
    _ = try await journal.record([.sample("alone")])
    return journal
  }

  static let cases: [(kind: String, name: String, deleted: Set<String>, left: Set<String>)] = [
    ("VirtualMachine", "vm-1", ["vm-1", "root", "extra"], ["other", "alone"]),
    ("VirtualMachine", "vm-2", ["vm-2", "other"], ["root", "extra", "alone"]),
    ("DataVolume", "alone", ["alone"], ["root", "extra", "other"]),
    ("DataVolume", "root", ["root"], ["extra", "other", "alone"]),
  ]

  @Test(arguments: cases)
  func `takes what it owns and nothing else`(
    kind: String, name: String, deleted: Set<String>, left: Set<String>
  ) async throws {
    let journal = try await populated()
    defer { journal.close() }
    let gone = try await journal.delete(ObjectName(kind: kind, namespace: "target", name: name))
    #expect(Set(gone.map(\.name)) == deleted && gone.first?.name == name)
    #expect(try await Set(journal.jobs().map(\.terms.name)) == left)
    #expect(try await Set(journal.objects(kind: "DataVolume").map(\.name.name)) == left)
    let condemned = try await journal.jobs(JobFilter(includesRemoved: true)).filter(\.removed)
    #expect(Set(condemned.map(\.terms.name)) == deleted.subtracting(["vm-1", "vm-2"]))
    #expect(condemned.allSatisfy { $0.cancelRequested })
  }

  @Test func `an object that owns itself is deleted once`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    let object = StoredObject(
      name: ObjectName(kind: "VirtualMachine", namespace: "n", name: "vm"), uid: "u", ownerUID: "u",
      json: .null)
    try await journal.store(object)
    #expect(try await journal.delete(object.name) == [object.name])
  }

  @Test func `a missing object and another uid are refused`() async throws {
    let journal = try await populated()
    defer { journal.close() }
    let name = ObjectName(kind: "DataVolume", namespace: "target", name: "alone")
    await #expect { try await journal.delete(name, uid: "uid-of-an-earlier-one") } throws: {
      ($0 as? JournalError)?.code == .conflict
    }
    try await journal.delete(name, uid: "uid-alone")
    await #expect { try await journal.delete(name) } throws: { ($0 as? JournalError)?.code == .notFound }
  }
}
