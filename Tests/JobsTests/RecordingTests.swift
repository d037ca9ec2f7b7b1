import JSON
import Testing

@testable import Jobs

@Suite struct `Recording a clone` {
  let data = TemporaryDirectory()

  @Test func `a repeat adds no job`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    let request = CloneRequest.sample("a")
    #expect(try await journal.record([request]) == [Recorded(key: request.key, outcome: .new)])
    #expect(try await journal.record([request]) == [Recorded(key: request.key, outcome: .already)])
    #expect(try await journal.jobs().map(\.key) == [request.key])
  }

  @Test func `what was accepted comes back unchanged after the file was closed`() async throws {
    var request = CloneRequest.sample("a", owner: .init(kind: "VirtualMachine", name: "vm", uid: "vm-1"))
    request.terms.accessModes = ["ReadWriteOnce", "ReadOnlyMany"]
    request.terms.preallocation = true
    request.terms.volumeMode = .block
    request.terms.contentType = .archive
    do {
      let journal = try Journal.open(directory: data.path)
      _ = try await journal.record([request])
      journal.close()
    }
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    let job = try #require(try await journal.job(key: request.key))
    #expect(job.terms == request.terms)
    #expect(job.step == .accepted && job.phase == .pending && job.progressText == "N/A")
    let object = try #require(try await journal.object(DataVolume.name(of: request.terms)))
    #expect(object.json == request.object && object.uid == request.key && object.ownerUID == "vm-1")
  }

  @Test func `thirty writers in two processes' worth of journals make exactly one job each`() async throws {
    let journals = [try Journal.open(directory: data.path), try Journal.open(directory: data.path)]
    defer { for journal in journals { journal.close() } }
    let outcomes = try await withThrowingTaskGroup(of: [Recorded].self) { group in
      for writer in 0..<30 {
        for number in 0..<20 {
          // Every request is sent by three of the writers, through both journals.
          let request = CloneRequest.sample("dv-\((writer % 10) * 20 + number)")
          group.addTask { try await journals[writer % 2].record([request]) }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(outcomes.count == 600)
    #expect(outcomes.count { $0.outcome == .new } == 200)
    #expect(outcomes.count { $0.outcome == .already } == 400)
    #expect(try await Set(journals[0].jobs().map(\.key)).count == 200)
    #expect(try await journals[1].jobs().count == 200)
    #expect(try await journals[1].objects(kind: "DataVolume").count == 200)
  }

  @Test func `another DataVolume of the same name is a conflict and leaves the first alone`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    let first = CloneRequest.sample("a", uid: "one")
    let second = CloneRequest.sample("a", uid: "two")
    _ = try await journal.record([first], object: StoredObject(first.object))
    await #expect { try await journal.record([second], object: StoredObject(second.object)) } throws: {
      ($0 as? JournalError)?.code == .conflict
    }
    #expect(try await journal.record([second]) == [Recorded(key: "two", outcome: .taken(by: "one"))])
    #expect(try await journal.jobs().map(\.key) == ["one"])
  }

  @Test func `a DataVolume that was deleted and made again gets a job of its own`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    _ = try await journal.record([.sample("a", uid: "one")])
    try await journal.delete(ObjectName(kind: "DataVolume", namespace: "target", name: "a"))
    #expect(try await journal.record([.sample("a", uid: "two")]) == [Recorded(key: "two", outcome: .new)])
    #expect(try await journal.jobs().map(\.key) == ["two"])
    #expect(try await journal.jobs(JobFilter(includesRemoved: true)).map(\.key) == ["one", "two"])
  }

  @Test func `a late repeat of a deleted DataVolume's request does not bring it back`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    let request = CloneRequest.sample("a", uid: "one")
    _ = try await journal.record([request])
    try await journal.delete(DataVolume.name(of: request.terms))
    #expect(try await journal.record([request]) == [Recorded(key: "one", outcome: .already)])
    #expect(try await journal.jobs().isEmpty)
    #expect(try await journal.objects().isEmpty)
  }

  @Test func `a key made of names can be used again after a deletion`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    var request = CloneRequest.sample("a")
    request.key = "target/a"
    request.object = ["kind": "DataVolume", "metadata": ["name": "a", "namespace": "target"]]
    #expect(try await journal.record([request]).first?.outcome == .new)
    #expect(try await journal.record([request]).first?.outcome == .already)
    let first = try await journal.job(key: "target/a")?.uid
    try await journal.delete(DataVolume.name(of: request.terms))
    #expect(try await journal.record([request]).first?.outcome == .new)
    let second = try await journal.job(key: "target/a")?.uid
    #expect(first?.isEmpty == false && second?.isEmpty == false && first != second)
  }

  @Test func `a VirtualMachine and all its templates are recorded together`() async throws {
    let journal = try Journal.open(directory: data.path)
    defer { journal.close() }
    let owner = CloneTerms.Owner(kind: "VirtualMachine", name: "vm", uid: "vm-1")
    let machine: JSONValue = [
      "kind": "VirtualMachine", "metadata": ["name": "vm", "namespace": "target", "uid": "vm-1"],
    ]
    _ = try await journal.record([.sample("used", uid: "other")])
    var templates = ["root", "used"].map { CloneRequest.sample($0, uid: "vm-1/\($0)", owner: owner) }
    templates[0].object = ["kind": "DataVolume", "metadata": ["name": "root", "namespace": "target"]]
    let recorded = try await journal.record(templates, object: StoredObject(machine))
    #expect(recorded.map(\.outcome) == [.new, .taken(by: "other")])
    #expect(
      try await journal.object(ObjectName(kind: "VirtualMachine", namespace: "target", name: "vm")) != nil)
    let root = try #require(
      try await journal.object(ObjectName(kind: "DataVolume", namespace: "target", name: "root")))
    #expect(root.ownerUID == "vm-1" && !root.uid.isEmpty && root.json["metadata"]?["uid"]?.string == root.uid)
  }

  @Test func `a closed journal refuses instead of waiting`() async throws {
    let journal = try Journal.open(directory: data.path)
    journal.close()
    await #expect { try await journal.record([.sample("a")]) } throws: {
      ($0 as? JournalError)?.code == .closed
    }
    await #expect { try await journal.jobs() } throws: { ($0 as? JournalError)?.code == .closed }
  }
}
