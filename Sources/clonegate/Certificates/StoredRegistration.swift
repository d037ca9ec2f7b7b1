import Admission
import JSON
import Kubernetes
import Transport

/// A webhook configuration as the API server holds it, and what a rotation changes in it.
struct StoredRegistration: Sendable {
  /// Since when the bundle is there: written in one patch with it, so that no run can end between the two.
  static let dateAnnotation = "clonegate.dev/ca-published-at"
  /// Annotations by which cert-manager's injector keeps a bundle (cert-manager.io/docs/concepts/ca-injector).
  static let injectors = [
    "cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/inject-apiserver-ca",
  ]
  static let types: [(type: ResourceType, kind: String)] = [
    (.mutatingWebhookConfigurations, "MutatingWebhookConfiguration"),
    (.validatingWebhookConfigurations, "ValidatingWebhookConfiguration"),
  ]

  let type: ResourceType
  let kind: String
  let object: JSONValue

  var name: String { object["metadata"]?["name"]?.string ?? "" }

  /// What each webhook trusts; nil where that is nothing readable.
  var bundles: [AuthorityBundle?] {
    (object["webhooks"]?.array ?? []).map {
      AuthorityBundle(encoded: $0["clientConfig"]?["caBundle"]?.string)
    }
  }

  var facts: RotationFacts.Registration {
    let annotations = object["metadata"]?["annotations"]
    return RotationFacts.Registration(
      name: "\(kind) \(name)", bundles: bundles.map { $0.map { Set($0.authorities.map(\.fingerprint)) } },
      publishedAt: annotations?[Self.dateAnnotation]?.string.flatMap { UTCTime($0) }?.seconds,
      injector: Self.injectors.first { annotations?[$0] != nil })
  }

  /// Writes the bundle into every webhook, and nothing else; fails as a whole when anybody changed the object
  /// since it was read.
  /// - Parameter now: seconds since 1970.
  func patch(_ bundle: AuthorityBundle, at now: Int64) -> JSONPatch {
    let metadata = JSONPointer(tokens: ["metadata"]), annotations = metadata.appending("annotations")
    let date = JSONValue.string(UTCTime(seconds: now).description)
    var patch = JSONPatch(operations: [
      .test(
        path: metadata.appending("resourceVersion"), value: object["metadata"]?["resourceVersion"] ?? .null)
    ])
    if object["metadata"]?["annotations"]?.object == nil {
      patch.operations.append(.add(path: annotations, value: [Self.dateAnnotation: date]))
    } else {
      patch.operations.append(.add(path: annotations.appending(Self.dateAnnotation), value: date))
    }
    for place in (object["webhooks"]?.array ?? []).indices {
      let path = JSONPointer(tokens: ["webhooks", "\(place)", "clientConfig", "caBundle"])
      patch.operations.append(.add(path: path, value: .string(bundle.base64)))
    }
    return patch
  }
}

extension AuthorityBundle {
  /// Base64 of PEM, as a `caBundle` or a Secret holds it; nil when it is not that.
  init?(encoded: String?) {
    guard let encoded, let bytes = Base64.decoded(encoded),
      let bundle = try? AuthorityBundle(bytes: bytes, name: "a CA bundle")
    else { return nil }
    self = bundle
  }
}
