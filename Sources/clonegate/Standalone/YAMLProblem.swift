/// Why a YAML text was refused, and where.
struct YAMLProblem: Error, Hashable, CustomStringConvertible {
  /// What is wrong, in the words of YAML.
  let message: String
  /// First line is 1; 0 when the problem has no place (the text as a whole).
  let line: Int
  let column: Int

  init(_ message: String, line: Int = 0, column: Int = 0) {
    self.message = message
    self.line = line
    self.column = column
  }

  var description: String { line > 0 ? "line \(line), column \(column): \(message)" : message }
}

/// What one YAML text may cost. The texts come from the operator, but a typing error or a copied file must
/// not take the gate down with it.
struct YAMLLimits: Sendable {
  /// Bytes of one text. The API server takes no object over 3 MiB; seven leaves room for a List of them and
  /// is the bound that the gate puts on a review.
  var maxBytes = 7 << 20
  /// Nesting of mappings and sequences, as in the JSON room. libyaml's own bound is 1000.
  var maxDepth = 128
  /// Values after aliases are expanded, all documents together: what "billion laughs" is stopped by. The
  /// same bound as the JSON room's.
  var maxValues = 500_000
}
