import Admission
import Control
import HTTP
import JSON
@testable import Kubernetes
import Logging
import Synchronization
import Testing
import Transport

@testable import clonegate

/// A round against an API server that answers every request alike.
@Suite struct CloneRoundTests {
  private static let key = ObjectKey("vms", "copy")
  private static let dataVolume: JSONValue = [
    "metadata": ["name": "copy", "namespace": "vms", "uid": "u-copy", "resourceVersion": "7"],
    "spec": [
      "source": ["pvc": ["name": "disk"]],
      "storage": ["resources": ["requests": ["storage": "1Gi"]]],
    ],
  ]
  /// A clone of `images/disk`, of which nothing is begun, and what it needs for that.
  private static let fresh: [(ControlledResource, JSONValue)] = [
    (
      .dataVolumes,
      [
        "metadata": ["name": "copy", "namespace": "vms", "uid": "u-copy", "resourceVersion": "7"],
        "spec": [
          "source": ["pvc": ["namespace": "images", "name": "disk"]],
          "pvc": [
            "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
            "resources": ["requests": ["storage": "1Gi"]],
          ],
        ],
      ]
    ),
    (.namespaces, ["metadata": ["name": "images"]]),
    (
      .claims,
      [
        "metadata": ["name": "disk", "namespace": "images", "uid": "u-disk"],
        "spec": [
          "accessModes": ["ReadWriteOnce"], "storageClassName": "local", "volumeMode": "Filesystem",
          "resources": ["requests": ["storage": "1Gi"]], "volumeName": "pv",
        ],
        "status": ["phase": "Bound", "capacity": ["storage": "1Gi"]],
      ]
    ),
    (
      .volumes,
      [
        "metadata": ["name": "pv", "uid": "u-pv", "resourceVersion": "1"],
        "spec": [
          "capacity": ["storage": "1Gi"], "volumeMode": "Filesystem", "accessModes": ["ReadWriteOnce"],
          "storageClassName": "local", "local": ["path": "/disks/pv"],
          "nodeAffinity": [
            "required": [
              "nodeSelectorTerms": [
                [
                  "matchExpressions": [
                    ["key": "kubernetes.io/hostname", "operator": "In", "values": ["node-a"]]
                  ]
                ]
              ]
            ]
          ],
          "claimRef": ["namespace": "images", "name": "disk", "uid": "u-disk"],
        ],
        "status": ["phase": "Bound"],
      ]
    ),
    (.storageClasses, ["metadata": ["name": "local"], "volumeBindingMode": "WaitForFirstConsumer"]),
  ]

  /// Whether the clone is granted to it now, and whether the mirror is not whole.
  private final class Grant: Sendable {
    let isThere = Mutex(false)
    let isBlind = Mutex(true)
  }

  /// The order of `dataVolume`, which cannot be read.
  private static let order: JSONValue = [
    "metadata": ["name": "u-copy", "namespace": "clonegate", "uid": "u-order", "resourceVersion": "8"],
    "spec": ["dataVolume": ["namespace": "vms", "name": "copy"]],
  ]

  private static func refusal(_ code: Int, _ reason: String, _ message: String = "no") -> HTTPResponse {
    let status: JSONValue = [
      "apiVersion": "v1", "kind": "Status", "status": "Failure", "message": .string(message),
      "reason": .string(reason), "code": .number(String(code)),
    ]
    return HTTPResponse(
      status: code, headers: ["content-type": "application/json"], body: status.bytes)
  }

  /// What comes of so many rounds, one after the other.
  private func outcomes(
    of rounds: Int, with objects: [(ControlledResource, JSONValue)] = [(.dataVolumes, dataVolume)],
    stamp: AcceptanceCheck = .absent, granted: [Bool] = [], _ answer: HTTPResponse
  ) async throws -> [CloneRound.Outcome] {
    try await outcomes(of: rounds, with: objects, stamp: stamp, granted: granted) { _ in answer }
  }

