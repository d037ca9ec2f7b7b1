import Admission
import Authorization
import Foundation
import JSON
import Testing

/// One who may not clone a disk learns nothing about it: not whether it exists, how large it is, nor what it
/// is.
@Suite struct SilenceTests {
  private static let worlds = [
    "", world(claim: nil), world(claim: "{volumeMode: Block, resources: {requests: {storage: 1Gi}}}"),
    world(claim: "{volumeMode: Filesystem, resources: {requests: {storage: 500Gi}}}"),
    world(claim: "{volumeMode: Filesystem, resources: {requests: {storage: 1Gi}}}") + pod,
  ]

  private static let pod = """

    ---
    kind: Pod
    metadata: {name: vm, namespace: source}
    spec:
      containers: [{volumeMounts: [{name: v}]}]
      volumes: [{name: v, persistentVolumeClaim: {claimName: secret}}]
    """

  private static func world(claim: String?) -> String {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: source}\n"
    guard let claim else { return namespace }
    return namespace + "---\napiVersion: v1\nkind: PersistentVolumeClaim\n"
      + "metadata: {name: secret, namespace: source}\nspec: \(claim)\n"
  }

  private static let specs = [
    "{source: {pvc: {namespace: source, name: secret}}, storage: {}}",
    "{source: {pvc: {namespace: source, name: secret}}, storage: {resources: {requests: {storage: 2Gi}}}}",
    "{source: {pvc: {namespace: source, name: secret}}, contentType: archive, "
      + "storage: {accessModes: [ReadWriteOnce]}}",
    "{sourceRef: {kind: DataSource, namespace: target, name: ds}, storage: {}}",
    "{source: {pvc: {namespace: source, name: secret}}, pvc: {accessModes: [ReadWriteOnce], "
      + "resources: {requests: {storage: 1Mi}}}}",
  ]

  private static let dataSource = """

    ---
    apiVersion: cdi.kubevirt.io/v1beta1
    kind: DataSource
    metadata: {name: ds, namespace: target}
    spec: {source: {pvc: {namespace: source, name: secret}}}
    """

  private func body(_ resource: String, _ object: String) throws -> [UInt8] {
    let group = resource == "datavolumes" ? "cdi.kubevirt.io" : "kubevirt.io"
    let version = resource == "datavolumes" ? "v1beta1" : "v1"
    return try World.value(
      yaml: """
        kind: AdmissionReview
        apiVersion: admission.k8s.io/v1
        request:
          uid: u
          operation: CREATE
          resource: {group: \(group), version: \(version), resource: \(resource)}
          name: x
          namespace: target
          userInfo: {username: mallory, groups: ["system:authenticated"]}
          object: \(object)
        """
    ).bytes
  }

  private func answers(_ body: [UInt8]) throws -> Set<[[UInt8]]> {
    var answers: Set<[[UInt8]]> = []
    for world in Self.worlds {
      let judge = try World.judge(world + Self.dataSource)
      let judgements = [judge.mutate(body), judge.validate(body)]
      #expect(judgements.allSatisfy { !$0.decision.allowed })
      answers.insert(judgements.map(\.body))
    }
    return answers
  }

  @Test(arguments: specs)
  func `a refused datavolume gets the same bytes whatever exists`(spec: String) throws {
    let object = "{metadata: {name: x, namespace: target}, spec: \(spec)}"
    #expect(try answers(body("datavolumes", object)).count == 1)
  }

  @Test(arguments: specs)
  func `a refused machine gets the same bytes whatever exists`(spec: String) throws {
    let object =
      "{metadata: {name: x, namespace: target}, spec: {"
      + "dataVolumeTemplates: [{metadata: {name: d}, spec: \(spec)}], "
      + "template: {spec: {volumes: [{name: v, dataVolume: {name: d}}]}}}}"
    #expect(try answers(body("virtualmachines", object)).count == 1)
  }

  /// What a DataSource `golden/ds` may be: absent, without a source, in a loop, too long a chain, or one that
  /// names a disk; beside what one may be that golden's owner wrote to look into `vault`.
  private static let foreign = [
    "", source("golden", "ds", "{}"), source("golden", "ds", "{dataSource: {name: ds}}"),
    source("golden", "ds", "{dataSource: {name: gone}}"),
    source("golden", "ds", "{pvc: {namespace: source, name: secret}}"),
    source("golden", "ds", "{pvc: {namespace: golden, name: secret}}"),
    source("golden", "ds", "{snapshot: {namespace: source, name: other}}"),
    (0..<9).map { source("golden", $0 == 0 ? "ds" : "ds\($0)", "{dataSource: {name: ds\($0 + 1)}}") }
      .joined(),
  ]

  private static func source(_ namespace: String, _ name: String, _ source: String) -> String {
    "---\napiVersion: cdi.kubevirt.io/v1beta1\nkind: DataSource\n"
      + "metadata: {name: \(name), namespace: \(namespace)}\nspec: {source: \(source)}\n"
  }

  private static let reference = "{sourceRef: {kind: DataSource, namespace: golden, name: ds}, storage: {}}"

  private static func grant(_ rule: String, in namespace: String) -> String {
    """
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: r, namespace: \(namespace)}
    rules: [{apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: [create]\(rule)}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: b, namespace: \(namespace)}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: mallory}]

    """
  }

  private func object(_ annotations: String = "{}", _ spec: String = reference) -> String {
    "{metadata: {name: x, namespace: target, annotations: \(annotations)}, spec: \(spec)}"
  }

  private func bodies(_ worlds: [String], _ body: [UInt8], allowed: Bool = false) throws -> Set<[[UInt8]]> {
    try Set(
      worlds.map { world in
        let judge = try World.judge(world)
        let judgements = [judge.mutate(body), judge.validate(body)]
        #expect(judgements.allSatisfy { $0.decision.allowed == allowed })
        return judgements.map(\.body)
      })
  }

  @Test(arguments: ["", ", resourceNames: [other]"])
  func `a refused DataSource of a foreign namespace gets the same bytes whatever it is`(
    rule: String
  ) throws {
    let grants = rule.isEmpty ? "" : Self.grant(rule, in: "golden")
    let worlds = Self.foreign.map { grants + $0 }
    #expect(try bodies(worlds, body("datavolumes", object())).count == 1)
    let machine =
      "{metadata: {name: x, namespace: target}, spec: {"
      + "dataVolumeTemplates: [{metadata: {name: d}, spec: \(Self.reference)}], "
      + "template: {spec: {volumes: [{name: v, dataVolume: {name: d}}]}}}}"
    #expect(try bodies(worlds, body("virtualmachines", machine)).count == 1)
  }

  @Test func `who may clone anything of a namespace is told about its DataSources`() throws {
    let worlds = Self.foreign.map { Self.grant("", in: "golden") + $0 }
    let body = try body("datavolumes", object())
    let answers = try worlds.map { try World.judge($0).mutate(body).decision.reason }
    #expect(Set(answers).count == Self.foreign.count)
  }

  @Test func `a DataSource is no window into a third namespace`() throws {
    let window =
      Self.grant("", in: "golden") + Self.source("golden", "ds", "{dataSource: {namespace: vault, name: ds}}")
    let worlds = Self.foreign.map { window + $0.replacingOccurrences(of: "golden", with: "vault") }
    #expect(try bodies(worlds, body("datavolumes", object())).count == 1)
    let own = Self.source("target", "own", "{dataSource: {namespace: golden, name: ds}}")
    let spec = "{sourceRef: {kind: DataSource, name: own}, storage: {}}"
    #expect(try bodies(Self.foreign.map { own + $0 }, body("datavolumes", object("{}", spec))).count == 1)
  }

  @Test(arguments: ["storage.prePopulated", "storage.checkStaticVolume"])
  func `an annotation that excuses from the right does not open a DataSource`(annotation: String) throws {
    let body = try body("datavolumes", object("{cdi.kubevirt.io/\(annotation): ''}"))
    #expect(try bodies(Self.foreign, body, allowed: true).count == 1)
  }

  @Test(arguments: ["storage.prePopulated", "storage.checkStaticVolume"])
  func `an annotation that excuses from the right does not open the source`(annotation: String) throws {
    let object =
      "{metadata: {name: x, namespace: target, annotations: {cdi.kubevirt.io/\(annotation): ''}}, "
      + "spec: \(Self.specs[0])}"
    let body = try body("datavolumes", object)
    let bodies = try Set(
      Self.worlds.map { world in
        let judge = try World.judge(world)
        #expect(judge.validate(body).accepted.isEmpty)
        return [judge.mutate(body).body, judge.validate(body).body]
      })
    #expect(bodies.count == 1)
  }

  @Test func `the verdict and its remedy know nothing of the inventory`() {
    let verdict = CloneAuthorizer(policy: .empty, settings: AdmissionSettings()).decide(
      requester: UserInfo(name: "mallory"), targetNamespace: "target",
      source: CloneSource(namespace: "source", name: "secret"))
    #expect(!verdict.allowed)
    #expect(verdict.reason.contains("\"mallory\""))
  }
}
