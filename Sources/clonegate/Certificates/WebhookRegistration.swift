import Admission
import ArgumentParser
import JSON

/// The MutatingWebhookConfiguration and the ValidatingWebhookConfiguration of a gate.
struct WebhookRegistration {
  /// How the API server reaches the gate.
  enum Place {
    case service(namespace: String, name: String, port: String)
    case url(String)
  }

  /// What kind of gate is registered.
  enum Setting: String, ExpressibleByArgument {
    /// It mirrors the cluster and writes nothing.
    case cluster
    /// It writes accepted clones into its journal, and cancels what is deleted.
    case standalone
  }

  let name: String
  let place: Place
  let setting: Setting
  /// `caBundle`: base64 of PEM.
  let authorities: String

  /// - Parameter setting: nil: behind a Service there is a gate of the cluster, behind an address a
  ///   standalone one.
  init(name: String, place: Place, setting: Setting? = nil, authorities: String) {
    self.name = name
    self.place = place
    self.setting = setting ?? place.usualSetting
    self.authorities = authorities
  }

  /// Both as YAML documents.
  var documents: String { [mutating, validating].map(YAMLWriter.text).joined(separator: "---\n") }

  /// Both as one JSON List.
  var list: String {
    let value: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array([mutating, validating])]
    return String(decoding: value.prettyBytes, as: UTF8.self)
  }

  /// Defaults are filled on CREATE only (DESIGN 4).
  private var mutating: JSONValue {
    configuration(
      "Mutating",
      [
        webhook("datavolume-mutate", "/mutate", .dataVolumes, ["CREATE"], ["reinvocationPolicy": "IfNeeded"]),
        webhook(
          "virtualmachine-mutate", "/mutate", .virtualMachines, ["CREATE"],
          ["reinvocationPolicy": "IfNeeded"],
          [.hasTemplates]),
      ])
  }

  private var validating: JSONValue {
    configuration(
      "Validating",
      [
        webhook(
          "datavolume-validate", "/validate", .dataVolumes, ["CREATE", "UPDATE"], [:], [.changesOrder]),
        webhook(
          "virtualmachine-validate", "/validate", .virtualMachines, ["CREATE", "UPDATE"], [:],
          [.hasTemplates, .changesTemplates]),
      ] + (setting == .cluster ? [] : deletions))
  }

  /// A gate with a journal cancels the copies of what is deleted. A deletion is never refused, so it must not
  /// hang on the gate either: `Ignore` here, `Fail` for the rest.
  private var deletions: [JSONValue] {
    [
      webhook("datavolume-delete", "/validate", .dataVolumes, ["DELETE"], ["failurePolicy": "Ignore"]),
      webhook(
        "virtualmachine-delete", "/validate", .virtualMachines, ["DELETE"], ["failurePolicy": "Ignore"]),
    ]
  }

  private func configuration(_ kind: String, _ webhooks: [JSONValue]) -> JSONValue {
    [
      "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string("\(kind)WebhookConfiguration"),
      "metadata": ["name": .string(name)], "webhooks": .array(webhooks),
    ]
  }

  private func webhook(
    _ prefix: String, _ path: String, _ resource: Resource, _ operations: [JSONValue],
    _ more: JSONValue = [:],
    _ conditions: [Condition] = []
  ) -> JSONValue {
    var webhook: JSONValue = [
      "name": .string("\(prefix).clonegate.dev"),
      "clientConfig": clientConfig(path),
      "rules": [resource.rule(operations)],
      "failurePolicy": "Fail",
      "matchPolicy": "Equivalent",
      "sideEffects": setting == .cluster ? "None" : "NoneOnDryRun",
      // The API server's own default, written down; longer only holds the user's request (USERS 1.7).
      "timeoutSeconds": 10,
      "admissionReviewVersions": ["v1", "v1beta1"],
    ]
    for key in more.object?.keys ?? [] { webhook[key] = more[key] }
    if case .service(let namespace, _, _) = place {
      webhook["namespaceSelector"] = Self.exempt(["kube-system", .string(namespace)])
    }
    if setting == .cluster, !conditions.isEmpty {
      webhook["matchConditions"] = .array(conditions.map(\.json))
    }
    return webhook
  }

  /// Where the cluster's own parts live nothing waits for the gate; only administrators may write there. The
  /// label is the API server's own, so that nobody exempts a namespace by labelling it.
  private static func exempt(_ namespaces: [JSONValue]) -> JSONValue {
    [
      "matchExpressions": [
        ["key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": .array(namespaces)]
      ]
    ]
  }

  private func clientConfig(_ path: String) -> JSONValue {
    let bundle = JSONValue.string(authorities)
    switch place {
    case .url(let base): return ["url": .string(base + path), "caBundle": bundle]
    case .service(let namespace, let name, let port):
      let service: JSONValue = [
        "namespace": .string(namespace), "name": .string(name), "port": .number(port), "path": .string(path),
      ]
      return ["service": service, "caBundle": bundle]
    }
  }
}

