import HTTP
import JSON
import Synchronization
import RealCluster
import Testing

@testable import Kubernetes

@Suite(.serialized, .enabled(if: APIServer.isAvailable, Comment(rawValue: APIServer.absence)))
struct ClientTests {
  private func claim(_ name: String, size: String = "1Gi") -> JSONValue {
    [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": ["name": .string(name)],
      "spec": [
        "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": .string(size)]],
      ],
    ]
  }

  @Test func `an object is created, read, changed in every way and deleted`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let made = try await client.create(.persistentVolumeClaims, claim("disk"), in: space)
    #expect(made["metadata"]?["uid"]?.string != nil)
    let merged = try await client.patch(
      .persistentVolumeClaims, "disk", in: space, .merge(["metadata": ["labels": ["a": "1"]]]))
    #expect(merged["metadata"]?["labels"]?["a"] == "1")
    let operations = JSONPatch(operations: [
      .replace(path: try #require(JSONPointer("/metadata/labels/a")), value: "2")
    ])
    let patched = try await client.patch(.persistentVolumeClaims, "disk", in: space, .json(operations))
    #expect(patched["metadata"]?["labels"]?["a"] == "2")
    let applied: JSONValue = [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": ["name": "disk", "labels": ["b": "3"]],
    ]
    let owned = try await client.patch(
      .persistentVolumeClaims, "disk", in: space, .apply(applied, fieldManager: "clonegate"))
    #expect(owned["metadata"]?["labels"] == ["a": "2", "b": "3"])
    let status = try await client.patch(
      .persistentVolumeClaims, "disk", in: space, .merge(["status": ["phase": "Lost"]]), subresource: "status"
    )
    #expect(status["status"]?["phase"] == "Lost")
    let read = try await client.get(.persistentVolumeClaims, "disk", in: space)
    #expect(read == status)
    _ = try await client.delete(.persistentVolumeClaims, "disk", in: space)
    await client.close()
  }

  @Test func `an update is repeated on what others made of the object`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    _ = try await client.create(
      .configMaps, ["metadata": ["name": "counter"], "data": ["n": "0"]], in: space)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          for _ in 0..<5 {
            _ = try await client.update(.configMaps, "counter", in: space, retrying: 100) { object in
              let number = object["data"]?["n"]?.string.flatMap { Int($0) } ?? 0
              object["data"]?["n"] = .string("\(number + 1)")
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await client.get(.configMaps, "counter", in: space)["data"]?["n"] == "30")
    await client.close()
  }

  @Test func `an update that changes nothing writes nothing`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let made = try await client.create(.configMaps, ["metadata": ["name": "still"]], in: space)
    let same = try await client.update(.configMaps, "still", in: space) { $0["kind"] = "ConfigMap" }
    #expect(same["metadata"]?["resourceVersion"] == made["metadata"]?["resourceVersion"])
    await client.close()
  }

  @Test func `a conflict that does not end is an error after the given number of attempts`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    _ = try await client.create(.configMaps, ["metadata": ["name": "torn"]], in: space)
    var runs = 0
    let error = await #expect(throws: KubernetesError.self) {
      _ = try await client.update(.configMaps, "torn", in: space, retrying: 3) {
        (object: inout JSONValue) throws(KubernetesError) in
        runs += 1
        object["metadata"]?["resourceVersion"] = "1"
      }
    }
    #expect(error?.isConflict == true && runs == 3)
    await client.close()
  }

  @Test func `a dry run leaves nothing and strict validation names the field`() async throws {
    let server = try await APIServer.shared.value
    let warnings = Mutex<[String]>([])
    let client = try server.client(onWarning: { text in warnings.withLock { $0.append(text) } })
    let space = try await server.namespace(client)
    _ = try await client.create(
      .configMaps, ["metadata": ["name": "ghost"]], in: space, options: WriteOptions(dryRun: true))
    let missing = await #expect(throws: KubernetesError.self) {
      _ = try await client.get(.configMaps, "ghost", in: space)
    }
    #expect(missing?.isNotFound == true)
    let surprise: JSONValue = ["metadata": ["name": "odd"], "surprise": 1]
    let strict = await #expect(throws: KubernetesError.self) {
      _ = try await client.create(
        .configMaps, surprise, in: space, options: WriteOptions(fieldValidation: .strict))
    }
    #expect(strict?.code == 400 && strict?.message.contains("surprise") == true)
    _ = try await client.create(.configMaps, surprise, in: space, options: WriteOptions(fieldManager: "me"))
    #expect(warnings.withLock { $0 } == ["unknown field \"surprise\""])
    await client.close()
  }

  @Test func `nothing is deleted that is not the very object`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let made = try await client.create(.configMaps, ["metadata": ["name": "keep"]], in: space)
    for wrong in [Deletion(uid: "0d0"), Deletion(resourceVersion: "1")] {
      let error = await #expect(throws: KubernetesError.self) {
        _ = try await client.delete(.configMaps, "keep", in: space, wrong)
      }
      #expect(error?.isConflict == true)
    }
    let right = Deletion(uid: made["metadata"]?["uid"]?.string, propagation: .foreground)
    _ = try await client.delete(.configMaps, "keep", in: space, right)
    await client.close()
  }

  @Test func `a list is read in pages and its items know their kind`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    for index in 0..<23 {
      let labels: JSONValue = ["even": .string("\(index.isMultiple(of: 2))")]
      _ = try await client.create(
        .configMaps, ["metadata": ["name": .string("c-\(index)"), "labels": labels]], in: space)
    }
    let names = try await client.list(.configMaps, in: space, selector: .init(), pageSize: 5) { item, _ in
      item["metadata"]?["name"]?.string ?? ""
    }
    #expect(Set(names.items).isSuperset(of: (0..<23).map { "c-\($0)" }))
    #expect(names.items.count == Set(names.items).count)
    let even = try await client.list(.configMaps, in: space, selector: .init(labels: "even=true"))
    #expect(even.items.count == 12)
    #expect(even.items.allSatisfy { $0["kind"] == "ConfigMap" && $0["apiVersion"] == "v1" })
    await client.close()
  }

  @Test func `access is reviewed, types are discovered, strangers are refused`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client()
    let asked: JSONValue = [
      "user": "alice", "groups": ["developers"],
      "resourceAttributes": ["verb": "get", "resource": "secrets", "namespace": "default"],
    ]
    #expect(try await client.subjectAccessReview(asked).isAllowed == false)
    var asMaster = asked
    asMaster["groups"] = ["system:masters"]
    #expect(try await client.subjectAccessReview(asMaster).isAllowed)
    #expect(try await client.serves(.leases))
    #expect(try await client.serves(.dataVolumes) == false)
    #expect(try await client.version()["gitVersion"]?.string?.hasPrefix("v1.") == true)
    let alice = try server.client(token: "alice-token")
    let forbidden = await #expect(throws: KubernetesError.self) { _ = try await alice.list(.secrets) }
    #expect(forbidden?.reason == .forbidden)
    let stranger = try server.client(token: "no-such-token")
    let unknown = await #expect(throws: KubernetesError.self) { _ = try await stranger.list(.secrets) }
    #expect(unknown?.reason == .unauthorized)
    for client in [client, alice, stranger] { await client.close() }
  }
}
