internal import COpenSSL
import Glibc

/// The name or address that a server's certificate must prove.
struct ServerIdentity: Sendable {
  let name: String

  var isAddress: Bool { (try? SocketAddress(host: name, port: 0)) != nil }

  /// Makes the handshake of `ssl` fail unless the certificate is for this name.
  func require(of ssl: OpaquePointer) throws(TransportError) {
    let isSet: Bool
    if isAddress {
      isSet = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1
    } else {
      SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
      isSet = SSL_set1_host(ssl, name) == 1 && copenssl_set_server_name(ssl, name) == 1
    }
    guard isSet else { throw .openSSL(.tlsConfiguration, "'\(name)' cannot be a server's name") }
  }
}
