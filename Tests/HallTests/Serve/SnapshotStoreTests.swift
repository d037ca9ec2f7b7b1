import Admission
import JSON
import Testing

@testable import clonegate

@Suite struct `The snapshot store` {
  private let home: TemporaryDirectory
  private let store = SnapshotStore(settings: AdmissionSettings())

  init() throws { home = try TemporaryDirectory() }

  private static let role = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: datavolume-cloner}
    rules:
    - {apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: ["*"]}
    """

  private static func binding(_ user: String) -> String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: allow-\(user), namespace: source-namespace}
    subjects:
    - {kind: User, name: \(user), apiGroup: rbac.authorization.k8s.io}
    roleRef: {kind: ClusterRole, name: datavolume-cloner, apiGroup: rbac.authorization.k8s.io}
    """
  }

  private func read() -> PolicyReport { store.offer(StandaloneDirectory(path: home.path).read()) }

  /// Whether the user may clone a disk of `source-namespace` into another namespace now; nil when nothing
  /// is judged.
  private func mayClone(_ user: String, uid: String = "u1", name: String = "clone") -> Bool? {
    let review: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "request": [
        "uid": "r1", "operation": "CREATE", "namespace": "destination-namespace",
        "kind": ["group": "cdi.kubevirt.io", "version": "v1beta1", "kind": "DataVolume"],
        "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
        "userInfo": ["username": .string(user)],
        "object": [
          "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
          "metadata": [
            "name": .string(name), "namespace": "destination-namespace", "uid": .string(uid),
          ],
          "spec": [
            "source": ["pvc": ["namespace": "source-namespace", "name": "my-favorite-vm-disk"]],
            "pvc": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "2Gi"]]],
          ],
        ],
      ],
    ]
    return store.current?.judge.validate(review.bytes).decision.allowed
  }

  @Test func `nothing is judged before a directory was read without a problem`() throws {
    #expect(mayClone("alice") == nil)
    try home.write("broken.yaml", "a: [")
    #expect(read().problems.count == 1)
    #expect(mayClone("alice") == nil)
    for _ in 1...2 { store.setRecorded([Self.claim("early")]) }
    store.addRecorded([Self.claim("late")])
    #expect(mayClone("alice") == nil, "what the journal knows is no policy")
  }

  @Test func `a grant takes effect and its removal too`() throws {
    try home.write("role.yaml", Self.role)
    #expect(read().problems == [])
    #expect(mayClone("alice") == false)
    try home.write("binding.yaml", Self.binding("alice"))
    #expect(read().problems == [])
    #expect(mayClone("alice") == true)
    try home.write("binding.yaml", Self.binding("bob"))
    _ = read()
    #expect(mayClone("alice") == false)
    #expect(mayClone("bob") == true)
  }

  @Test(
    arguments: [
      "a: [", "apiVersion: v1\nkind: Namespace", "<<: 5", "# the same binding twice\n" + binding("alice"),
      "kind: ClusterRole\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: x}\nrules: [{}]",
    ])
  func `a broken file keeps the last good policy whole`(broken: String) throws {
    try home.write("role.yaml", Self.role)
    try home.write("binding.yaml", Self.binding("alice"))
    let good = read()
    #expect(good.problems == [] && good.loadedAt != nil)
    try home.write("more.yaml", Self.binding("bob"))
    try home.write("broken.yaml", broken)
    let bad = read()
    #expect(bad.problems.count == 1)
    #expect(bad.problems.first?.contains("broken.yaml") == true)
    #expect(bad.loadedAt == good.loadedAt)
    #expect(bad.successes == 1 && bad.failures == 1)
    #expect(mayClone("alice") == true)
    #expect(mayClone("bob") == false, "a good file beside a broken one must wait")
  }

  @Test func `a binding to a role that does not exist is a note, not a problem`() throws {
    try home.write("binding.yaml", Self.binding("alice"))
    let report = read()
    #expect(report.problems == [])
    #expect(report.notes.count == 1)
    #expect(report.notes[0].contains("binding.yaml:1: RoleBinding source-namespace/allow-alice"))
    #expect(mayClone("alice") == false)
  }

  @Test(
    arguments: [
      "PersistentVolumeClaim\nmetadata: {name: x, namespace: destination-namespace}\n"
        + "spec: {resources: {requests: {storage: 10 GB}}}",
      "PersistentVolume\nmetadata: {name: x}\nspec: {capacity: {storage: much}}",
    ])
  func `a size that cannot be read is a note, and keeps no revoked grant alive`(disk: String) throws {
    try home.write("role.yaml", Self.role)
    try home.write("binding.yaml", Self.binding("alice"))
    _ = read()
    #expect(mayClone("alice") == true)
    try home.write("disk.yaml", "apiVersion: v1\nkind: " + disk)
    try home.write("binding.yaml", Self.binding("bob"))
    let report = read()
    #expect(report.problems == [] && report.failures == 0)
    #expect(report.notes.count == 1 && report.notes.first?.contains("its size counts as unknown") == true)
    #expect(mayClone("alice") == false)
  }

  @Test func `what the journal recorded survives a new policy`() throws {
    try home.write("role.yaml", Self.role)
    try home.write("binding.yaml", Self.binding("alice"))
    store.setRecorded([Self.claim("early")])
    _ = read()
    #expect(mayClone("alice", name: "early") == false, "its claim exists")
    store.addRecorded([Self.claim("late")])
    #expect(mayClone("alice", name: "late") == false)
    _ = read()
    #expect(mayClone("alice", name: "early") == false)
    #expect(mayClone("alice", name: "late") == false)
    #expect(mayClone("alice", name: "never") == true)
    store.setRecorded([])
    #expect(mayClone("alice", name: "early") == true)
  }

  /// A claim that nobody owns, so that a DataVolume of its name is refused.
  private static func claim(_ name: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": ["namespace": "destination-namespace", "name": .string(name)],
    ]
  }
}
