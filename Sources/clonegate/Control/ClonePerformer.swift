import Admission
import Control
import JSON
import Kubernetes

/// Does what a plan says: one write to the API server after the other, each only while we lead.
struct ClonePerformer: Sendable {
  let client: KubernetesClient
  /// clonegate's namespace, where the orders are.
  let home: String
  let isLeader: @Sendable () -> Bool

  /// How a plan went.
  enum Outcome: Sendable {
    case done
    /// Somebody else was faster, or what we saw is old: decide again on what is there now.
    case outdated(KubernetesError)
    case notLeading
    case failed(KubernetesError)
  }

  func perform(_ actions: [CloneAction]) async -> Outcome {
    for action in actions {
      guard isLeader() else { return .notLeading }
      do throws(KubernetesError) {
        try await perform(action)
      } catch {
        if error.isConflict || error.isNotFound { return .outdated(error) }
        return .failed(error)
      }
    }
    return .done
  }

  /// Writes the status that differs, unless the object has changed since it was looked at.
  func write(_ status: JSONValue, to object: JSONNode) async -> Outcome {
    guard isLeader() else { return .notLeading }
    let metadata = object["metadata"]
    let patch: JSONValue = [
      "metadata": [
        "uid": .string(metadata?["uid"]?.string ?? ""),
        "resourceVersion": .string(metadata?["resourceVersion"]?.string ?? ""),
      ],
      "status": Self.difference(from: object["status"]?.value ?? [:], to: status),
    ]
    do throws(KubernetesError) {
      _ = try await client.patch(
        .dataVolumes, metadata?["name"]?.string ?? "", in: metadata?["namespace"]?.string, .merge(patch),
        subresource: "status")
      return .done
    } catch {
      return error.isConflict || error.isNotFound ? .outdated(error) : .failed(error)
    }
  }

  private func perform(_ action: CloneAction) async throws(KubernetesError) {
    switch action {
    case .createClaim(let claim): try await create(.persistentVolumeClaims, claim)
    case .createOrder(let order): try await create(.volumeCopies, order)
    case .bindVolume(let name, let version, let claimRef):
      let patch: JSONValue = [
        "metadata": ["resourceVersion": .string(version)], "spec": ["claimRef": claimRef],
      ]
      _ = try await client.patch(.persistentVolumes, name, .merge(patch))
    case .raiseAttempt(let order, let attempt):
      let patch: JSONValue = [
        "metadata": ["uid": .string(order.uid), "resourceVersion": .string(order.resourceVersion)],
        "spec": ["attempt": .number(String(attempt))],
      ]
      _ = try await client.patch(.volumeCopies, order.name, in: home, .merge(patch))
    case .deleteOrder(let order):
      // What its copier says meanwhile may be that it is done.
      _ = try await client.delete(
        .volumeCopies, order.name, in: home,
        Deletion(uid: order.uid, resourceVersion: order.resourceVersion))
    case .annotateClaim(let id, let uid, let annotations):
      var texts: JSONObject = [:]
      for (key, value) in annotations { texts[key] = .string(value) }
      let patch: JSONValue = ["metadata": ["uid": .string(uid), "annotations": .object(texts)]]
      _ = try await client.patch(.persistentVolumeClaims, id.name, in: id.namespace, .merge(patch))
    case .removeFinalizer(let order): try await release(order)
    }
  }

  /// What is there already is what was wanted; the next decision looks at it.
  private func create(_ type: ResourceType, _ object: JSONValue) async throws(KubernetesError) {
    do throws(KubernetesError) {
      _ = try await client.create(type, object)
    } catch {
      guard error.isAlreadyExists else { throw error }
    }
  }

  private func release(_ order: OrderReference) async throws(KubernetesError) {
    _ = try await client.update(.volumeCopies, order.name, in: home) {
      (object: inout JSONValue) throws(KubernetesError) in try Self.release(&object, order)
    }
  }

  /// Takes the copier's finalizer from the order as it was seen, and from no other: its copier may have begun
  /// since.
  static func release(_ object: inout JSONValue, _ order: OrderReference) throws(KubernetesError) {
    let metadata = object["metadata"]
    guard metadata?["uid"]?.string == order.uid,
      metadata?["resourceVersion"]?.string == order.resourceVersion
    else {
      throw KubernetesError(.conflict, message: "VolumeCopy \(order.name) is not as it was seen any more")
    }
    VolumeCopy.release(&object)
  }

  /// The merge patch (RFC 7396) that makes `new` of `old`: null for what is gone.
  static func difference(from old: JSONValue, to new: JSONValue) -> JSONValue {
    guard let before = old.object, let after = new.object else { return new }
    var patch: JSONObject = [:]
    for key in before.keys where after[key] == nil { patch[key] = .null }
    after.forEach { key, value in
      guard before[key] != value else { return }
      patch[key] = before[key].map { difference(from: $0, to: value) } ?? value
    }
    return .object(patch)
  }
}