extension WebhookRegistration {
  /// What the gate need not be asked about, since it would allow it unseen: so finalizers come off and labels
  /// go on while it is away. Only for a gate of the cluster: a journal hears of everything.
  private struct Condition {
    let name: String
    let expression: String

    var json: JSONValue { ["name": .string(name), "expression": .string(expression)] }

    /// The spec of a DataVolume is judged when it would change, and so is the stamp.
    static let changesOrder = Condition(
      name: "changes-spec-or-stamp",
      expression: "request.operation != 'UPDATE' || object.?spec != oldObject.?spec || "
        + "object.?metadata.?annotations[?'\(AcceptanceStamp.annotation)'] != "
        + "oldObject.?metadata.?annotations[?'\(AcceptanceStamp.annotation)']")

    static let hasTemplates = Condition(
      name: "has-templates",
      // A null is none, as for the gate.
      expression: "object.?spec.?dataVolumeTemplates.orValue(null) != null && "
        + "size(object.spec.dataVolumeTemplates) > 0")

    static let changesTemplates = Condition(
      name: "changes-templates",
      expression: "request.operation != 'UPDATE' || "
        + "object.?spec.?dataVolumeTemplates != oldObject.?spec.?dataVolumeTemplates")
  }

  /// What the gate judges.
  private enum Resource {
    case dataVolumes, virtualMachines

    func rule(_ operations: [JSONValue]) -> JSONValue {
      let (group, versions, name): (JSONValue, JSONValue, JSONValue) =
        switch self {
        case .dataVolumes: ("cdi.kubevirt.io", ["v1beta1"], "datavolumes")
        case .virtualMachines: ("kubevirt.io", ["v1", "v1alpha3"], "virtualmachines")
        }
      return [
        "apiGroups": [group], "apiVersions": versions, "operations": .array(operations), "resources": [name],
        "scope": "Namespaced",
      ]
    }
  }
}

extension WebhookRegistration.Place {
  fileprivate var usualSetting: WebhookRegistration.Setting {
    if case .service = self { .cluster } else { .standalone }
  }

  /// `NAMESPACE/NAME` or `NAMESPACE/NAME:PORT`; the port is 443 unless given.
  init(service text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let name = parts.last?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    let port = name.count == 2 ? UInt16(name[1]) : 443
    let isRight = parts.count == 2 && (1...2).contains(name.count) && !parts[0].isEmpty && !name[0].isEmpty
    guard isRight, let port, port > 0 else {
      throw CommandFailure.usage(
        "'\(text)' is not a Service", hint: "write NAMESPACE/NAME or NAMESPACE/NAME:PORT")
    }
    self = .service(namespace: String(parts[0]), name: String(name[0]), port: String(port))
  }

  /// The API server takes only https here, and neither a query nor a fragment.
  init(url text: String) throws {
    let base = text.hasSuffix("/") ? String(text.dropLast()) : text
    guard base.hasPrefix("https://"), base.utf8.count > 8, !base.contains("?"), !base.contains("#"),
      !base.contains("@")
    else {
      throw CommandFailure.usage(
        "'\(text)' is not an address that an API server calls", hint: "write https://HOST:PORT")
    }
    self = .url(base)
  }
}
