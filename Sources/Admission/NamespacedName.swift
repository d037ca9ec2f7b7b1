/// An object's place. Compared byte for byte: `String` alone would hold two spellings of "é" for one name.
package struct NamespacedName: Sendable, Hashable, CustomStringConvertible {
  package let namespace: String
  package let name: String

  package init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  package var description: String { "\(namespace)/\(name)" }
  /// `a/b`, safe to print.
  package var safe: String { "\(BoundedText.plain(namespace))/\(BoundedText.plain(name))" }

  package static func == (a: NamespacedName, b: NamespacedName) -> Bool {
    a.name.isExactly(b.name) && a.namespace.isExactly(b.namespace)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in namespace.utf8 { hasher.combine(byte) }
    hasher.combine(UInt8(ascii: "/"))
    for byte in name.utf8 { hasher.combine(byte) }
  }
}

extension String {
  /// Equal byte for byte, as Kubernetes compares.
  func isExactly(_ other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
