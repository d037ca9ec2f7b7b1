import Admission
import Control
import HTTP
import JSON
@testable import Kubernetes
import Synchronization
import Testing
import Transport

@testable import clonegate

/// Whether unstamped DataVolumes may be copied for, with an API server that answers as the test says.
@Suite struct CloneAccessTests {
  private static let object: JSONValue = [
    "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
    "metadata": ["name": "copy", "namespace": "vms", "uid": "u1"],
    "spec": ["sourceRef": ["kind": "DataSource", "name": "os"]],
  ]

  /// The verdict while the DataSource leads to `sources`, one after the other, and the API server grants
  /// `granted` alone.
  private func verdicts(
    _ sources: [CloneSource], granted: CloneSource
  ) async throws -> (verdicts: [CloneAcceptance], asked: Int) {
    let loops = try LoopGroup(count: 1)
    // Nobody listens there: what bears no stamp needs no keys.
    let server = ServerAddress(isTLS: false, host: "127.0.0.1", port: 1, path: "")
    let client = KubernetesClient(
      ClusterConfiguration(server: server, trust: .plain, credential: .none),
      clients: HTTPClientFactory(loop: loops.leastLoaded))
    let asked = Mutex(0)
    let opinion = SecondOpinion(trustsPolicy: { false }, limit: .seconds(600)) {
      (spec, _) async throws(KubernetesError) in
      asked.withLock { $0 += 1 }
      let resource = spec["resourceAttributes"]
      let isGranted =
        resource?["subresource"]?.string == "source"
        && resource?["namespace"]?.string == granted.id.namespace
        && resource?["name"]?.string == granted.id.name
      return AccessVerdict(
        isAllowed: isGranted, isDenied: false, reason: isGranted ? "RBAC: by a binding" : "",
        evaluationError: nil)
    }
    let access = CloneAccess(
      keys: KeyRingMirror(client: client, namespace: "clonegate"), settings: AdmissionSettings(),
      opinion: opinion)
    let node = JSONNode(Self.object)
    let clone = try #require(CloneDataVolume(node))
    var verdicts: [CloneAcceptance] = []
    for source in sources {
      verdicts.append(await access.verdict(on: clone, node, resolved: source, order: nil).0)
    }
    await client.close()
    await loops.stop()
    return (verdicts, asked.withLock { $0 })
  }

  private static func isAuthorized(_ acceptance: CloneAcceptance) -> Bool {
    if case .authorized = acceptance { true } else { false }
  }

  @Test func `what was allowed for one disk is asked again for another`() async throws {
    let open = CloneSource(namespace: "images", name: "os"),
      secret = CloneSource(namespace: "bank", name: "db")
    let (verdicts, _) = try await verdicts([open, secret, open], granted: open)
    #expect(verdicts.map(Self.isAuthorized) == [true, false, true])
  }

  @Test func `an answer about the same disk is used again for a while`() async throws {
    let open = CloneSource(namespace: "images", name: "os")
    let once = try await verdicts([open], granted: open).asked
    let (verdicts, asked) = try await verdicts([open, open, open], granted: open)
    #expect(verdicts.allSatisfy(Self.isAuthorized) && asked == once)
  }

  @Test func `a disk of the same namespace needs no right, and gives none to others`() async throws {
    let own = CloneSource(namespace: "vms", name: "disk"), secret = CloneSource(namespace: "bank", name: "db")
    let (verdicts, _) = try await verdicts([own, secret], granted: own)
    #expect(verdicts.first == .sameNamespace)
    #expect(!Self.isAuthorized(verdicts[1]))
  }
}
