import ArgumentParser
import Glibc
import JSON
import Transport

/// A certificate report in words, and as JSON.
enum CertificateText {
  enum Form: String, ExpressibleByArgument { case text, json }

  static func people(_ report: CertificateReport) -> String {
    let leaf = report.certificate, authority = report.authority
    return """
      certificate  \(leaf.subject)
        names      \((leaf.dnsNames + leaf.addresses).joined(separator: ", "))
        valid      \(instant(leaf.notBefore)) to \(instant(leaf.notAfter)), \(daysLeft(leaf))
        sha256     \(leaf.fingerprint)
        key        \(report.keyMatches ? "matches" : "DOES NOT belong to this certificate")
        chain      \(report.chainProblem ?? "ok")
      authority    \(authority.subject)
        valid      to \(instant(authority.notAfter)), \(daysLeft(authority))
        sha256     \(authority.fingerprint)
      """
  }

  static func json(_ report: CertificateReport) -> String {
    let value: JSONValue = [
      "certificate": object(report.certificate),
      "authority": object(report.authority),
      "keyMatches": .bool(report.keyMatches),
      "chain": .string(report.chainProblem ?? "ok"),
      "usable": .bool(report.isUsable),
    ]
    return String(decoding: value.prettyBytes, as: UTF8.self)
  }

  private static func object(_ info: CertificateInfo) -> JSONValue {
    [
      "subject": .string(info.subject), "issuer": .string(info.issuer),
      "dnsNames": .array(info.dnsNames.map(JSONValue.string)),
      "addresses": .array(info.addresses.map(JSONValue.string)),
      "notBefore": .string(instant(info.notBefore)), "notAfter": .string(instant(info.notAfter)),
      "daysLeft": .number(String(info.daysLeft())), "sha256": .string(info.fingerprint),
    ]
  }

  private static func daysLeft(_ info: CertificateInfo) -> String {
    let days = info.daysLeft()
    return days < 0 ? "EXPIRED" : "\(days) days left"
  }

  /// RFC 3339, UTC.
  private static func instant(_ seconds: Int64) -> String {
    var calendar = tm(), time = time_t(seconds)
    gmtime_r(&time, &calendar)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      strftime(text.baseAddress!, text.count, "%Y-%m-%dT%H:%M:%SZ", &calendar)
      return String(cString: text.baseAddress!)
    }
  }
}

extension CertificateReport {
  /// A client that trusts the authority accepts the certificate today, and the gate can serve with it.
  var isUsable: Bool { keyMatches && chainProblem == nil && certificate.isValid() }
}