  private func outcomes(
    of rounds: Int, with objects: [(ControlledResource, JSONValue)], stamp: AcceptanceCheck = .absent,
    granted: [Bool], isBlind: Bool = true, _ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) async throws -> [CloneRound.Outcome] {
    let loops = try LoopGroup(count: 1)
    var configuration = HTTPServerConfiguration(address: try SocketAddress("127.0.0.1:0"))
    configuration.deadlines.drainLinger = .milliseconds(10)
    let server = HTTPServer(configuration: configuration, tls: nil, loops: loops) { .now(answer($0)) }
    let address = ServerAddress(
      isTLS: false, host: "127.0.0.1", port: try await server.start().port, path: "")
    let client = KubernetesClient(
      ClusterConfiguration(server: address, trust: .plain, credential: .none),
      clients: HTTPClientFactory(loop: loops.loops[0]))
    let grant = Grant()
    grant.isBlind.withLock { $0 = isBlind }
    let round = Self.round(client, stamp, objects, grant)
    var outcomes: [CloneRound.Outcome] = []
    for index in 0..<rounds {
      grant.isThere.withLock { $0 = granted.indices.contains(index) && granted[index] }
      outcomes.append(await round.run(Self.key))
    }
    await client.close()
    await server.drain(within: .seconds(1))
    await loops.stop()
    return outcomes
  }

  private static func round(
    _ client: KubernetesClient, _ stamp: AcceptanceCheck, _ objects: [(ControlledResource, JSONValue)],
    _ grant: Grant
  ) -> CloneRound {
    let tables = ControlTables()
    for (resource, object) in objects {
      let observed = try! ObservedObject(JSONNode(object)) { $0.value.bytes }
      _ = tables.apply(.added(observed), to: resource)
    }
    let opinion = SecondOpinion(trustsPolicy: { false }) { _, _ throws(KubernetesError) in
      AccessVerdict(
        isAllowed: grant.isThere.withLock { $0 }, isDenied: false, reason: "RBAC", evaluationError: nil)
    }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return CloneRound(
      tables: tables, mirrorProblems: { grant.isBlind.withLock { $0 } ? ["pods: not listed yet"] : [] },
      client: client,
      access: CloneAccess(check: { _, _ in stamp }, opinion: opinion, settings: AdmissionSettings()),
      performer: ClonePerformer(client: client, home: "clonegate") { true },
      events: EventRecorder(client: client, component: "test", instance: "test"),
      settings: ControlSettings(namespace: "clonegate"), metrics: ControlMetrics(version: "test"),
      blindness: BlindnessLog(logger), logger: logger)
  }

  @Test(arguments: [(403, "Forbidden"), (422, "Invalid"), (409, "Conflict"), (500, "InternalError")])
  func `a status that cannot be written is tried again later each time`(code: Int, reason: String)
    async throws
  {
    let found = try await outcomes(of: 3, Self.refusal(code, reason))
    #expect(found == [.failed, .failed, .failed])
  }

  @Test func `a conflict that does not end is tried again later each time`() async throws {
    let usual = CloneObstruction.overtakings
    let found = try await outcomes(
      of: usual + 2, with: [(.dataVolumes, Self.dataVolume), (.orders, Self.order)],
      stamp: .invalid("forged"), Self.refusal(409, "Conflict"))
    #expect(found.prefix(usual).allSatisfy { $0 == .again(after: .milliseconds(300)) })
    #expect(found.suffix(2) == [.failed, .failed])
  }

  @Test(arguments: [([true, false, false], 1), ([true, true, true], 3)])
  func `nothing begins by a right that was revoked a moment ago`(granted: [Bool], begun: Int) async throws {
    let asked = Mutex(0), dataVolume = Self.fresh[0].1.bytes
    _ = try await outcomes(of: 3, with: Self.fresh, granted: granted, isBlind: false) { request in
      if request.method == "POST", request.target.contains("/persistentvolumeclaims") {
        asked.withLock { $0 += 1 }
        return Self.refusal(409, "Conflict")
      }
      return HTTPResponse(status: 200, headers: ["content-type": "application/json"], body: dataVolume)
    }
    #expect(asked.withLock { $0 } == begun)
  }

