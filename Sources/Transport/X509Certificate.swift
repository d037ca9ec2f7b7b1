internal import COpenSSL

/// Owns one `X509`.
final class X509Certificate {
  let raw: OpaquePointer
  /// Whose key signed it, or will; nil: its own.
  private let issuer: X509Certificate?

  init(owning raw: OpaquePointer, issuer: X509Certificate? = nil) {
    self.raw = raw
    self.issuer = issuer
  }
  deinit { X509_free(raw) }

  /// A version 3 certificate with a random serial number, waiting for its dates, extensions and signature.
  static func blank(
    subject: String, issuer: X509Certificate?, key: PrivateKey
  ) throws(TransportError) -> X509Certificate {
    guard let raw = X509_new() else { throw .openSSL(.system, "cannot make a certificate") }
    let certificate = X509Certificate(owning: raw, issuer: issuer)
    let name = Array(subject.utf8)
    let own = X509_get_subject_name(raw)
    let isDone =
      X509_set_version(raw, 2) == 1  // counted from 0: version 3
      && setSerial(of: raw)
      && X509_NAME_add_entry_by_NID(own, NID_commonName, MBSTRING_FLAG | 0, name, Int32(name.count), -1, 0)
        == 1
      && X509_set_issuer_name(raw, issuer.map { X509_get_subject_name($0.raw) } ?? own) == 1
      && X509_set_pubkey(raw, key.raw) == 1
    guard isDone else { throw .openSSL(.certificate, "'\(subject)' cannot be a certificate's subject") }
    return certificate
  }

  /// 127 random bits: RFC 5280 wants a positive number, CAs want at least 64 bits that nobody can guess.
  private static func setSerial(of certificate: OpaquePointer) -> Bool {
    guard let number = BN_new() else { return false }
    defer { BN_free(number) }
    return BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
      && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
  }

  /// Seconds since 1970.
  func setDates(from begin: Int64, to end: Int64) {
    ASN1_TIME_set(X509_getm_notBefore(raw), Int(begin))
    ASN1_TIME_set(X509_getm_notAfter(raw), Int(end))
  }

  /// Extensions in OpenSSL's own notation.
  func add(_ extensions: [(kind: Int32, value: String)]) throws(TransportError) {
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer?.raw ?? raw, raw, nil, nil, 0)
    for (kind, value) in extensions {
      let made = X509V3_EXT_conf_nid(nil, &context, kind, value)
      defer { X509_EXTENSION_free(made) }
      guard made != nil, X509_add_ext(raw, made, -1) == 1 else {
        throw .openSSL(.certificate, "the certificate cannot say '\(value)'")
      }
    }
  }

  func sign(with key: PrivateKey) throws(TransportError) {
    guard X509_sign(raw, key.raw, EVP_sha256()) > 0 else { throw .openSSL(.certificate, "cannot sign") }
  }

  func pem() throws(TransportError) -> [UInt8] {
    try PEM.written("a certificate") { PEM_write_bio_X509($0, raw) }
  }
}

/// Owns one `EVP_PKEY`.
final class PrivateKey {
  let raw: OpaquePointer
  init(owning raw: OpaquePointer) { self.raw = raw }
  deinit { EVP_PKEY_free(raw) }

  static func makeP256() throws(TransportError) -> PrivateKey {
    guard let raw = copenssl_new_p256_key() else { throw .openSSL(.system, "cannot make a P-256 key") }
    return PrivateKey(owning: raw)
  }

  /// PKCS #8, not encrypted: the file's mode protects it.
  func pem() throws(TransportError) -> [UInt8] {
    try PEM.written("a private key") { PEM_write_bio_PrivateKey($0, raw, nil, nil, 0, nil, nil) }
  }
}
