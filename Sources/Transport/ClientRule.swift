internal import COpenSSL

/// Which client certificates are welcome, once their chain is good: by common name or DNS subject
/// alternative name.
final class ClientRule: Sendable {
  /// Empty: any certificate of the client CA.
  private let names: Set<String>

  init(names: [String]) { self.names = Set(names) }

  var refusal: String { "the client certificate names none of \(names.sorted().joined(separator: ", "))" }

  func allows(_ certificate: OpaquePointer?) -> Bool { certificate.flatMap { allowedName(of: $0) } != nil }

  /// The certificate's name that the rule allows; nil is a refusal.
  func allowedName(of certificate: OpaquePointer) -> String? {
    let own = X509Reader.names(of: certificate)
    return names.isEmpty ? own.first ?? "" : own.first { names.contains($0) }
  }
}
