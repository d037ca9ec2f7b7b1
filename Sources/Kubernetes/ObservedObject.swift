internal import JSON

/// Which object something is about.
package struct ObjectKey: Sendable, Hashable, CustomStringConvertible {
  /// nil for what lives in no namespace.
  package let namespace: String?
  package let name: String

  package init(_ namespace: String?, _ name: String) {
    self.namespace = namespace
    self.name = name
  }

  package var description: String { namespace.map { "\($0)/\(name)" } ?? name }
}

/// An object as a reflector saw it, with what its reader keeps of it.
package struct ObservedObject<Element: Sendable>: Sendable {
  package let key: ObjectKey
  package let uid: String
  /// Opaque; only good for comparing with itself.
  package let resourceVersion: String
  package let element: Element

  init(_ object: JSONNode, _ project: (JSONNode) -> Element) throws(KubernetesError) {
    let metadata = object["metadata"]
    guard let name = metadata?["name"]?.string, !name.isEmpty else {
      throw KubernetesError(.malformed, message: "an object came without metadata.name")
    }
    key = ObjectKey(metadata?["namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 }, name)
    uid = metadata?["uid"]?.string ?? ""
    resourceVersion = metadata?["resourceVersion"]?.string ?? ""
    element = project(object)
  }
}

/// What a reflector tells its reader, in the order in which it happened. After `replaced` comes what changed
/// since.
package enum ObjectChange<Element: Sendable>: Sendable {
  /// Everything there is: what the reader knew before and does not find here is gone.
  case replaced([ObservedObject<Element>])
  case added(ObservedObject<Element>)
  case modified(ObservedObject<Element>)
  /// With its last state.
  case deleted(ObservedObject<Element>)

  init(_ kind: WatchEvent.Kind, _ object: ObservedObject<Element>) {
    switch kind {
    case .added: self = .added(object)
    case .modified: self = .modified(object)
    case .deleted: self = .deleted(object)
    }
  }
}
