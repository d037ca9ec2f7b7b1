/// The names of a Service within its cluster.
enum ServiceName {
  /// The name that an API server asks for, then the others under which the Service may be called.
  static func hosts(service: String, namespace: String) -> [String] {
    [
      verified(service: service, namespace: namespace), "\(service).\(namespace).svc.cluster.local",
      "\(service).\(namespace)",
    ]
  }

  /// What an API server's TLS client demands of a webhook behind a Service
  /// (k8s.io/apiserver, `webhook.ClientManager`).
  static func verified(service: String, namespace: String) -> String { "\(service).\(namespace).svc" }
}
