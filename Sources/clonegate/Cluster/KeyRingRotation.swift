import JSON
import Kubernetes
import Transport

/// Makes the Secret of the keys, and a new key when the newest is old. Run it as often as you like, from as
/// many places: who comes second finds the work done.
struct KeyRingRotation: Sendable {
  let client: KubernetesClient
  let namespace: String

  enum Outcome: Sendable { case created, rotated, current }

  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - tell: is told the ids of keys from the future.
  func run(now: Int64, tell: ([String]) -> Void = { _ in }) async throws(KubernetesError) -> Outcome {
    let current: JSONValue
    do throws(KubernetesError) {
      current = try await client.get(.secrets, KeyRing.secretName, in: namespace)
    } catch  where error.isNotFound {
      try await create()
      return try await renew(now) == .rotated ? .created : .current
    }
    let ring = KeyRing(secret: JSONNode(current))
    tell(ring.ahead(of: now).map(\.id))
    guard ring.isDue(at: now) else { return .current }
    return try await renew(now)
  }

  /// An empty one, by server-side apply: so its name is known when the API server is asked for the right to
  /// create it, and nobody needs the right to create any other. One that is there already stays as it is.
  private func create() async throws(KubernetesError) {
    let secret: JSONValue = [
      "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
      "metadata": ["name": .string(KeyRing.secretName), "namespace": .string(namespace)],
    ]
    _ = try await client.patch(
      .secrets, KeyRing.secretName, in: namespace, .apply(secret, fieldManager: "clonegate-control"))
  }

  private func renew(_ now: Int64) async throws(KubernetesError) -> Outcome {
    let key = try Self.newKey()
    var outcome = Outcome.current
    _ = try await client.update(.secrets, KeyRing.secretName, in: namespace) {
      (secret: inout JSONValue) throws(KubernetesError) in
      let ring = KeyRing(secret: JSONNode(secret))
      outcome = .current
      guard ring.isDue(at: now) else { return }
      var data: JSONObject = [:]
      for old in ring.kept(at: now) { data[old.id] = .string(Base64.encoded(old.bytes)) }
      data[KeyRing.id(now)] = .string(key)
      secret["data"] = .object(data)
      outcome = .rotated
    }
    return outcome
  }

  private static func newKey() throws(KubernetesError) -> String {
    do throws(TransportError) {
      return Base64.encoded(try MessageCode.newKey())
    } catch {
      throw KubernetesError(.internalError, message: error.message)
    }
  }
}
