/// How a write is to be taken.
package struct WriteOptions: Sendable, Hashable {
  package enum FieldValidation: String, Sendable {
    /// Unknown and duplicate fields are refused.
    case strict = "Strict"
    /// They are dropped, and a warning says so. The API server's default.
    case warn = "Warn"
    case ignore = "Ignore"
  }

  /// Everything is done but storing (`dryRun=All`).
  package var dryRun: Bool
  /// Who owns the fields written; at most 128 characters.
  package var fieldManager: String?
  package var fieldValidation: FieldValidation?

  package init(
    dryRun: Bool = false, fieldManager: String? = nil, fieldValidation: FieldValidation? = nil
  ) {
    self.dryRun = dryRun
    self.fieldManager = fieldManager
    self.fieldValidation = fieldValidation
  }

  var parameters: [(String, String)] {
    var result: [(String, String)] = []
    if dryRun { result.append(("dryRun", "All")) }
    if let fieldManager { result.append(("fieldManager", fieldManager)) }
    if let fieldValidation { result.append(("fieldValidation", fieldValidation.rawValue)) }
    return result
  }
}
