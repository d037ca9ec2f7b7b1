internal import COpenSSL
import Glibc

/// What people ask of a certificate: whose, by whom, until when.
package struct CertificateInfo: Sendable, Hashable {
  /// Common names, joined; may be empty.
  package let subject: String
  package let issuer: String
  package let dnsNames: [String]
  package let addresses: [String]
  /// Seconds since 1970, UTC.
  package let notBefore: Int64
  package let notAfter: Int64
  /// SHA-256 of the certificate's DER, in hexadecimal with colons.
  package let fingerprint: String
  package let isAuthority: Bool

  /// Reads the first certificate of a PEM file.
  package init(path: String) throws(TransportError) { try self.init(PEM(path: path)) }

  init(_ pem: PEM) throws(TransportError) { self.init(try pem.certificates()[0]) }

  init(_ certificate: X509Certificate) {
    let raw = certificate.raw
    subject = X509Reader.commonNames(of: X509_get_subject_name(raw)).joined(separator: ", ")
    issuer = X509Reader.commonNames(of: X509_get_issuer_name(raw)).joined(separator: ", ")
    (dnsNames, addresses) = X509Reader.alternatives(of: raw)
    notBefore = Self.seconds(X509_get0_notBefore(raw))
    notAfter = Self.seconds(X509_get0_notAfter(raw))
    isAuthority = X509_check_ca(raw) == 1
    fingerprint = Self.fingerprint(of: raw)
  }

  /// Days until the end, rounded down; negative after it.
  /// - Parameter now: seconds since 1970.
  package func daysLeft(at now: Int64 = Int64(time(nil))) -> Int {
    let seconds = notAfter - now
    return Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
  }

  /// Whether the certificate is within its dates.
  package func isValid(at now: Int64 = Int64(time(nil))) -> Bool {
    (notBefore...max(notBefore, notAfter)) ~= now
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
    var calendar = tm()
    // An unreadable date counts as long past: nobody should rely on such a certificate.
    return ASN1_TIME_to_tm(time, &calendar) == 1 ? Int64(timegm(&calendar)) : 0
  }

  private static func fingerprint(of certificate: OpaquePointer) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard X509_digest(certificate, EVP_sha256(), &digest, &length) == 1 else { return "" }
    let digits = Array("0123456789ABCDEF")
    return digest.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: ":")
  }
}
