internal import JSON

/// What an exec plugin printed: a token, a client certificate, or both, and until when they are good.
struct ExecCredential: Sendable, Hashable {
  var token: String?
  var certificate: [UInt8]?
  var key: [UInt8]?
  /// Seconds since 1970; nil means until the API server refuses it.
  var expiry: Int64?

  init(_ output: [UInt8], apiVersion: String, of command: String) throws(KubernetesError) {
    guard let root = (try? JSONDocument(parsing: output, limits: KubernetesLimits.status))?.root,
      root["kind"]?.equals("ExecCredential") == true, root["apiVersion"]?.equals(apiVersion) == true,
      let status = root["status"]
    else { throw .unusable("the exec plugin '\(command)' printed no ExecCredential of \(apiVersion)") }
    if let text = status["token"]?.string { token = try BearerToken.checked(text, from: "'\(command)'") }
    certificate = status["clientCertificateData"]?.string.map { Array($0.utf8) }
    key = status["clientKeyData"]?.string.map { Array($0.utf8) }
    guard (certificate == nil) == (key == nil), token != nil || certificate != nil else {
      throw .unusable("the exec plugin '\(command)' printed neither a token nor a certificate with its key")
    }
    if let text = status["expirationTimestamp"]?.string {
      guard let time = MicroTime(text) else {
        throw .unusable("the exec plugin '\(command)' printed an expirationTimestamp that is no time")
      }
      expiry = time.microseconds / 1_000_000
    }
  }
}
