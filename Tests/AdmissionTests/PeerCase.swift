import Admission
import Foundation
import JSON

/// A case of CDI's or KubeVirt's own tests (or a probe run through CDI): what was sent, what the cluster
/// held, what came back. See `../shared/peer/README.md`.
struct PeerCase {
  /// `probes/mutate/001-sar-error`
  let name: String
  private let json: JSONValue

  init(_ name: String) throws {
    self.name = name
    // CDI's unit tests call a DataVolume testDV and bypass the API server, which would refuse capital
    // letters.
    let file = World.peer.appending(path: name + ".json")
    let text = try String(contentsOf: file, encoding: .utf8)
      .replacingOccurrences(of: "testDV", with: "test-dv")
      .replacingOccurrences(of: "testNamespace", with: "test-namespace")
    json = try JSONValue(parsing: Array(text.utf8))
  }

  static func names(_ folder: String) -> [String] {
    World.names(in: World.peer.appending(path: folder)).filter { $0.hasSuffix(".json") }
      .map { "\(folder)/\($0.dropLast(5))" }
  }

  var request: JSONValue { json["review"]?["request"] ?? .null }

  /// What the peer answered: `allowed`, or no causes and no error.
  var isAllowed: Bool {
    let response = json["response"]
    return response?["allowed"]?.bool
      ?? (response?["causes"]?.array ?? []).isEmpty && response?["error"] == nil
  }

  /// The review as an API server would have sent it: what the unit tests left empty is filled in.
  func body(resource: String) -> [UInt8] {
    var request = request
    if (request["uid"]?.string ?? "").isEmpty { request["uid"] = "peer-uid" }
    if (request["operation"]?.string ?? "").isEmpty { request["operation"] = "CREATE" }
    if (request["userInfo"]?["username"]?.string ?? "").isEmpty {
      request["userInfo"] = ["username": "peer", "groups": ["system:authenticated"]]
    }
    // An API server refuses an object of another namespace than the request's before it asks a webhook.
    let namespace = request["object"]?["metadata"]?["namespace"]?.string ?? ""
    if !namespace.isEmpty { request["namespace"] = .string(namespace) }
    if (request["resource"]?["resource"]?.string ?? "").isEmpty || resource == "virtualmachines" {
      let isMachine = resource == "virtualmachines"
      request["resource"] = [
        "group": isMachine ? "kubevirt.io" : "cdi.kubevirt.io", "version": isMachine ? "v1" : "v1beta1",
        "resource": .string(resource),
      ]
    }
    let review: JSONValue = [
      "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request,
    ]
    return review.bytes
  }

  var settings: AdmissionSettings {
    var settings = AdmissionSettings(subjectRule: .requester)
    let gates = objects.filter { $0["kind"]?.string == "CDIConfig" }
      .flatMap { $0["spec"]?["featureGates"]?.array ?? [] }
    settings.claimAdoption = gates.contains("DataVolumeClaimAdoption")
    return settings
  }

  var objects: [JSONValue] {
    (json["cluster"]?["objects"]?.array ?? []).map { $0["object"] ?? $0 }
  }

  /// The fake's answers to access reviews as RBAC: what it allowed is granted to everybody.
  var grants: [JSONValue] {
    let review = json["cluster"]?["sar"]
    var rules: [JSONValue] = []
    if let answerRules = review?["answerRules"] {
      rules = (answerRules["rules"]?.array ?? []).filter { $0["allowed"]?.bool == true }.map(rule)
    } else if isEverythingGranted(review) {
      rules = [["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]]]
    }
    let role: JSONValue = [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "answers"],
      "rules": .array(rules),
    ]
    return [role, binding]
  }

  private func isEverythingGranted(_ review: JSONValue?) -> Bool {
    let cloneAuth = json["cluster"]?["cloneAuth"]?.array ?? []
    if !cloneAuth.isEmpty {
      return cloneAuth.allSatisfy { $0["allowed"]?.bool == true && $0["error"] == nil }
    }
    return review?["answer"]?["allowed"]?.bool ?? true
  }

  /// CDI asks about `pvcs`, which is no resource: only `*` grants it. Here the real name is asked and
  /// granted.
  private func rule(_ answer: JSONValue) -> JSONValue {
    let resource = answer["resource"]?.string ?? ""
    let subresource = answer["subresource"]?.string ?? ""
    let name = resource == "pvcs" ? "persistentvolumeclaims" : resource
    return [
      "apiGroups": [answer["group"] ?? ""], "verbs": [answer["verb"] ?? ""],
      "resources": [.string(subresource.isEmpty ? name : "\(name)/\(subresource)")],
    ]
  }

  private var binding: JSONValue {
    func group(_ name: JSONValue) -> JSONValue { ["kind": "Group", "name": name] }
    let user: JSONValue = ["kind": "User", "name": request["userInfo"]?["username"] ?? ""]
    let isNamed = user["name"]?.string?.isEmpty == false
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
      "metadata": ["name": "answers"],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "answers"],
      "subjects": .array(
        [group("system:authenticated"), group("system:serviceaccounts")] + (isNamed ? [user] : [])),
    ]
  }

  var judge: Judge { World.judge((objects + grants).map { JSONNode($0) }, settings: settings) }
}
