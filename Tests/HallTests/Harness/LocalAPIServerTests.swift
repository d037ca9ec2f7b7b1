import Authorization
import JSON
import Jobs
import Testing

@testable import clonegate

@Suite struct `The harness as an API server` {
  private let home: TemporaryDirectory
  private let journal: Journal

  init() throws {
    home = try TemporaryDirectory()
    try home.write("objects/.keep", "")
    journal = try Journal.open(directory: home.path + "/data")
  }

  private func server(_ gate: RecordingGate = RecordingGate(), isDryRun: Bool = false) -> LocalAPIServer {
    LocalAPIServer(
      gate: gate.caller, storage: JournalOnDemand(journal),
      directory: StandaloneDirectory(path: home.path + "/objects"),
      user: RequestUser.local, isDryRun: isDryRun)
  }

  private static let dataVolume: JSONValue = [
    "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "metadata": ["name": "copy"],
    "spec": ["source": ["pvc": ["namespace": "gold", "name": "disk"]], "storage": [:]],
  ]

  private static func machine(templates: String...) -> JSONValue {
    [
      "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": ["name": "vm"],
      "spec": [
        "dataVolumeTemplates": .array(
          templates.map { ["metadata": ["name": .string($0)], "spec": dataVolume["spec"]!] }),
        "template": ["spec": ["serviceAccountName": "runner"]],
      ],
    ]
  }

  private func names(_ kind: String) async throws -> [String] {
    try await journal.objects(kind: kind).map(\.name.name)
  }

  @Test func `an accepted object is stored with the defaults that the gate added`() async throws {
    let gate = RecordingGate { path, _ in
      path.hasPrefix("/mutate") ? RecordingGate.addition("/spec/contentType", "kubevirt") : ["allowed": true]
    }
    let applied = try await server(gate).apply(Self.dataVolume, namespace: "target")
    #expect(applied.change == .created)
    #expect(gate.reviews[1].review["request"]?["object"]?["spec"]?["contentType"] == "kubevirt")
    let stored = try await journal.object(ObjectName(kind: "DataVolume", namespace: "target", name: "copy"))
    #expect(stored?.json["spec"]?["contentType"] == "kubevirt")
    #expect(stored?.uid == applied.object["metadata"]?["uid"]?.string)
  }

