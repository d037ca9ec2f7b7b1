import JSON
import Testing

@testable import Admission

@Suite struct InventoryTests {
  private func inventory(_ yaml: String) throws -> Inventory {
    Inventory.build(from: try World.objects(yaml)).inventory
  }

  private let claim = NamespacedName(namespace: "a", name: "disk")

  private func claim(_ rest: String) -> String {
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk, namespace: a}\n\(rest)\n---\n"
  }

  private func volume(_ name: String, _ spec: String) -> String {
    "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: \(name)}\nspec: {\(spec)}\n---\n"
  }

  @Test func `namespaces named by any object exist`() throws {
    let inventory = try inventory(
      """
      {kind: Namespace, metadata: {name: one}}
      ---
      {kind: ConfigMap, metadata: {name: x, namespace: two}}
      ---
      {kind: PersistentVolumeClaim, metadata: {name: x}}
      """)
    #expect(["one", "two", "default"].allSatisfy(inventory.hasNamespace))
    #expect(!inventory.hasNamespace("three"))
  }

  @Test func `a capacity is what was provisioned, else the volume's, else the request`() throws {
    let request = "spec: {resources: {requests: {storage: 1Gi}}}"
    let bound = volume("pv", "capacity: {storage: 2Gi}, claimRef: {namespace: a, name: disk}")
    let provisioned = request + "\nstatus: {capacity: {storage: 3Gi}}"
    for (yaml, gibibytes) in [
      (claim(request), 1), (bound + claim(request), 2), (bound + claim(provisioned), 3),
    ] {
      let inventory = try inventory(yaml)
      let known = try #require(inventory.claim(claim))
      #expect(inventory.capacity(of: known) == Int64(gibibytes) << 30)
    }
  }

  @Test func `the claim's word about its volume comes first`() throws {
    let inventory = try inventory(
      volume("one", "claimRef: {namespace: a, name: disk}, local: {path: /one}")
        + volume("two", "hostPath: {path: /two}, volumeMode: Block") + claim("spec: {volumeName: two}"))
    let known = try #require(inventory.claim(claim))
    #expect(inventory.volume(of: known)?.path == "/two")
    #expect(inventory.volume(of: known)?.volumeMode == .block)
    #expect(inventory.volume(named: "one")?.claim == claim)
    #expect(inventory.allVolumes.map(\.name) == ["one", "two"])
  }

  @Test func `a later object takes the place of an earlier one, and the first inventory stays as it was`()
    throws
  {
    let first = try inventory(claim("spec: {resources: {requests: {storage: 1Gi}}}"))
    let second = first.adding(try World.objects(claim("spec: {resources: {requests: {storage: 2Gi}}}")))
      .inventory
    #expect(first.claim(claim)?.requested == 1 << 30)
    #expect(second.claim(claim)?.requested == 2 << 30)
  }

  @Test func `what cannot be read is left out and reported`() throws {
    let objects = try World.objects(
      """
      {kind: PersistentVolumeClaim, metadata: {namespace: a}}
      ---
      kind: PersistentVolumeClaim
      metadata: {name: disk, namespace: a}
      spec: {resources: {requests: {storage: 1GB}}}
      ---
      {kind: PersistentVolume, metadata: {name: pv}, spec: {capacity: {storage: big}}}
      ---
      {kind: Widget}
      """)
    let (inventory, problems) = Inventory.build(from: objects)
    #expect(
      problems.map(\.object) == [
        "PersistentVolumeClaim", "PersistentVolumeClaim a/disk", "PersistentVolume pv",
      ])
    #expect(problems[1].message.contains("\"1GB\" is not a quantity"))
    #expect(inventory.claim(claim)?.requested == nil)
  }

  @Test func `Pods are known only where their users say so, and the last word counts`() throws {
    let pods = (1...3).map { PodDisks(namespace: "a", name: "vm\($0)", claims: ["disk": true]) }
    let reader = PodDisks(namespace: "a", name: "a", claims: ["disk": false])
    let inventory = try inventory(claim("") + Self.pod)
    #expect(inventory.writers.isEmpty)
    let used = inventory.used(by: pods.reversed() + [reader])
    #expect(used.writers.count == 1)
    #expect(used.writers[claim]?.count == 3 && used.writers[claim]?.first == "a/vm1")
    #expect(used.used(by: [reader]).writers.isEmpty)
  }

  private static let pod = """
    kind: Pod
    metadata: {name: vm, namespace: a}
    spec:
      containers: [{volumeMounts: [{name: v}]}]
      volumes: [{name: v, persistentVolumeClaim: {claimName: disk}}]
    """

  /// Swift holds the two spellings for equal, Kubernetes does not.
  @Test func `names are compared byte for byte`() throws {
    let inventory = try inventory(
      "{kind: PersistentVolumeClaim, metadata: {name: \"\\u00e9\", namespace: a}}")
    #expect(inventory.claim(NamespacedName(namespace: "a", name: "\u{e9}")) != nil)
    #expect(inventory.claim(NamespacedName(namespace: "a", name: "e\u{301}")) == nil)
  }
}
