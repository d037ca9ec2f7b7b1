import Authorization
import Foundation
import JSON
import Jobs
import Testing

@testable import clonegate

/// The reviews that the harness sends, held against those that a real API server sent for the same manifest.
@Suite struct `The reviews of the harness` {
  private let home: TemporaryDirectory
  private let journal: Journal
  private let gate = RecordingGate()

  init() throws {
    home = try TemporaryDirectory()
    journal = try Journal.open(directory: home.path + "/data")
  }

  private func server(_ user: UserInfo, isDryRun: Bool = false) -> LocalAPIServer {
    LocalAPIServer(
      gate: gate.caller, storage: JournalOnDemand(journal), directory: nil, user: user, isDryRun: isDryRun)
  }

  @Test(
    arguments: [
      "003-seed-dv-clone", "005-seed-dv-clone-block", "007-seed-vm-datavolumetemplate",
      "013-seed-dv-clone-by-admin",
      "021-dv-clone-cross-namespace-storage", "051-dv-clone-unicode-annotations", "056-dv-clone-generatename",
      "058-dv-clone-generatename-long", "060-dv-clone-name-and-generatename", "062-dv-clone-dry-run",
      "066-dv-clone-owner-and-finalizers", "076-dv-clone-kind-list", "082-dv-sourceref-cross-namespace",
      "102-dv-blank", "176-dv-by-user-without-groups", "178-dv-by-impersonated-sa", "190-vm-template-block",
      "203-vm-mixed-templates", "212-vm-generatename", "214-vm-dry-run",
    ])
  func `a creation is sent as an API server sends it, twice`(_ recording: String) async throws {
    let (mutating, validating) = try Recording.pair(recording)
    let user = Recording.user(mutating)
    let server = server(user, isDryRun: mutating["request"]!["dryRun"]!.bool!)
    let manifest = try Recording.manifest(recording)
    let (kind, object) = try server.admissible(
      manifest, namespace: mutating["request"]!["namespace"]!.string!)
    _ = try await server.create(object, kind, manager: "kubectl-create")
    let sent = gate.reviews
    #expect(sent.map(\.path).prefix(2) == ["/mutate?timeout=10s", "/validate?timeout=10s"])
    #expect(Recording.comparable(sent[0].review) == Recording.comparable(mutating))
    #expect(Recording.comparable(sent[1].review) == Recording.comparable(validating))
    #expect(sent[0].review["request"]?["uid"] != sent[1].review["request"]?["uid"])
  }

  @Test(arguments: ["108-dv-apply-create", "232-vm-apply-client-side"])
  func `apply creates with the manifest in its annotation`(_ recording: String) async throws {
    let (mutating, _) = try Recording.pair(recording)
    let manifest = try Recording.manifest(recording)
    let namespace = mutating["request"]!["namespace"]!.string!
    _ = try await server(Recording.user(mutating)).apply(manifest, namespace: namespace)
    #expect(Recording.comparable(gate.reviews[0].review) == Recording.comparable(mutating))
  }

  @Test func `apply of a changed manifest sends the stored object as the old one`() async throws {
    let (_, recorded) = try Recording.pair("110-dv-apply-update")
    let old = try #require(StoredObject(recorded["request"]!["oldObject"]!))
    try await journal.store(old)
    let applied = try await server(Recording.user(recorded)).apply(
      try Recording.manifest("110-dv-apply-update"), namespace: "destination-namespace")
    #expect(applied.change == .configured)
    #expect(gate.reviews.map(\.path) == ["/validate?timeout=10s"])
    #expect(Recording.comparable(gate.reviews[0].review) == Recording.comparable(recorded))
  }

  @Test(arguments: ["142-dv-delete-dry-run", "144-dv-delete", "236-vm-delete"])
  func `a deletion carries the stored object and no new one`(_ recording: String) async throws {
    let (_, recorded) = try Recording.pair(recording)
    let request = recorded["request"]!
    let old = try #require(StoredObject(request["oldObject"]!))
    try await journal.store(old)
    let server = server(Recording.user(recorded), isDryRun: request["dryRun"]!.bool!)
    _ = try await server.delete(
      ObjectKind.named(old.name.kind)!, namespace: old.name.namespace, name: old.name.name)
    #expect(Recording.comparable(gate.reviews[0].review) == Recording.comparable(recorded))
    let isStillThere = try await journal.object(old.name) != nil
    #expect(isStillThere == server.isDryRun)
  }
}

/// Recorded reviews and the manifests that they came from.
enum Recording {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  /// The mutating and the validating review of `NNN-SLUG`; they have following numbers.
  static func pair(_ name: String) throws -> (JSONValue, JSONValue) {
    let number = Int(name.prefix(3))!
    let next = String(format: "%03d", number + 1) + name.dropFirst(3)
    return (try json("admission/\(name)-mutating.json"), try json("admission/\(next)-validating.json"))
  }

  /// The first object of the manifest.
  static func manifest(_ name: String) throws -> JSONValue {
    let file = folder.appending(path: "manifests/\(name.dropFirst(4)).yaml")
    return try Manifest.read(Array(Data(contentsOf: file)), file: file.lastPathComponent)[0].value
  }

  static func user(_ review: JSONValue) -> UserInfo {
    let info = review["request"]!["userInfo"]!
    return UserInfo(
      name: info["username"]!.string!, groups: info["groups"]?.array?.map { $0.string! } ?? [])
  }

  /// The review without what differs each time: uids, times, generated names, the credential's id.
  static func comparable(_ review: JSONValue) -> JSONValue {
    var review = review
    review["request"]?["uid"] = "UID"
    review["request"]?["userInfo"]?["extra"] = nil
    let isCreation = review["request"]?["operation"]?.string == "CREATE"
    let base = review["request"]?["object"]?["metadata"]?["generateName"]?.string ?? ""
    if !base.isEmpty, let name = review["request"]?["name"]?.string, name.hasPrefix(base.prefix(58)) {
      review["request"]?["name"] = "GENERATED"
      review["request"]?["object"]?["metadata"]?["name"] = .string("GENERATED \(name.count)")
    }
    for key in ["uid", "creationTimestamp"] where isCreation {
      if review["request"]?["object"]?["metadata"]?[key] != nil {
        review["request"]?["object"]?["metadata"]?[key] = "SET"
      }
    }
    let fields = review["request"]?["object"]?["metadata"]?["managedFields"]?.array?.map { entry in
      var entry = entry
      entry["time"] = "TIME"
      return entry
    }
    if let fields { review["request"]?["object"]?["metadata"]?["managedFields"] = .array(fields) }
    return review
  }

  private static func json(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: Array(Data(contentsOf: folder.appending(path: path))))
  }
}
