/// Something about an RBAC object that its owner should know. Neither kind ever widens access.
package struct Problem: Sendable, Hashable {
  package enum Severity: Sendable, Hashable {
    /// The object is not part of the policy.
    case refused
    /// The object is valid but grants nothing as it stands.
    case idle
  }

  package let severity: Severity
  package let kind: String
  /// Empty for a cluster-scoped object.
  package let namespace: String
  package let name: String
  /// Which fields are wrong; empty when the object is wrong as a whole.
  package let fields: [FieldProblem]
  /// What happened and what to do, one sentence without a full stop.
  package let message: String

  init(_ severity: Severity, _ identity: Identity, fields: [FieldProblem] = [], _ message: String) {
    self.severity = severity
    kind = identity.kind
    namespace = identity.namespace.text
    name = identity.name.text
    self.fields = fields
    self.message = message
  }
}
