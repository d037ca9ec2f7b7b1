import Authorization
import JSON
import Testing

@Suite struct RBACValidationTests {
  @Test(arguments: 0..<43)
  func `an object is accepted or refused as by an API server, with its words`(index: Int) throws {
    let recorded = try Fixtures.json("validation.json").elements!
    #expect(recorded.count == 43)
    let entry = recorded[index]
    let object = entry["object"]!
    let isUpdate = object["metadata"]?["resourceVersion"] != nil
    let problems =
      isUpdate
      ? RBACValidation.problems(
        of: object, replacing: Sample.binding("x", namespace: "source-namespace", "r"))
      : RBACValidation.problems(of: object)
    #expect(problems.isEmpty == entry["accepted"]!.bool!, "\(entry["description"]!.string!)")
    guard let status = entry["status"] else { return }
    let causes = status["details"]?["causes"]?.elements ?? []
    #expect(
      causes.map { [$0["field"]!.string!, $0["reason"]!.string!, $0["message"]!.string!] }
        == problems.filter { $0.reason != "BadRequest" }.map { [$0.field, $0.reason, $0.message] })
    let message = RBACValidation.message(
      kind: object["kind"]!.string!, name: object["metadata"]!["name"]!.string!, problems: problems)
    #expect(message == status["message"]!.string!)
  }

  @Test func `an object without a name is refused`() {
    let object = JSONNode(["apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"])
    #expect(
      RBACValidation.problems(of: object).map { "\($0.field): \($0.message)" }
        == ["metadata.name: Required value: name or generateName is required"])
  }

  @Test(
    arguments: [
      ("metadata", "text"), ("rules", ["verbs": []]), ("rules", ["text"]), ("aggregationRule", []),
      ("rules", [[]]),
    ] as [(String, JSONValue)])
  func `a field of the wrong type makes the object unreadable`(field: String, value: JSONValue) {
    var object: JSONValue = [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "x"],
    ]
    object[field] = value
    #expect(RBACValidation.problems(of: JSONNode(object)).map(\.reason) == ["BadRequest"])
  }
}
