/// One change of a JSON Patch (RFC 6902 section 4).
package enum JSONPatchOperation: Sendable, Hashable {
  case add(path: JSONPointer, value: JSONValue)
  case remove(path: JSONPointer)
  case replace(path: JSONPointer, value: JSONValue)
  case move(from: JSONPointer, path: JSONPointer)
  case copy(from: JSONPointer, path: JSONPointer)
  case test(path: JSONPointer, value: JSONValue)
}

/// A list of changes that happen one after the other, or not at all.
package struct JSONPatch: Sendable, Hashable {
  package var operations: [JSONPatchOperation]

  package init(operations: [JSONPatchOperation] = []) { self.operations = operations }

  package var isEmpty: Bool { operations.isEmpty }
}

/// Why a patch cannot be read or applied.
package struct JSONPatchError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case notAPatch, missingMember, unknownOperation, badPointer, badIndex, noSuchPlace, moveIntoItself,
      testFailed
  }

  package let code: Code
  /// What is wrong, with which operation, and what to do: one sentence for people, without a full stop.
  package let message: String

  package var description: String { message }

  /// `operation` counts from 0, as the elements of the patch do.
  init(_ code: Code, operation: Int, _ what: String) {
    self.code = code
    message = "JSON patch operation \(operation): \(what)"
  }
}

extension JSONPatchError: Equatable {
  package static func == (a: JSONPatchError, b: JSONPatchError) -> Bool { a.code == b.code }
}
