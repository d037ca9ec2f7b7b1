import Foundation
import JSON
import Testing

@testable import Jobs
@testable import VolumeCopy

@Suite struct `A worker that is killed` {
  private static let imageBytes = 48 << 20
  /// The least that the copy engine takes.
  private static let interval = 4 * CopyLimits.segmentBytes
  private let home: TemporaryDirectory
  private let journal: Journal
  private var data: String { home.path + "/data" }
  private var source: String { home.path + "/source/disk.img" }

  init() throws {
    home = try TemporaryDirectory()
    journal = try Journal.open(directory: home.path + "/data")
    try home.write(
      "manifests/volumes.yaml",
      """
      apiVersion: v1
      kind: PersistentVolume
      metadata: {name: source}
      spec:
        capacity: {storage: 64Mi}
        accessModes: [ReadWriteOnce]
        hostPath: {path: \(home.path)/source}
        claimRef: {namespace: images, name: golden}
      """)
    // No page of it is zero, so that what is allocated in a target is what was written there.
    var generator = SystemRandomNumberGenerator()
    let words = (0..<Self.imageBytes / 8).map { _ in generator.next() | 1 }
    try FileManager.default.createDirectory(
      atPath: home.path + "/source", withIntermediateDirectories: false)
    try words.withUnsafeBytes { Data($0) }.write(to: URL(filePath: source))
  }

  @Test(.timeLimit(.minutes(20)), arguments: [200])
  func `loses, doubles and repeats nothing, and never calls half a copy done`(kills: Int) async throws {
    try await journal.setStandaloneDirectory(home.path + "/manifests")
    var recorded = 0
    var proven: Set<String> = []
    var caught = 0
    for round in 0..<kills {
      while recorded < proven.count + 3 {
        _ = try await journal.record([request(recorded)])
        recorded += 1
      }
      let before = try await traces()
      let worker = try start()
      // Every other one dies at work, however long it takes to begin; the rest at any moment of their lives.
      if round.isMultiple(of: 2) { try await untilItWorks(since: before) }
      try await Task.sleep(for: .milliseconds(.random(in: round.isMultiple(of: 2) ? 0...150 : 20...350)))
      worker.kill()
      caught += try await inspect(&proven)
      #expect(try await journal.jobs().count == recorded - proven.count)
    }
    #expect(caught > kills / 4, "\(caught) of \(kills) kills met a copy")
    let worker = try start()
    for _ in 0..<6_000 where proven.count < recorded {
      try await Task.sleep(for: .milliseconds(50))
      _ = try await inspect(&proven)
    }
    #expect(proven.count == recorded)
    try await untilCleared()
    #expect(worker.end() == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: data + "/volumes").isEmpty)
  }

  /// What a worker changes by its work, and by nothing that goes before.
  private func traces() async throws -> [String] {
    try await journal.jobs().map { job in
      let directory = "\(data)/volumes/vms/\(job.terms.name)"
      let isPublished = FileManager.default.fileExists(atPath: directory + "/disk.img")
      return "\(job.key) \(bytesWritten(in: directory) ?? 0) \(isPublished) \(job.step == .reported)"
    }
  }

  private func untilItWorks(since before: [String]) async throws {
    for _ in 0..<12_000 {
      if try await traces() != before { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("a worker never began to work")
  }

  private func start() throws -> WorkerProcess {
    try WorkerProcess(data: data, "--checkpoint-interval", "\(Self.interval)", "--limit", "400MiB/s")
  }

  private func request(_ number: Int) -> CloneRequest {
    let name = "dv-\(number)"
    let terms = CloneTerms(
      namespace: "vms", name: name, sourceNamespace: "images", sourceName: "golden",
      requestedBytes: Int64(Self.imageBytes))
    let object: JSONValue = [
      "kind": "DataVolume",
      "metadata": ["name": .string(name), "namespace": "vms", "uid": .string("uid-\(name)")],
    ]
    return CloneRequest(key: "uid-\(name)", terms: terms, object: object)
  }

  /// Holds every job to its word; deletes the DataVolumes that are proven. Returns how many copies were under
  /// way.
  private func inspect(_ proven: inout Set<String>) async throws -> Int {
    var underWay = 0
    for job in try await journal.jobs() {
      let directory = "\(data)/volumes/vms/\(job.terms.name)"
      let isPublished = FileManager.default.fileExists(atPath: directory + "/disk.img")
      if isPublished {
        #expect(FileManager.default.contentsEqual(atPath: source, andPath: directory + "/disk.img"))
      }
      if job.step == .reported {
        #expect(isPublished)
        proven.insert(job.key)
        try await journal.delete(ObjectName(kind: "DataVolume", namespace: "vms", name: job.terms.name))
      } else if !isPublished, let written = bytesWritten(in: directory), written > 0 {
        underWay += 1
        let checkpoint = try await journal.read { try CheckpointTable.fetch($0, job: job.id) }
        // A worker that lives may have ended it meanwhile: first the name, then the checkpoint.
        guard bytesWritten(in: directory) != nil else { continue }
        let again = written - (checkpoint?.finishedBytes ?? 0)
        #expect(again <= Self.interval + Self.metadata, "\(again) bytes would be copied again")
      }
    }
    return underWay
  }

  /// The file system's own blocks are counted with the file's.
  private static let metadata: Int64 = 64 << 10

  private func bytesWritten(in directory: String) -> Int64? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    guard let partial = names.first(where: { $0.hasPrefix(".disk.img.clonegate-") && !$0.hasSuffix("-lock") })
    else { return nil }
    var found = stat()
    guard lstat("\(directory)/\(partial)", &found) == 0 else { return nil }
    return Int64(found.st_blocks) * 512
  }

  private func untilCleared() async throws {
    for _ in 0..<6_000 {
      if try await journal.jobs(JobFilter(includesRemoved: true)).isEmpty { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("volumes of deleted DataVolumes were not removed")
  }
}
