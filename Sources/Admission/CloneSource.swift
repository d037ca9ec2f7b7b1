/// The disk that a clone reads.
package struct CloneSource: Sendable, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable { case claim = "PersistentVolumeClaim", snapshot = "VolumeSnapshot" }

  package let kind: Kind
  package let id: NamespacedName

  package init(kind: Kind = .claim, namespace: String, name: String) {
    self.kind = kind
    id = NamespacedName(namespace: namespace, name: name)
  }

  /// `PersistentVolumeClaim a/b`, safe to print.
  package var description: String { "\(kind.rawValue) \(id.safe)" }
}
