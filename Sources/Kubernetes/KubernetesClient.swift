package import HTTP
package import JSON

/// Asks one API server. Objects go in and out as JSON, whole: nothing that we do not know is dropped, but for
/// `metadata.managedFields`, which read as null and which the API server keeps when it is given none.
///
/// Every call ends within `ClusterConfiguration.callLimit` or its own `within`, throws a `KubernetesError`,
/// waits and asks again when the server says so with 429 or 5xx and Retry-After, and shows a renewed
/// credential after a 401. Create objects with a name of your own: a request that was lost with its
/// connection is sent once more, and a name makes that harmless where `generateName` makes two objects.
package final class KubernetesClient: Sendable {
  /// The server and the namespace that is meant when none is named.
  package var configuration: ClusterConfiguration { connection.configuration }
  let connection: APIConnection
  private let onWarning: @Sendable (String) -> Void

  /// - Parameters:
  ///   - clients: makes the connections; they live on its loop.
  ///   - userAgent: how we appear in the API server's audit log.
  ///   - onWarning: is given each sentence that the server adds to a success (deprecated, unknown field).
  package init(
    _ configuration: ClusterConfiguration, clients: HTTPClientFactory, userAgent: String = "clonegate",
    onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    connection = APIConnection(configuration, factory: clients, userAgent: userAgent)
    self.onWarning = onWarning
  }

  /// Closes the kept connections. Watches end with their tasks.
  package func close() async { await connection.close() }

  /// An object, or a part of it such as `status` or `scale`.
  package func get(
    _ type: ResourceType, _ name: String, in namespace: String? = nil, subresource: String? = nil,
    within limit: Duration? = nil
  ) async throws(KubernetesError) -> JSONValue {
    try await object(
      APIRequest(method: "GET", path: try type.object(name, in: namespace, subresource: subresource)), limit)
  }

  /// Creates an object and returns what was stored.
  /// - Parameter namespace: the object's own if nil.
  package func create(
    _ type: ResourceType, _ object: JSONValue, in namespace: String? = nil, options: WriteOptions = .init(),
    within limit: Duration? = nil
  ) async throws(KubernetesError) -> JSONValue {
    let namespace = namespace ?? object["metadata"]?["namespace"]?.string
    guard namespace != nil || !type.isNamespaced else {
      throw .unusable("\(type) live in namespaces: name one for the object to create")
    }
    return try await self.object(
      APIRequest(
        method: "POST", path: try type.collection(in: namespace), parameters: options.parameters,
        contentType: APIRequest.json, body: object.bytes), limit)
  }

  /// Replaces an object, or its status. The object's `metadata` says which, and with `resourceVersion` also
  /// of which state: without it the API server refuses (recorded in put-no-resourceversion.json).
  package func replace(
    _ type: ResourceType, _ object: JSONValue, subresource: String? = nil, options: WriteOptions = .init(),
    within limit: Duration? = nil
  ) async throws(KubernetesError) -> JSONValue {
    let metadata = object["metadata"]
    let namespace = metadata?["namespace"]?.string
    let path = try type.object(
      metadata?["name"]?.string ?? "", in: type.isNamespaced ? namespace : nil, subresource: subresource)
    return try await self.object(
      APIRequest(
        method: "PUT", path: path, parameters: options.parameters, contentType: APIRequest.json,
        body: object.bytes), limit)
  }

  /// Reads an object, changes it and writes it; when somebody else wrote in between, does so again on what it
  /// is then. Writes nothing when the change changes nothing.
  /// - Parameters:
  ///   - subresource: `status` reads the object and writes only its status.
  ///   - attempts: at least 1.
  ///   - change: may run several times, each time on a fresh object.
  package func update(
    _ type: ResourceType, _ name: String, in namespace: String? = nil, subresource: String? = nil,
    options: WriteOptions = .init(), retrying attempts: Int = 5, within limit: Duration? = nil,
    _ change: (inout JSONValue) throws(KubernetesError) -> Void
  ) async throws(KubernetesError) -> JSONValue {
    let end = ContinuousClock.now + (limit ?? configuration.callLimit)
    var attempt = 1
    while true {
      let current = try await get(type, name, in: namespace, within: end - .now)
      var changed = current
      try change(&changed)
      guard changed != current else { return current }
      do throws(KubernetesError) {
        return try await replace(
          type, changed, subresource: subresource, options: options, within: end - .now)
      } catch {
        guard error.isConflict, attempt < attempts, !Task.isCancelled else { throw error }
        attempt += 1
      }
    }
  }

  /// Has the API server change an object, or its status.
  package func patch(
    _ type: ResourceType, _ name: String, in namespace: String? = nil, _ patch: ObjectPatch,
    subresource: String? = nil, options: WriteOptions = .init(), within limit: Duration? = nil
  ) async throws(KubernetesError) -> JSONValue {
    var options = options
    if case .apply = patch { options.fieldManager = nil }
    return try await object(
      APIRequest(
        method: "PATCH", path: try type.object(name, in: namespace, subresource: subresource),
        parameters: patch.parameters + options.parameters, contentType: patch.contentType, body: patch.body),
      limit)
  }

  /// Deletes an object. Returns the object when it still has to be finalized, else a Status.
  package func delete(
    _ type: ResourceType, _ name: String, in namespace: String? = nil, _ deletion: Deletion = .init(),
    within limit: Duration? = nil
  ) async throws(KubernetesError) -> JSONValue {
    try await object(
      APIRequest(
        method: "DELETE", path: try type.object(name, in: namespace), contentType: APIRequest.json,
        body: deletion.body), limit)
  }

  /// Sends a request whose answer is one object.
  func object(_ request: APIRequest, _ limit: Duration?) async throws(KubernetesError) -> JSONValue {
    try await document(request, limit, KubernetesLimits.object).root.value
  }

  func document(
    _ request: APIRequest, _ limit: Duration?, _ size: JSONLimits
  ) async throws(KubernetesError) -> JSONDocument {
    let answer = try await connection.send(request, within: limit)
    for warning in answer.headers.values(of: "warning") { onWarning(WarningText.text(of: warning)) }
    do throws(JSONError) {
      return try JSONDocument(parsing: answer.body, limits: size)
    } catch {
      // Like a body that is too long, which is not even read: a list of fewer may fit.
      let isTooMuch = error.code == .tooLarge || error.code == .tooManyValues
      throw KubernetesError(
        .malformed, code: isTooMuch ? nil : answer.status,
        message: "the answer to \(request.method) \(request.path): \(error)")
    }
  }
}
