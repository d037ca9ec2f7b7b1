import JSON
import Testing

@testable import clonegate

/// As the API server reads a namespaceSelector, as far as the label is the namespace's own name.
@Suite struct `A webhook's namespaces` {
  private static let label = "kubernetes.io/metadata.name"

  private static func names(_ operation: String, _ values: JSONValue = []) -> JSONValue {
    ["matchExpressions": [["key": .string(label), "operator": .string(operation), "values": values]]]
  }

  @Test(
    arguments: [
      (nil, true, true), ([:], true, true),
      (names("NotIn", ["kube-system", "clonegate"]), true, false),
      (names("In", ["kube-system"]), false, true),
      (names("Exists"), true, true), (names("DoesNotExist"), false, false),
      (["matchLabels": [label: "vms"]], true, false),
      (
        ["matchLabels": ["team": "a"], "matchExpressions": [["key": "team", "operator": "Exists"]]], true,
        true
      ),
    ] as [(JSONValue?, Bool, Bool)])
  func `are let through by name`(selector: JSONValue?, vms: Bool, system: Bool) {
    let selector = NamesSelector(selector.map { JSONNode($0) })
    #expect(selector.admits("vms") == vms && selector.admits("kube-system") == system)
  }

  @Test func `are asked about for DataVolumes by the webhook whose rules name them`() throws {
    func webhook(_ resources: JSONValue) throws -> RegisteredWebhook {
      let node = JSONNode([
        "name": "w", "clientConfig": ["url": "https://gate/mutate"], "rules": [["resources": resources]],
      ])
      return try #require(RegisteredWebhook(node, of: "MutatingWebhookConfiguration clonegate"))
    }
    #expect(try webhook(["pods", "datavolumes"]).isOfDataVolumes && webhook(["*"]).isOfDataVolumes)
    #expect(try !webhook(["virtualmachines"]).isOfDataVolumes)
  }
}
