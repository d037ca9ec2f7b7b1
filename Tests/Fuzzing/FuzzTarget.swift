/// Something that reads what strangers send.
package struct FuzzTarget: Sendable {
  package let name: String
  /// Inputs are JSON documents, and can be changed as trees too.
  package let isJSON: Bool
  /// What the format is made of, to be written into inputs.
  package let words: [String]
  /// Reads one input. Returns the kind of answer it gave; throws when something does not hold that always
  /// must.
  package let run: @Sendable ([UInt8]) throws -> String

  package init(
    name: String, isJSON: Bool = false, words: [String] = [],
    run: @escaping @Sendable ([UInt8]) throws -> String
  ) {
    self.name = name
    self.isJSON = isJSON
    self.words = words
    self.run = run
  }
}

/// A rule that did not hold for an input.
package struct BrokenRule: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  package static func check(_ holds: Bool, _ rule: @autoclosure () -> String) throws {
    if !holds { throw BrokenRule(rule()) }
  }
}
