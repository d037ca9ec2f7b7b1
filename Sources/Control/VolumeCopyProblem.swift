internal import Admission

/// Why a VolumeCopy could not be read: which field, and what is wrong with it.
package struct VolumeCopyProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// JSON path, as in `spec.source.claim`.
  package let field: String
  package let message: String

  init(_ field: String, _ message: String) {
    self.field = field
    self.message = message
  }

  /// One line, safe to print.
  package var description: String { BoundedText.message("\(field): \(message)") }
}
