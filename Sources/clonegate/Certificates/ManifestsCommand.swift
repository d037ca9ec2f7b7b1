import ArgumentParser
import JSON
import Transport

/// `manifests`: what registers the gate with an API server.
struct ManifestsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifests", abstract: "Print the webhook registration with the CA bundle.",
    discussion: "Pipe it into 'kubectl apply -f -'.")

  @Option(help: "PEM file of the authority that signed the gate's certificate.")
  var ca = "certs/ca.crt"
  @Option(help: "The gate's Service as NAMESPACE/NAME or NAMESPACE/NAME:PORT.")
  var service: String?
  @Option(help: "The gate's address if it is not behind a Service, such as https://127.0.0.1:8443.")
  var url: String?
  @Option(
    help: """
      'cluster': the gate has no side effects. 'standalone': it writes a journal, and is told of deletions. \
      (default: cluster with --service, standalone with --url)
      """)
  var setting: WebhookRegistration.Setting?
  @Option(name: .customLong("name"), help: "Name of both configurations.")
  var registration = "clonegate"
  @Option(name: .shortAndLong, help: "'yaml', or 'json' for one List.")
  var output = Form.yaml

  enum Form: String, ExpressibleByArgument { case yaml, json }

  @OptionGroup var configurationFile: ConfigurationOption

  func run() async throws {
    try CertificateFailure.explained {
      let bundle = try AuthorityBundle(path: ca)
      guard bundle.authorities.allSatisfy({ $0.isValid() }) else {
        throw CommandFailure.failed(
          "\(ca) holds an authority outside its dates; an API server would refuse the gate",
          hint: "see 'clonegate certs show'")
      }
      let registration = WebhookRegistration(
        name: registration, place: try place(), setting: setting, authorities: bundle.base64)
      Console.out(output == .json ? registration.list : registration.documents)
    }
  }

  private func place() throws -> WebhookRegistration.Place {
    switch (service, url) {
    case (let service?, nil): return try .init(service: service)
    case (nil, let url?): return try .init(url: url)
    default: throw CommandFailure.usage("give either --service NAMESPACE/NAME or --url https://HOST:PORT")
    }
  }
}
