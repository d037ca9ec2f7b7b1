import Admission
import Control
import HTTP
import JSON
@testable import Kubernetes
import Logging
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
  /// The order of `dataVolume`, which cannot be read.
  private static let order: JSONValue = [
    "metadata": ["name": "u-copy", "namespace": "clonegate", "uid": "u-order", "resourceVersion": "8"],
    "spec": ["dataVolume": ["namespace": "vms", "name": "copy"]],
  ]

  private static func refusal(_ code: Int, _ reason: String) -> HTTPResponse {
    let status: JSONValue = [
      "apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "no",
      "reason": .string(reason), "code": .number(String(code)),
    ]
    return HTTPResponse(
      status: code, headers: ["content-type": "application/json"], body: status.bytes)
  }

  /// What comes of so many rounds, one after the other.
  private func outcomes(
    of rounds: Int, with orders: [JSONValue] = [], stamp: AcceptanceCheck = .absent, _ answer: HTTPResponse
  ) async throws -> [CloneRound.Outcome] {
    let loops = try LoopGroup(count: 1)
    var configuration = HTTPServerConfiguration(address: try SocketAddress("127.0.0.1:0"))
    configuration.deadlines.drainLinger = .milliseconds(10)
    let server = HTTPServer(configuration: configuration, tls: nil, loops: loops) { _ in .now(answer) }
    let address = ServerAddress(
      isTLS: false, host: "127.0.0.1", port: try await server.start().port, path: "")
    let client = KubernetesClient(
      ClusterConfiguration(server: address, trust: .plain, credential: .none),
      clients: HTTPClientFactory(loop: loops.loops[0]))
    let round = Self.round(client, stamp, orders)
    var outcomes: [CloneRound.Outcome] = []
    for _ in 0..<rounds { outcomes.append(await round.run(Self.key)) }
    await client.close()
    await server.drain(within: .seconds(1))
    await loops.stop()
    return outcomes
  }

  private static func round(
    _ client: KubernetesClient, _ stamp: AcceptanceCheck, _ orders: [JSONValue]
  ) -> CloneRound {
    let mirror = ControlMirror(client: client, home: "clonegate") { _ in }
    for (objects, resource) in [([dataVolume], ControlledResource.dataVolumes), (orders, .orders)] {
      for object in objects {
        let observed = try! ObservedObject(JSONNode(object)) { $0.value.bytes }
        _ = mirror.tables.apply(.added(observed), to: resource)
      }
    }
    let opinion = SecondOpinion(trustsPolicy: { false }) { _, _ throws(KubernetesError) in
      throw KubernetesError(.unreachable, message: "nobody is asked")
    }
    return CloneRound(
      mirror: mirror, client: client,
      access: CloneAccess(check: { _, _ in stamp }, opinion: opinion, settings: AdmissionSettings()),
      performer: ClonePerformer(client: client, home: "clonegate") { true },
      events: EventRecorder(client: client, component: "test", instance: "test"),
      settings: ControlSettings(namespace: "clonegate"), metrics: ControlMetrics(version: "test"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
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
      of: usual + 2, with: [Self.order], stamp: .invalid("forged"), Self.refusal(409, "Conflict"))
    #expect(found.prefix(usual).allSatisfy { $0 == .again(after: .milliseconds(300)) })
    #expect(found.suffix(2) == [.failed, .failed])
  }
}