  @Test func `a refusal reads as kubectl prints it, and stores nothing`() async throws {
    let gate = RecordingGate { path, _ in
      path.hasPrefix("/validate") ? RecordingGate.denial("not yours") : ["allowed": true]
    }
    let refusal = await #expect(throws: ServerRefusal.self) {
      _ = try await server(gate).apply(Self.dataVolume, namespace: "target")
    }
    #expect(
      refusal?.text(file: "dv.yaml")
        == "Error from server (Forbidden): error when creating \"dv.yaml\": admission webhook "
        + "\"datavolume-validate.clonegate.dev\" denied the request: not yours")
    #expect(refusal?.status["code"] == 403)
    #expect(try await journal.objects().isEmpty)
  }

  /// kubectl 1.36, given the same answer by an API server.
  @Test(
    arguments: [
      (["a"], "The DataVolume \"copy\" is invalid: spec.a: no"),
      (["a", "b"], "The DataVolume \"copy\" is invalid: \n* spec.a: no\n* spec.b: no"),
      ([], "The DataVolume \"copy\" is invalid"),
    ])
  func `an invalid object is told of field by field, as kubectl does`(fields: [String], text: String) {
    let causes = fields.map { field -> JSONValue in ["field": .string("spec." + field), "message": "no"] }
    let refusal = ServerRefusal(
      code: 422, reason: "Invalid", message: "denied",
      details: ServerRefusal.details(.dataVolume, "copy", causes: causes))
    #expect(refusal.text(file: "dv.yaml") == text)
  }

  @Test func `an object of another namespace than the one asked for is a mistake`() throws {
    try home.write(
      "dv.yaml", "{apiVersion: cdi.kubevirt.io/v1beta1, kind: DataVolume, metadata: {name: a, namespace: b}}")
    let file = home.path + "/dv.yaml"
    #expect(try ManifestInput.read([file]).count == 1)
    #expect(try ManifestInput.read([file], namespace: "b").count == 1)
    #expect(throws: CommandFailure.self) { try ManifestInput.read([file], namespace: "c") }
  }

  @Test func `a dry run is judged and stores nothing`() async throws {
    let gate = RecordingGate()
    _ = try await server(gate, isDryRun: true).apply(Self.dataVolume, namespace: "target")
    _ = try await server(gate, isDryRun: true).apply(Self.machine(templates: "a"), namespace: "target")
    #expect(gate.reviews.count == 4)
    #expect(gate.reviews.allSatisfy { $0.review["request"]?["dryRun"] == true })
    #expect(try await journal.objects().isEmpty)
  }

  @Test func `the same manifest again is unchanged and asks nobody`() async throws {
    let gate = RecordingGate { path, _ in
      path.hasPrefix("/mutate") ? RecordingGate.addition("/spec/contentType", "kubevirt") : ["allowed": true]
    }
    _ = try await server(gate).apply(Self.dataVolume, namespace: "target")
    let again = try await server(gate).apply(Self.dataVolume, namespace: "target")
    #expect(again.change == .unchanged)
    #expect(gate.reviews.count == 2)
  }

  @Test func `an answer for another review is not believed`() async throws {
    let gate = GateCaller { _, _ in
      JSONValue.object([
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "response": ["uid": "x", "allowed": true],
      ]).bytes
    }
    let server = LocalAPIServer(
      gate: gate, storage: JournalOnDemand(journal), directory: nil, user: RequestUser.local)
    let refusal = await #expect(throws: ServerRefusal.self) {
      _ = try await server.apply(Self.dataVolume, namespace: "target")
    }
    #expect(refusal?.reason == "InternalError")
    #expect(refusal?.message.contains("expected response.uid") == true)
  }

  @Test func `each template becomes a DataVolume of the machine, made as its ServiceAccount`() async throws {
    let gate = RecordingGate()
    let applied = try await server(gate).apply(Self.machine(templates: "a", "b"), namespace: "target")
    #expect(applied.warnings.isEmpty)
    #expect(try await names("DataVolume") == ["a", "b"])
    let creations = gate.reviews.filter { $0.review["request"]?["kind"]?["kind"] == "DataVolume" }
    #expect(creations.count == 4)
    #expect(
      creations.allSatisfy {
        $0.review["request"]?["userInfo"]?["username"] == "system:serviceaccount:target:runner"
      })
    let machine = try await journal.objects(kind: "VirtualMachine")[0]
    let owned = try await journal.objects(kind: "DataVolume")
    #expect(owned.allSatisfy { $0.ownerUID == machine.uid })
  }

  @Test func `an update that adds a template makes the new DataVolume and leaves the old`() async throws {
    let server = server()
    _ = try await server.apply(Self.machine(templates: "a"), namespace: "target")
    let first = try await journal.objects(kind: "DataVolume")[0]
    let applied = try await server.apply(Self.machine(templates: "a", "b"), namespace: "target")
    #expect(applied.change == .configured)
    #expect(try await names("DataVolume") == ["a", "b"])
    #expect(try await journal.object(first.name)?.uid == first.uid)
  }

  @Test func `a template that is refused leaves the machine and a warning`() async throws {
    let gate = RecordingGate { _, request in
      request["kind"]?["kind"] == "DataVolume" ? RecordingGate.denial("not yours") : ["allowed": true]
    }
    let applied = try await server(gate).apply(Self.machine(templates: "a"), namespace: "target")
    #expect(applied.warnings.count == 1)
    #expect(applied.warnings[0].hasPrefix("DataVolume target/a was not created: admission webhook"))
    #expect(try await names("VirtualMachine") == ["vm"])
    #expect(try await names("DataVolume") == [])
  }

  @Test func `deleting a machine deletes its DataVolumes and never an independent one`() async throws {
    let server = server()
    _ = try await server.apply(Self.dataVolume, namespace: "target")
    _ = try await server.apply(Self.machine(templates: "a", "b"), namespace: "target")
    let deleted = try await server.delete(.virtualMachine, namespace: "target", name: "vm")
    #expect(Set(deleted.dependents.map(\.name)) == ["a", "b"])
    #expect(try await names("DataVolume") == ["copy"])
    #expect(try await names("VirtualMachine") == [])
  }

  @Test func `a deletion goes on when the gate cannot be asked`() async throws {
    _ = try await server().apply(Self.dataVolume, namespace: "target")
    let deaf = GateCaller { _, _ throws(AdmissionFault) in throw AdmissionFault("nothing listens") }
    let server = LocalAPIServer(
      gate: deaf, storage: JournalOnDemand(journal), directory: nil, user: RequestUser.local)
    let deleted = try await server.delete(.dataVolume, namespace: "target", name: "copy")
    #expect(deleted.warnings.first?.contains("datavolume-delete.clonegate.dev") == true)
    #expect(try await journal.objects().isEmpty)
  }

  @Test func `what is not there cannot be deleted`() async throws {
    let refusal = await #expect(throws: ServerRefusal.self) {
      _ = try await server().delete(.dataVolume, namespace: "target", name: "copy")
    }
    #expect(
      refusal?.text() == "Error from server (NotFound): datavolumes.cdi.kubevirt.io \"copy\" not found")
  }
}