  /// It may be for ever, and there may be many clones: that the right is gone is found out when it matters.
  @Test func `nobody is asked anew as long as the mirror is not whole`() async throws {
    let found = try await outcomes(
      of: 3, with: Self.fresh, granted: [true, false, false], Self.refusal(403, "Forbidden"))
    #expect(found == Array(repeating: .again(after: .seconds(2)), count: 3))
  }

  /// Each status that tells of it is a change of the DataVolume, and so another round.
  @Test func `a claim that is refused in other words each time is not asked for again at once`() async throws
  {
    let asked = Mutex(0), dataVolume = Self.fresh[0].1.bytes
    let rounds = 8
    let found = try await outcomes(
      of: rounds, with: Self.fresh, granted: Array(repeating: true, count: rounds), isBlind: false
    ) { request in
      switch request.method {
      case "POST" where request.target.contains("/persistentvolumeclaims"):
        asked.withLock { $0 += 1 }
        return Self.refusal(403, "Forbidden", "request \(asked.withLock { $0 })")
      default: break
      }
      return HTTPResponse(status: 200, headers: ["content-type": "application/json"], body: dataVolume)
    }
    #expect(asked.withLock { $0 } == 1)
    #expect(found.first == .again(after: .milliseconds(300)))
    #expect(found.dropFirst().allSatisfy { $0 == .again(after: .seconds(30)) })
  }

  @Test(arguments: [true, false])
  func `the disk of a clone that is done is missed when the API server has none either`(isThere: Bool)
    async throws
  {
    var done = Self.dataVolume
    done["status"] = ["phase": "Succeeded", "conditions": [["type": "Bound", "status": "True"]]]
    let asked = Mutex(0), told = Mutex(0)
    let claims: JSONValue = [["metadata": ["name": "copy", "namespace": "vms"]]]
    let list: JSONValue = ["metadata": ["resourceVersion": "9"], "items": isThere ? claims : []]
    let found = try await outcomes(of: 1, with: [(.dataVolumes, done)], granted: []) { request in
      if request.method == "GET" { asked.withLock { $0 += 1 } } else { told.withLock { $0 += 1 } }
      return HTTPResponse(status: 200, headers: ["content-type": "application/json"], body: list.bytes)
    }
    #expect(found == [.done] && asked.withLock { $0 } == 1 && told.withLock { $0 } == (isThere ? 0 : 1))
    done["status"]!["conditions"] = [["type": "Bound", "status": "False"]]
    _ = try await outcomes(of: 1, with: [(.dataVolumes, done)], granted: []) { _ in
      asked.withLock { $0 += 1 }
      return HTTPResponse(status: 200, headers: ["content-type": "application/json"], body: list.bytes)
    }
    #expect(asked.withLock { $0 } == 1, "what was told is not asked about again")
  }

  @Test func `a DataVolume whose claim was filled before is told that it is done`() async throws {
    var pre = Self.dataVolume
    pre["metadata"]!["annotations"] = ["cdi.kubevirt.io/storage.prePopulated": "copy"]
    let filled: JSONValue = [
      "metadata": [
        "name": "copy", "namespace": "vms", "uid": "u-claim",
        "annotations": ["cdi.kubevirt.io/storage.populatedFor": "copy"],
      ], "status": ["phase": "Bound"],
    ]
    let told = Mutex("")
    let objects: [(ControlledResource, JSONValue)] = [(.dataVolumes, pre), (.claims, filled)]
    let found = try await outcomes(of: 1, with: objects, granted: []) { request in
      told.withLock { $0 = String(decoding: request.body, as: UTF8.self) }
      return HTTPResponse(
        status: 200, headers: ["content-type": "application/json"], body: Self.dataVolume.bytes)
    }
    #expect(found == [.done] && told.withLock { $0 }.contains(#""phase":"Succeeded""#))
  }
}
