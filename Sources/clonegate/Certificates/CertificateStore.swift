import JSON
import Kubernetes
import Transport

/// Reads and writes the certificates of an installation. Each write is of one object and names the version
/// that was read: whoever was quicker is never written over.
struct CertificateStore: Sendable {
  let client: KubernetesClient
  let namespace: String
  /// Of both webhook configurations.
  let registration: String

  private static let manager = "clonegate-certificates"
  private static let options = WriteOptions(fieldManager: manager)
  /// Who makes what is missing: nobody else is called so, so that an apply over what another run has made
  /// meanwhile is a conflict.
  private let maker = "\(manager)-\(String(UInt64.random(in: .min ... .max), radix: 16))"

  func read() async throws(KubernetesError) -> StoredCertificates {
    var registrations: [StoredRegistration] = []
    for (type, kind) in StoredRegistration.types {
      guard let object = try await find(type, registration) else { continue }
      registrations.append(StoredRegistration(type: type, kind: kind, object: object))
    }
    return StoredCertificates(
      registrations: registrations,
      authorities: try await find(.secrets, StoredCertificates.authoritySecret, in: namespace),
      serving: try await find(.secrets, StoredCertificates.servingSecret, in: namespace))
  }

  /// - Parameter now: seconds since 1970.
  func publish(
    _ bundle: AuthorityBundle, in registration: StoredRegistration, at now: Int64
  ) async throws(KubernetesError) {
    _ = try await client.patch(
      registration.type, registration.name, .json(registration.patch(bundle, at: now)), options: Self.options)
  }

  /// Puts the members into the Secret of the authorities; its other members stay.
  func write(authorities data: [String: [UInt8]], over secret: JSONValue?) async throws(KubernetesError) {
    try await write(StoredCertificates.authoritySecret, "Opaque", data, over: secret)
  }

  /// Puts the members into the Secret that gates serve with; its other members stay.
  func write(serving data: [String: [UInt8]], over secret: JSONValue?) async throws(KubernetesError) {
    try await write(StoredCertificates.servingSecret, "kubernetes.io/tls", data, over: secret)
  }

  /// Makes the Secret by server-side apply: so its name is known when the API server is asked for the right
  /// to create it, and nobody needs the right to create any other, such as one with an account's token.
  private func write(
    _ name: String, _ type: String, _ data: [String: [UInt8]], over secret: JSONValue?
  ) async throws(KubernetesError) {
    var members: JSONObject = [:]
    for (key, bytes) in data { members[key] = .string(Base64.encoded(bytes)) }
    guard let secret else {
      let whole: JSONValue = [
        "apiVersion": "v1", "kind": "Secret", "type": .string(type), "data": .object(members),
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
      ]
      _ = try await client.patch(.secrets, name, in: namespace, .apply(whole, fieldManager: maker))
      return
    }
    let version = secret["metadata"]?["resourceVersion"] ?? .null
    let change: JSONValue = ["metadata": ["resourceVersion": version], "data": .object(members)]
    _ = try await client.patch(.secrets, name, in: namespace, .merge(change), options: Self.options)
  }

  private func find(
    _ type: ResourceType, _ name: String, in namespace: String? = nil
  ) async throws(KubernetesError) -> JSONValue? {
    do throws(KubernetesError) { return try await client.get(type, name, in: namespace) } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
  }
}
