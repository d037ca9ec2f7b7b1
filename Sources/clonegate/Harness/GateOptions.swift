import ArgumentParser

/// How the gate is reached.
struct GateOptions: ParsableArguments {
  @Option(help: "Address of the gate.")
  var server = "https://127.0.0.1:8443"

  @Option(help: "CA that the gate's certificate must come from, PEM.")
  var ca = "certs/ca.crt"

  @Option(help: "Certificate to show to a gate with --client-ca, PEM (needs --client-key).")
  var clientCert: String?

  @Option(help: "Its private key, PEM.")
  var clientKey: String?

  /// What a gate that asks for a certificate is shown.
  var identity: (certificate: String, key: String)? {
    clientCert.flatMap { certificate in clientKey.map { (certificate, $0) } }
  }

  func validate() throws {
    if (clientCert == nil) != (clientKey == nil) {
      throw ValidationError("--client-cert and --client-key belong together")
    }
    do { _ = try ServerAddress(server) } catch let error as CommandFailure {
      throw ValidationError(error.message)
    }
  }
}
