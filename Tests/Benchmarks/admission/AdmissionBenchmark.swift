// What one decision costs, with 10,000 bindings in force: the review in, the answer's bytes out.
//
//   swift run -c release AdmissionBenchmark [rounds]
//
// "decision" is the whole without the parsing of the body, which the JSON benchmark measures. Only the ratio
// to the parsing counts: both run in one process, on the same bytes, one round after the other.

import Admission
import Authorization
import Foundation
import JSON

@main
enum AdmissionBenchmark {
  private static let bindings = 10_000
  private static let callsPerRound = 2_000

  static func main() throws {
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 15
    let objects = cluster.map { JSONNode($0) }
    let judge = Judge(
      policy: Policy.build(from: objects).policy, inventory: Inventory.build(from: objects).inventory,
      settings: AdmissionSettings())
    print("review                                 bytes    parsing   decision   ratio   check")
    for name in [
      "021-dv-clone-cross-namespace-storage-mutating", "022-dv-clone-cross-namespace-storage-validating",
      "009-seed-dv-clone-by-bob-mutating", "188-vm-template-pvc-spec-mutating",
      "189-vm-template-pvc-spec-validating",
    ] {
      let body = Array(try Data(contentsOf: recordings.appending(path: name + ".json")))
      let answer = { name.hasSuffix("mutating") ? judge.mutate(body) : judge.validate(body) }
      var (parsing, whole): ([Double], [Double]) = ([], [])
      var check = 0
      for _ in 0..<rounds {
        parsing.append(try time { check = try JSONDocument(parsing: body).root["request"] == nil ? 1 : 0 })
        whole.append(time { check = answer().body.count })
      }
      report(name, body.count, median(parsing), median(whole), check)
    }
  }

  private static let recordings = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/admission").standardized

  /// Somebody else's bindings in 500 namespaces, alice's in the source namespace, and the source claim.
  private static var cluster: [JSONValue] {
    let others = (0..<bindings).map { binding("b\($0)", in: "ns\($0 % 500)", to: "user\($0)") }
    let role: JSONValue = [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
      "metadata": ["name": "datavolume-cloner"],
      "rules": [["apiGroups": ["cdi.kubevirt.io"], "resources": ["datavolumes/source"], "verbs": ["*"]]],
    ]
    let claim: JSONValue = [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": ["name": "my-favorite-vm-disk", "namespace": "source-namespace"],
      "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "2Gi"]]],
    ]
    return others + [role, binding("b", in: "source-namespace", to: "alice"), claim]
  }

  private static func binding(_ name: String, in namespace: String, to user: String) -> JSONValue {
    [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "roleRef": [
        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "datavolume-cloner",
      ],
      "subjects": [
        ["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": .string(user)],
        ["kind": "ServiceAccount", "namespace": "destination-namespace", "name": "default"],
      ],
    ]
  }

  /// Seconds for one call.
  private static func time(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    for _ in 0..<callsPerRound { try body() }
    return (ContinuousClock.now - start) / .seconds(callsPerRound)
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func report(_ name: String, _ bytes: Int, _ parsing: Double, _ whole: Double, _ check: Int) {
    let row = [
      name.prefix(36).padding(toLength: 36, withPad: " ", startingAt: 0), String(format: "%7d", bytes),
      String(format: "%7.2f µs", parsing * 1e6), String(format: "%7.2f µs", (whole - parsing) * 1e6),
      String(format: "%7.1f", (whole - parsing) / parsing), "  \(check)",
    ]
    print(row.joined(separator: " "))
  }
}
