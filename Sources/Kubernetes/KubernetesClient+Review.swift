package import JSON

/// What the API server's own authorizers say.
package struct AccessVerdict: Sendable, Hashable {
  package let isAllowed: Bool
  /// Somebody said no in so many words; RBAC never does.
  package let isDenied: Bool
  package let reason: String
  /// What the authorizers stumbled over, such as a binding to a role that does not exist.
  package let evaluationError: String?
}

extension KubernetesClient {
  /// Asks whether somebody may do something.
  /// - Parameter spec: of a SubjectAccessReview (authorization.k8s.io/v1): `user`, `groups`, `uid`, `extra`,
  /// and
  ///   `resourceAttributes` or `nonResourceAttributes`.
  package func subjectAccessReview(
    _ spec: JSONValue, within limit: Duration? = nil
  ) async throws(KubernetesError) -> AccessVerdict {
    let review: JSONValue = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
    ]
    let status = try await create(.subjectAccessReviews, review, within: limit)["status"]
    guard let allowed = status?["allowed"]?.bool else {
      throw KubernetesError(.malformed, message: "the answer to a SubjectAccessReview has no status.allowed")
    }
    return AccessVerdict(
      isAllowed: allowed, isDenied: status?["denied"]?.bool ?? false, reason: status?["reason"]?.string ?? "",
      evaluationError: status?["evaluationError"]?.string)
  }

  /// The server's version: `gitVersion`, `major`, `minor` and more.
  package func version(within limit: Duration? = nil) async throws(KubernetesError) -> JSONValue {
    try await object(APIRequest(method: "GET", path: "/version"), limit)
  }

  /// Whether the API server knows the type: whether CDI or KubeVirt are installed.
  package func serves(
    _ type: ResourceType, within limit: Duration? = nil
  ) async throws(KubernetesError) -> Bool {
    do throws(KubernetesError) {
      let answer = try await document(
        APIRequest(method: "GET", path: type.root), limit, KubernetesLimits.page)
      return answer.root["resources"]?.elements?.contains { $0["name"]?.equals(type.resource) == true }
        ?? false
    } catch {
      guard error.isNotFound else { throw error }
      return false
    }
  }
}
