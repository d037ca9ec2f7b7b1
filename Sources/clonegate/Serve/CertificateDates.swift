/// When a certificate is good, in seconds since 1970.
struct CertificateDates: Sendable, Hashable {
  let notBefore: Int64
  let notAfter: Int64

  /// Seven days are enough for people to act; a certificate that lives for days itself is near its end in
  /// the last tenth.
  static let nearEndSeconds: Int64 = 7 * 86_400

  func isNearEnd(at now: Int64) -> Bool {
    notAfter - now < min(Self.nearEndSeconds, (notAfter - notBefore) / 10)
  }

  /// Rounded down; negative after the end.
  func daysLeft(at now: Int64) -> Int64 { Int64((Double(notAfter - now) / 86_400).rounded(.down)) }
}
