import Authorization
import Foundation
import HTTP
import JSON
import Kubernetes
import RealCluster
import Testing

@testable import clonegate

/// The recorded RBAC objects, put into a real API server one set after the other, and every recorded question
/// asked of all three: of the mirror's policy, of the recording, and of the API server itself.
@Suite(.serialized, .enabled(if: APIServer.isAvailable, Comment(rawValue: APIServer.absence)))
struct `The recorded questions on a real API server` {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/rbac")

  @Test func `are answered by the mirror as SubjectAccessReview answers them`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client()
    let mirror = ClusterMirror(client: client)
    let following = Task { await mirror.run() }
    var asked = 0
    for set in 1...30 {
      let folder = Self.folder.appending(path: String(format: "%02d", set))
      let text = Array(try Data(contentsOf: folder.appending(path: "objects.yaml")))
      let objects = try YAMLReader.documents(text).map(\.value)
      for object in objects { try await create(object, client) }
      try await settled(mirror, client)
      let (policy, _) = Policy.build(from: mirror.tables.nodes(of: MirroredResource.policy))
      let verdicts = try JSONValue(
        parsing: Array(try Data(contentsOf: folder.appending(path: "verdicts.json"))))
      for verdict in try #require(verdicts.array) {
        try await compare(verdict, policy, client, set)
        asked += 1
      }
      for object in objects { try await delete(object, client) }
    }
    #expect(asked == 2160)
    following.cancel()
    await following.value
    await client.close()
  }

  private func compare(
    _ recorded: JSONValue, _ policy: Policy, _ client: KubernetesClient, _ set: Int
  ) async throws {
    let spec = try #require(recorded["spec"]), allowed = recorded["allowed"] == true
    #expect(policy.decide(Self.attributes(spec)).allowed == allowed, "set \(set): \(spec)")
    // The API server's own authorizer follows its store with a delay, too.
    var answer = try await client.subjectAccessReview(spec).isAllowed
    let end = ContinuousClock.now + .seconds(60)
    while answer != allowed, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(50))
      answer = try await client.subjectAccessReview(spec).isAllowed
    }
    #expect(answer == allowed, "set \(set), the API server: \(spec)")
  }

  /// Until the mirror holds exactly what a list shows.
  private func settled(_ mirror: ClusterMirror, _ client: KubernetesClient) async throws {
    for resource in MirroredResource.policy {
      let truth = Set(
        try await client.list(resource.type).items.compactMap { resource.kept(of: JSONNode($0)) })
      let end = ContinuousClock.now + .seconds(60)
      while Set(mirror.tables.bytes(of: resource)) != truth {
        try #require(ContinuousClock.now < end, "the mirror of \(resource.type) does not become the truth")
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  private func create(_ object: JSONValue, _ client: KubernetesClient) async throws {
    if let namespace = object["metadata"]?["namespace"]?.string {
      do {
        _ = try await client.create(.namespaces, ["metadata": ["name": .string(namespace)]])
      } catch { #expect(error.code == 409, "\(error)") }
    }
    _ = try await client.create(try Self.type(of: object), object)
  }

  private func delete(_ object: JSONValue, _ client: KubernetesClient) async throws {
    let metadata = object["metadata"]
    _ = try await client.delete(
      try Self.type(of: object), metadata?["name"]?.string ?? "", in: metadata?["namespace"]?.string)
  }

  private static func type(of object: JSONValue) throws -> ResourceType {
    try #require(MirroredResource.policy.first { $0.kind == object["kind"]?.string }).type
  }

  private static func attributes(_ spec: JSONValue) -> Attributes {
    let groups = spec["groups"]?.array?.compactMap(\.string) ?? []
    let user = UserInfo(name: spec["user"]?.string ?? "", uid: spec["uid"]?.string ?? "", groups: groups)
    if let path = spec["nonResourceAttributes"] {
      return Attributes(user: user, verb: path["verb"]?.string ?? "", path: path["path"]?.string ?? "")
    }
    func text(_ key: String) -> String { spec["resourceAttributes"]?[key]?.string ?? "" }
    return Attributes(
      user: user, verb: text("verb"), group: text("group"), version: text("version"),
      resource: text("resource"), subresource: text("subresource"), namespace: text("namespace"),
      name: text("name"))
  }
}
