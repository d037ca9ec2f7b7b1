import Admission
import Authorization
import JSON
import Testing

@testable import clonegate

@Suite struct `The answer of can-clone` {
  private static let policy = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: datavolume-cloner}
    rules: [{apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: ["*"]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: allow, namespace: gold}
    subjects: [{kind: ServiceAccount, name: default, namespace: target}]
    roleRef: {kind: ClusterRole, name: datavolume-cloner, apiGroup: rbac.authorization.k8s.io}
    """

  private func answer(_ user: String, rule: AdmissionSettings.SubjectRule) throws -> CloneAnswer {
    let manifests = try Manifest.read(Array(Self.policy.utf8), file: "policy.yaml")
    let policy = Policy.build(from: manifests.map { JSONNode($0.value) }).policy
    let authorizer = CloneAuthorizer(policy: policy, settings: AdmissionSettings(subjectRule: rule))
    let verdict = authorizer.decide(
      requester: RequestUser.impersonating(user, groups: []), targetNamespace: "target",
      source: CloneSource(namespace: "gold", name: "disk"))
    return CloneAnswer(verdict: verdict, policy: policy)
  }

  @Test func `an allowed clone names its binding and needs no remedy`() throws {
    let json = try answer("alice", rule: .either).json
    #expect(json["allowed"] == true)
    #expect(json["by"]?["name"] == "allow" && json["by"]?["namespace"] == "gold")
    #expect(json["remedy"] == .null)
    #expect(json["nearMisses"] == [])
  }

  @Test func `a refused clone has two remedies and what came close`() throws {
    let answer = try answer("alice", rule: .requester)
    #expect(answer.json["allowed"] == false && answer.json["by"] == .null)
    #expect(
      answer.json["remedy"]?.string
        == "kubectl create rolebinding clone-for-alice --clusterrole=datavolume-cloner --user=alice -n gold")
    #expect(answer.json["remedyForThisDisk"]?.string?.contains("--resource-name=disk -n gold && ") == true)
    #expect(
      answer.json["nearMisses"]?.array
        == ["RoleBinding \"gold/allow\" grants it to ServiceAccount target/default, not to User alice"])
    #expect(answer.text.hasPrefix("no: gold/disk may not be cloned into target\n"))
  }
}
