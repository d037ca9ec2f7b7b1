import JSON

/// One webhook of a registration, as far as an API server needs it to trust the gate.
struct RegisteredWebhook: Sendable, Hashable {
  /// How an API server reaches the gate, and what the certificate must therefore prove.
  enum Place: Sendable, Hashable {
    case service(namespace: String, name: String)
    /// The host of a URL.
    case host(String)
  }

  /// Kind and name of the configuration, and the webhook's own name.
  let configuration, name: String
  let place: Place
  /// Base64 of PEM; empty when there is none.
  let bundle: String
  /// Whether it is called for DataVolumes.
  let isOfDataVolumes: Bool
  let namespaces: NamesSelector

  /// Nil for what calls nobody.
  init?(_ webhook: JSONNode, of configuration: String) {
    let call = webhook["clientConfig"]
    if let service = call?["service"], let namespace = service["namespace"]?.string,
      let name = service["name"]?.string
    {
      place = .service(namespace: namespace, name: name)
    } else if let url = call?["url"]?.string {
      place = .host(Self.host(of: url))
    } else {
      return nil
    }
    self.configuration = configuration
    name = webhook["name"]?.string ?? ""
    bundle = call?["caBundle"]?.string ?? ""
    let resources = (webhook["rules"]?.elements ?? []).flatMap { $0["resources"]?.elements ?? [] }
    isOfDataVolumes = resources.contains { ["datavolumes", "*", "*/*"].contains($0.string ?? "") }
    namespaces = NamesSelector(webhook["namespaceSelector"])
  }

  /// The name that the certificate must prove.
  var verified: String {
    switch place {
    case .service(let namespace, let name): ServiceName.verified(service: name, namespace: namespace)
    case .host(let host): host
    }
  }

  /// Of `https://HOST:PORT/PATH`, where HOST may be an IPv6 address in brackets.
  private static func host(of url: String) -> String {
    let rest = url.hasPrefix("https://") ? url.dropFirst("https://".count) : url[...]
    let authority = rest.prefix { $0 != "/" }
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
  }
}
