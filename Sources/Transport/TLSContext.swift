internal import COpenSSL
import Glibc

/// One immutable `SSL_CTX`: what every session made from it has in common.
///
/// Unchecked: it is configured in `init` and only read afterwards, and OpenSSL counts references to it
/// atomically.
final class TLSContext: @unchecked Sendable {
  let raw: OpaquePointer
  private(set) var clientRule: ClientRule?
  private let protocols: ProtocolList

  /// - Parameter protocols: ALPN names, the preferred first; none means that ALPN is not answered.
  init(server isServer: Bool, minimum: TLSVersion, protocols names: [String]) throws(TransportError) {
    guard let raw = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
      throw .openSSL(.system, "cannot make a TLS context")
    }
    self.raw = raw
    protocols = ProtocolList(names)
    try applyHouseRules(minimum)
    guard !names.isEmpty else { return }
    if isServer {
      SSL_CTX_set_alpn_select_cb(raw, selectProtocol, Unmanaged.passUnretained(protocols).toOpaque())
    } else {
      SSL_CTX_set_alpn_protos(raw, protocols.wire, UInt32(protocols.wire.count))
    }
  }
  deinit { SSL_CTX_free(raw) }

  /// AEAD suites with forward secrecy only; no renegotiation, no compression; buffers go back when idle.
  private func applyHouseRules(_ minimum: TLSVersion) throws(TransportError) {
    copenssl_house_options(raw)
    copenssl_set_mode(
      raw, Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS)
    )
    copenssl_read_ahead(raw)
    copenssl_no_session_cache(raw)
    // One ticket, not OpenSSL's two: each costs an encryption and a write per handshake.
    SSL_CTX_set_num_tickets(raw, 1)
    let isDone =
      copenssl_set_min_version(raw, minimum.code) == 1
      && SSL_CTX_set_ciphersuites(
        raw, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1
      && SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
      && copenssl_set_groups(raw, "X25519:P-256:P-384") == 1
    guard isDone else { throw .openSSL(.tlsConfiguration, "OpenSSL refuses the TLS settings") }
  }

  /// Serves with this certificate and key, both PEM; the certificate may bring its chain.
  func use(certificate: PEM, key: PEM) throws(TransportError) {
    let chain = try certificate.certificates()
    let privateKey = try key.privateKey()
    guard SSL_CTX_use_certificate(raw, chain[0].raw) == 1 else {
      throw .openSSL(.certificate, "\(certificate.name) cannot be used as a serving certificate")
    }
    for issuer in chain.dropFirst() { _ = copenssl_add_chain_certificate(raw, issuer.raw) }
    guard SSL_CTX_use_PrivateKey(raw, privateKey.raw) == 1, SSL_CTX_check_private_key(raw) == 1 else {
      throw .openSSL(
        .certificate, "the key in \(key.name) does not belong to the certificate in \(certificate.name)")
    }
  }

  /// Trusts exactly these certificates; not the system's.
  func trust(_ authorities: PEM) throws(TransportError) {
    let store = SSL_CTX_get_cert_store(raw)
    for authority in try authorities.certificates() { X509_STORE_add_cert(store, authority.raw) }
    // A pinned certificate is trusted as it is, even when it is not self-signed.
    X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
  }

  /// Refuses every server that these authorities do not vouch for; the name is checked by each session.
  func verifyServer(authorities: PEM) throws(TransportError) {
    try trust(authorities)
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
  }

  /// Asks every client for a certificate and refuses the handshake without an allowed one.
  func require(_ rule: ClientRule, authorities: PEM) throws(TransportError) {
    try trust(authorities)
    for authority in try authorities.certificates() { SSL_CTX_add_client_CA(raw, authority.raw) }
    clientRule = rule
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_cert_verify_callback(raw, verifyClient, Unmanaged.passUnretained(rule).toOpaque())
    // Without an id context OpenSSL fails a resumption that carries a client certificate.
    let name = Array("clonegate".utf8)
    SSL_CTX_set_session_id_context(raw, name, UInt32(name.count))
  }

  func explain(_ verdict: Int) -> String {
    if verdict == Int(X509_V_ERR_APPLICATION_VERIFICATION), let rule = clientRule { return rule.refusal }
    return String(cString: X509_verify_cert_error_string(verdict))
  }
}

/// The lowest TLS version that is accepted.
package enum TLSVersion: String, Sendable {
  case tls12 = "1.2"
  case tls13 = "1.3"
  var code: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}

/// ALPN names in the wire's form: each with its length before it.
final class ProtocolList: Sendable {
  let wire: [UInt8]
  init(_ names: [String]) { wire = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } }
}

/// Chooses our most preferred protocol that the client offers; none in common ends the handshake (RFC 7301,
/// 3.2).
private func selectProtocol(
  _: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ length: UnsafeMutablePointer<UInt8>?,
  _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  let wire = Unmanaged<ProtocolList>.fromOpaque(argument!).takeUnretainedValue().wire
  let offer = UnsafeBufferPointer(start: offered, count: Int(offeredLength))
  var mine = 0
  while mine < wire.count {
    let size = Int(wire[mine]) + 1
    var theirs = 0
    while theirs < offer.count, theirs + Int(offer[theirs]) < offer.count {
      let end = theirs + Int(offer[theirs]) + 1
      if offer[theirs..<end].elementsEqual(wire[mine..<mine + size]) {
        chosen?.pointee = offered! + theirs + 1
        length?.pointee = offer[theirs]
        return SSL_TLSEXT_ERR_OK
      }
      theirs = end
    }
    mine += size
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// OpenSSL's own verification first, then the name: a refusal is part of the handshake, and nothing else is
/// asked.
private func verifyClient(_ store: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
  guard X509_verify_cert(store) == 1 else { return 0 }
  let rule = Unmanaged<ClientRule>.fromOpaque(argument!).takeUnretainedValue()
  if rule.allows(X509_STORE_CTX_get0_cert(store)) { return 1 }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
  return 0
}
