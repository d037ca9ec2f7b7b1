import ArgumentParser

/// A value of the command line whose refusal says what was expected: `@Option(transform: ByteRate.reading)`.
protocol ExplainedArgument {
  /// Completes `expected ...`.
  static var expected: String { get }
  init?(argument: String)
}

extension ExplainedArgument {
  static func reading(_ text: String) throws -> Self {
    guard let value = Self(argument: text) else { throw ValidationError("expected \(expected)") }
    return value
  }
}
