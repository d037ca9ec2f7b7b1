internal import COpenSSL
import Glibc

/// Reads the fields of a certificate that the house looks at. Lends, never owns.
enum X509Reader {
  /// The common name, then the DNS alternative names.
  static func names(of certificate: OpaquePointer) -> [String] {
    commonNames(of: X509_get_subject_name(certificate)) + alternatives(of: certificate).dns
  }

  static func commonNames(of name: OpaquePointer?) -> [String] {
    var names: [String] = []
    var index: Int32 = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    while index >= 0 {
      let entry = X509_NAME_get_entry(name, index)
      if let value = text(X509_NAME_ENTRY_get_data(entry)) { names.append(value) }
      index = X509_NAME_get_index_by_NID(name, NID_commonName, index)
    }
    return names
  }

  static func alternatives(of certificate: OpaquePointer) -> (dns: [String], addresses: [String]) {
    guard let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return ([], []) }
    let names = OpaquePointer(raw)
    defer { GENERAL_NAMES_free(names) }
    var dns: [String] = [], addresses: [String] = []
    for index in 0..<copenssl_name_count(names) {
      guard let name = copenssl_name_at(names, index), let value = copenssl_name_text(name) else { continue }
      if copenssl_name_kind(name) == GEN_DNS { text(value).map { dns.append($0) } }
      if copenssl_name_kind(name) == GEN_IPADD { address(value).map { addresses.append($0) } }
    }
    return (dns, addresses)
  }

  /// The string as UTF-8; nil if it holds a NUL, which has been used to pass `good.example\0.evil.example`
  /// off.
  private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&bytes, string)
    guard count >= 0, let bytes else { return nil }
    defer { CRYPTO_free(bytes, nil, 0) }
    let buffer = UnsafeBufferPointer(start: bytes, count: Int(count))
    return buffer.contains(0) ? nil : String(validating: buffer, as: UTF8.self)
  }

  private static func address(_ string: UnsafePointer<ASN1_STRING>) -> String? {
    let length = ASN1_STRING_length(string)
    guard length == 4 || length == 16 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      let family = length == 4 ? AF_INET : AF_INET6
      let text = inet_ntop(
        family, ASN1_STRING_get0_data(string), buffer.baseAddress!, socklen_t(buffer.count))
      return text.map { String(cString: $0) }
    }
  }
}