/// What the gate does not judge.
extension `The harness as an API server` {
  private static let role: JSONValue = [
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": ["name": "cloner"],
    "rules": [["apiGroups": ["cdi.kubevirt.io"], "resources": ["datavolumes/source"], "verbs": ["create"]]],
  ]

  private var files: [Manifest] { StandaloneDirectory(path: home.path + "/objects").read().manifests }

  @Test func `a role becomes a file in its namespace, and goes with a deletion`() async throws {
    let server = server()
    #expect(try await server.apply(Self.role, namespace: "gold").change == .created)
    #expect(files.map(\.identity.description) == ["Role gold/cloner"])
    #expect(try await server.apply(Self.role, namespace: "gold").change == .unchanged)
    _ = try await server.delete(ObjectKind.named("role")!, namespace: "gold", name: "cloner")
    #expect(files.isEmpty)
  }

  @Test func `a role that an API server would refuse is refused with its words`() async throws {
    var role = Self.role
    role["rules"] = [["apiGroups": [""], "resources": ["pods"]]]
    let refusal = await #expect(throws: ServerRefusal.self) {
      _ = try await server().apply(role, namespace: "gold")
    }
    #expect(
      refusal?.text()
        == "The Role \"cloner\" is invalid: rules[0].verbs: Required value: verbs must contain at least one "
        + "value"
    )
    #expect(files.isEmpty)
  }

  @Test(arguments: ["../evil", "a/b", "..", "/etc/passwd", "a%2fb"])
  func `a name never becomes a path`(name: String) async throws {
    var objects = [Self.role, Self.dataVolume]
    objects.append(["apiVersion": "v1", "kind": "Namespace", "metadata": [:]])
    for object in objects {
      var object = object
      object["metadata"]?["name"] = .string(name)
      let wanted = object
      await #expect(throws: ServerRefusal.self) { _ = try await server().apply(wanted, namespace: "gold") }
    }
    #expect(files.isEmpty)
    #expect(try await journal.objects().isEmpty)
  }

  @Test func `an unknown kind is refused with those that are known`() async throws {
    let object: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "x"]]
    let failure = await #expect(throws: CommandFailure.self) {
      _ = try await server().apply(object, namespace: "gold")
    }
    #expect(failure?.message == "no matches for kind \"Deployment\" in version \"apps/v1\"")
  }

  @Test func `nothing is written beside a broken file`() async throws {
    try home.write("objects/broken.yaml", "a: [")
    let failure = await #expect(throws: CommandFailure.self) {
      _ = try await server().apply(Self.role, namespace: "gold")
    }
    #expect(failure?.message.hasPrefix("nothing was changed: broken.yaml") == true)
  }
}
