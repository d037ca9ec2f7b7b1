package import JSON

/// Kubernetes reads an explicit `null` as an absent field; so does everything here.
extension JSONNode {
  /// The member, nil when it is absent or null.
  package func field(_ name: String) -> JSONNode? {
    guard let node = self[name], !node.isNull else { return nil }
    return node
  }

  /// The text of a member, nil when it is absent, null or not a string.
  package func text(_ name: String) -> String? { self[name]?.string }

  /// The text of a member, nil also when it is empty: most names in Kubernetes treat both alike.
  package func filled(_ name: String) -> String? {
    guard let text = self[name]?.string, !text.isEmpty else { return nil }
    return text
  }

  /// The strings of a list; what is not a string is left out.
  package func texts(_ name: String) -> [String] {
    var result: [String] = []
    self[name]?.forEachElement { if let text = $0.string { result.append(text) } }
    return result
  }

  /// An amount, which JSON may write as a string or as a number.
  package var quantityText: String? { string ?? numberText }

  /// The amount under a name: nil when absent or not a quantity.
  package func quantity(_ name: String) -> Quantity? {
    guard let text = self[name]?.quantityText else { return nil }
    return try? Quantity(text)
  }
}
