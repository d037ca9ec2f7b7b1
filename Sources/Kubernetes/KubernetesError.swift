/// Why a call did not do what was asked: the API server's own words, or ours when it could not be asked.
package struct KubernetesError: Error, Sendable, CustomStringConvertible {
  /// The API server's `reason` (k8s.io/apimachinery, metav1.StatusReason), or one of ours.
  package struct Reason: RawRepresentable, Sendable, Hashable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
  }

  /// One of `details.causes`: usually a field and what is wrong with it.
  package struct Cause: Sendable, Hashable {
    package let field: String?
    package let reason: String
    package let message: String
  }

  /// The HTTP status; nil when there was no answer.
  package let code: Int?
  package let reason: Reason
  /// What happened, in the words of whoever refused.
  package let message: String
  package let causes: [Cause]
  /// When asking again makes sense, if the server said so.
  package let retryAfter: Duration?
  /// What to do next: one sentence, without a full stop.
  package let advice: String

  package init(
    _ reason: Reason, code: Int? = nil, message: String, causes: [Cause] = [], retryAfter: Duration? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.causes = causes
    self.retryAfter = retryAfter
    advice = Self.advice(reason)
  }

  package var description: String {
    let fields = causes.compactMap { cause in cause.field.map { "\($0): \(cause.message)" } }
    // Most messages of the API server name the fields already.
    let missing = fields.filter { !message.contains($0) }
    return ([message] + missing).joined(separator: "; ") + ": \(advice)"
  }
}

extension KubernetesError.Reason {
  package static let unauthorized = Self(rawValue: "Unauthorized")
  package static let forbidden = Self(rawValue: "Forbidden")
  package static let notFound = Self(rawValue: "NotFound")
  package static let alreadyExists = Self(rawValue: "AlreadyExists")
  package static let conflict = Self(rawValue: "Conflict")
  package static let gone = Self(rawValue: "Gone")
  package static let expired = Self(rawValue: "Expired")
  package static let invalid = Self(rawValue: "Invalid")
  package static let badRequest = Self(rawValue: "BadRequest")
  package static let methodNotAllowed = Self(rawValue: "MethodNotAllowed")
  package static let notAcceptable = Self(rawValue: "NotAcceptable")
  package static let unsupportedMediaType = Self(rawValue: "UnsupportedMediaType")
  package static let requestTooLarge = Self(rawValue: "RequestEntityTooLarge")
  package static let tooManyRequests = Self(rawValue: "TooManyRequests")
  package static let serverTimeout = Self(rawValue: "ServerTimeout")
  package static let timeout = Self(rawValue: "Timeout")
  package static let internalError = Self(rawValue: "InternalError")
  package static let serviceUnavailable = Self(rawValue: "ServiceUnavailable")

  // Ours: the API server did not answer, or not with anything that can be used.

  /// No connection, or it ended before the answer did.
  package static let unreachable = Self(rawValue: "Unreachable")
  /// The server is not the one that we trust, or does not trust us.
  package static let untrusted = Self(rawValue: "Untrusted")
  /// The call's own deadline passed.
  package static let deadlineExceeded = Self(rawValue: "DeadlineExceeded")
  package static let cancelled = Self(rawValue: "Cancelled")
  /// The answer is no JSON, not the object that was asked for, or over a limit.
  package static let malformed = Self(rawValue: "Malformed")
  /// Kubeconfig, credential or arguments cannot be used; nothing was sent.
  package static let unusable = Self(rawValue: "Unusable")
}

extension KubernetesError {
  /// The version of a list or watch is too old: list anew.
  package var isExpired: Bool { code == 410 || reason == .expired || reason == .gone }
  package var isConflict: Bool { reason == .conflict }
  package var isNotFound: Bool { reason == .notFound }
  package var isAlreadyExists: Bool { reason == .alreadyExists }
  /// The same call may succeed later without anybody changing anything.
  package var isTransient: Bool {
    switch reason {
    case .tooManyRequests, .serverTimeout, .timeout, .serviceUnavailable, .internalError, .unreachable,
      .deadlineExceeded:
      true
    default: (code ?? 0) >= 500
    }
  }

  /// The same error, with what the server had answered to an earlier attempt of the same call.
  func after(_ earlier: KubernetesError) -> KubernetesError {
    let code = earlier.code.map { " with \($0)" } ?? ""
    return KubernetesError(
      reason, code: self.code, message: "\(message), after an answer\(code): \(earlier.message)",
      causes: causes + earlier.causes, retryAfter: retryAfter ?? earlier.retryAfter)
  }

  static func unusable(_ message: String) -> Self { Self(.unusable, message: message) }

  private static func advice(_ reason: Reason) -> String {
    switch reason {
    case .unauthorized: "the credential is missing, wrong or expired; renew it"
    case .forbidden: "grant it with a Role and a RoleBinding, or ask as somebody else"
    case .notFound: "check name and namespace, and that the resource is installed"
    case .alreadyExists: "use another name, or update what is there"
    case .conflict: "read the object again and repeat the change on what it is now"
    case .gone, .expired: "list again without a version or continue token"
    case .invalid, .badRequest: "correct the object as the message says"
    case .methodNotAllowed, .notAcceptable, .unsupportedMediaType:
      "this API server does not take such a request; compare its version with ours"
    case .requestTooLarge: "send a smaller object"
    case .tooManyRequests, .serverTimeout, .timeout, .serviceUnavailable: "try again later"
    case .internalError: "try again, and see the API server's log"
    case .unreachable: "check that the API server runs and that the network leads to it"
    case .untrusted: "check the CA and the server's name in the configuration"
    case .deadlineExceeded: "try again, or allow more time"
    case .cancelled: "nothing; it was cancelled on purpose"
    case .malformed: "check that this address is an API server and not a proxy before it"
    case .unusable: "correct it and start again"
    default: "see the API server's log"
    }
  }
}
