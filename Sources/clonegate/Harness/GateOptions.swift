import ArgumentParser

/// How the gate is reached.
struct GateOptions: ParsableArguments {
  @Option(help: "Address of the gate.")
  var server = "https://127.0.0.1:8443"

  @Option(help: "CA that the gate's certificate must come from, PEM.")
  var ca = "certs/ca.crt"

  func validate() throws {
    do { _ = try ServerAddress(server) } catch let error as CommandFailure {
      throw ValidationError(error.message)
    }
  }
}
