internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104) by OpenSSL, for texts that come back to us and must not have been made by others.
package enum MessageCode {
  /// Bytes of a code.
  package static let length = 32
  /// Bytes of a key: as many as the code has; more add nothing (RFC 2104, section 3).
  package static let keyLength = 32

  /// The code of `message` by `key`.
  package static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: length)
    var written = 0
    let made = EVP_Q_mac(
      nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count, &code, code.count, &written)
    // Only a library without HMAC or memory fails here; a wrong code must not look like one.
    precondition(made != nil && written == length, "OpenSSL cannot make an HMAC")
    return code
  }

  /// Whether `code` is that of `message`, in a time that does not depend on where they differ.
  package static func matches(_ code: [UInt8], _ message: [UInt8], key: [UInt8]) -> Bool {
    let own = self.code(of: message, key: key)
    return code.count == own.count && CRYPTO_memcmp(code, own, own.count) == 0
  }

  /// A new key from the system's random numbers.
  package static func newKey() throws(TransportError) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: keyLength)
    guard RAND_bytes(&key, Int32(key.count)) == 1 else {
      throw TransportError(.system, "no random numbers can be had for a key")
    }
    return key
  }
}
