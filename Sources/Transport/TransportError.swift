import Glibc

/// What went wrong below the protocols: a code for programs, a sentence for people, and the cause.
package struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case address, resolve, bind, connect, deadline, limit, stopped, system
    case certificate, tlsConfiguration, tlsHandshake, file
  }
  package let code: Code
  /// What happened, to what, and what to do next.
  package let message: String
  /// The system's or OpenSSL's own words, if there are any.
  package let cause: String?

  package init(_ code: Code, _ message: String, cause: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.map { "\(message): \($0)" } ?? message }

  package static func == (a: Self, b: Self) -> Bool { a.code == b.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension TransportError {
  static func system(_ call: String, _ number: Int32, _ message: String, code: Code = .system) -> Self {
    Self(code, message, cause: "\(call): \(describe(errno: number))")
  }
}

/// The system's sentence for an errno, with its number.
func describe(errno number: Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
    let code = strerror_r(number, buffer.baseAddress!, buffer.count)
    return code == 0 ? "\(String(cString: buffer.baseAddress!)) (errno \(number))" : "errno \(number)"
  }
}
