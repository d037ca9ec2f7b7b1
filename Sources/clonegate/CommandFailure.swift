/// Why a command ends without having done what it was asked: one sentence for the person at the terminal
/// (no capital, no full stop; `main` puts the program's name in front), and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
  /// Exit code for a wrong command line or configuration (DESIGN: 0 done, 1 refused or failed, 2 usage).
  static let usageCode: Int32 = 2
  /// Exit code for what was understood and refused, or tried and failed.
  static let failedCode: Int32 = 1

  let exitCode: Int32
  let message: String
  /// What to do next; printed on a line of its own.
  let hint: String?

  static func usage(_ message: String, hint: String? = nil) -> CommandFailure {
    CommandFailure(exitCode: usageCode, message: message, hint: hint)
  }

  static func failed(_ message: String, hint: String? = nil) -> CommandFailure {
    CommandFailure(exitCode: failedCode, message: message, hint: hint)
  }

  var description: String { hint.map { "\(message)\nhint: \($0)" } ?? message }
}
