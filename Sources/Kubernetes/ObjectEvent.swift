/// Something that happened to an object, for people to read with `kubectl describe`.
package struct ObjectEvent: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }
  /// Which object: its kind, apiVersion, namespace, name and uid.
  package struct Reference: Sendable, Hashable {
    package var apiVersion: String
    package var kind: String
    package var namespace: String?
    package var name: String
    package var uid: String

    package init(apiVersion: String, kind: String, namespace: String?, name: String, uid: String) {
      self.apiVersion = apiVersion
      self.kind = kind
      self.namespace = namespace
      self.name = name
      self.uid = uid
    }
  }

  package let object: Reference
  package let kind: Kind
  /// One word in CamelCase, the same for the same thing: `CloneNotAccepted`.
  package let reason: String
  package let message: String

  /// What client-go cuts a message at; the API server takes no longer note in events.k8s.io either.
  private static let messageBytes = 1024
  /// The API server's limit (k8s.io/kubernetes, pkg/apis/core/validation/events.go).
  private static let reasonBytes = 128

  /// The message becomes one line without control characters, cut at 1,024 bytes.
  package init(_ kind: Kind, _ reason: String, on object: Reference, _ message: String) {
    self.object = object
    self.kind = kind
    self.reason = PlainText.line(reason, limit: Self.reasonBytes)
    self.message = PlainText.line(message, limit: Self.messageBytes)
  }

  /// Events of objects without a namespace live in `default`, as client-go has it.
  var namespace: String { object.namespace ?? "default" }
}
