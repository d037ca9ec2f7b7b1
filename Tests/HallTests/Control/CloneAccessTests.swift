import Admission
import Control
import JSON
@testable import Kubernetes
import Synchronization
import Testing

@testable import clonegate

/// What is said of DataVolumes that bear no stamp, by an API server that grants what the test says.
@Suite struct CloneAccessTests {
  /// Who may clone: `namespace` for any disk there, `namespace/disk` for one.
  private func access(
    granting grants: Set<String>, rule: AdmissionSettings.SubjectRule = .either, isDown: Bool = false,
    asked counter: Counter = Counter()
  ) -> CloneAccess {
    let opinion = SecondOpinion(trustsPolicy: { false }, limit: .seconds(600)) {
      spec, _ throws(KubernetesError) in
      counter.value.withLock { $0 += 1 }
      if isDown { throw KubernetesError(.unreachable, message: "connection refused") }
      let asked = spec["resourceAttributes"]
      let (namespace, name) = (asked?["namespace"]?.string ?? "", asked?["name"]?.string ?? "")
      let isGranted = grants.contains(namespace) || grants.contains("\(namespace)/\(name)")
      return AccessVerdict(
        isAllowed: isGranted && asked?["resource"] == "datavolumes", isDenied: false, reason: "RBAC",
        evaluationError: nil)
    }
    var settings = AdmissionSettings()
    settings.subjectRule = rule
    return CloneAccess(check: { _, _ in .absent }, opinion: opinion, settings: settings)
  }

  private final class Counter: Sendable { let value = Mutex(0) }

  private static let clone = JSONNode([
    "metadata": ["name": "copy", "namespace": "vms", "uid": "u"],
    "spec": [
      "sourceRef": ["kind": "DataSource", "namespace": "golden", "name": "os"],
      "pvc": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
    ],
  ])

  private func verdict(_ access: CloneAccess, _ source: StoredSource) async throws -> CloneAcceptance {
    let clone = try #require(CloneDataVolume(Self.clone))
    return await access.verdict(on: clone, Self.clone, leadsTo: source, order: nil).0
  }

  /// Where `golden/os` may lead: nowhere, to a disk there, to one elsewhere.
  private static let foreign: [StoredSource] = [
    StoredSource(disk: nil, foreign: ["golden"]),
    StoredSource(disk: CloneSource(namespace: "golden", name: "os-1"), foreign: ["golden"]),
    StoredSource(disk: CloneSource(namespace: "secret", name: "os-1"), foreign: ["golden"]),
  ]

  @Test func `who may not clone from a DataSource's namespace is told nothing of it`() async throws {
    var said: Set<CloneAcceptance> = []
    for source in Self.foreign { said.insert(try await verdict(access(granting: []), source)) }
    #expect(said.count == 1)
    guard case .refused(let why)? = said.first else {
      Issue.record("\(said)")
      return
    }
    #expect(why.contains("in namespace \"golden\"") && why.contains("kubectl create rolebinding"), "\(why)")
    #expect(!why.contains("os-1") && !why.contains("secret"), "\(why)")
  }

  @Test func `nor is he while the API server cannot be asked, or where only requesters count`() async throws {
    for down in [true, false] {
      var said: Set<CloneAcceptance> = []
      for source in Self.foreign {
        said.insert(
          try await verdict(
            access(granting: ["golden"], rule: down ? .either : .requester, isDown: down), source))
      }
      #expect(said.count == 1, "\(said)")
    }
  }

  @Test func `a namespace on the way that the DataVolume does not name is not told of`() async throws {
    let access = access(granting: ["golden"])
    let inner = StoredSource(disk: nil, foreign: ["golden", "inner"])
    guard case .refused(let why) = try await verdict(access, inner) else {
      Issue.record("not refused")
      return
    }
    #expect(why.contains("leads through a namespace") && !why.contains("inner"), "\(why)")
  }

  @Test func `who may clone anything there is told what is the matter`() async throws {
    let access = access(granting: ["golden"])
    guard case .authorized = try await verdict(access, Self.foreign[0]),
      case .authorized = try await verdict(access, Self.foreign[1]),
      case .refused(let why) = try await verdict(access, Self.foreign[2])
    else {
      Issue.record("not told")
      return
    }
    #expect(why.contains("\"os-1\" in namespace \"secret\""), "\(why)")
  }

  @Test func `a grant for the one disk is enough, and counts for no other`() async throws {
    let access = access(granting: ["golden/os-1"])
    guard case .authorized = try await verdict(access, Self.foreign[1]) else {
      Issue.record("not allowed")
      return
    }
    // The DataSource leads elsewhere a moment later.
    let other = StoredSource(disk: CloneSource(namespace: "golden", name: "os-2"), foreign: ["golden"])
    guard case .refused = try await verdict(access, other) else {
      Issue.record("allowed by the answer about another disk")
      return
    }
  }

  @Test func `DataSources and disks of its own namespace need nobody's leave`() async throws {
    let access = access(granting: [], rule: .requester)
    let own = CloneSource(namespace: "vms", name: "disk")
    #expect(try await verdict(access, StoredSource(disk: own)) == .sameNamespace)
    #expect(try await verdict(access, StoredSource(disk: nil)) == .sameNamespace)
    #expect(try await verdict(access, StoredSource(disk: own, foreign: ["golden"])) == .sameNamespace)
  }

  /// The copy of `golden/os-1` goes on, also when its disk is none of the DataSource's any more.
  @Test(arguments: [true, false])
  func `what runs goes on with its own disk wherever its DataSource leads`(isGranted: Bool) async throws {
    let clone = try #require(CloneDataVolume(Self.clone))
    let begun = CloneSource(namespace: "golden", name: "os-1")
    for disk in [nil, begun, CloneSource(namespace: "golden", name: "os-2")] {
      let access = access(granting: isGranted ? ["golden/os-1"] : [])
      let (acceptance, source) = await access.verdict(
        on: clone, Self.clone, leadsTo: StoredSource(disk: disk, foreign: ["golden"]), order: Self.order)
      #expect(source == begun)
      switch acceptance {
      case .authorized: #expect(isGranted)
      case .lapsed: #expect(!isGranted)
      default: Issue.record("\(acceptance)")
      }
    }
  }

  /// Of `clone`, for the disk `golden/os-1`.
  private static let order = JSONNode([
    "metadata": ["name": "u", "uid": "o"],
    "spec": VolumeCopyOrder(
      dataVolume: .init(namespace: "vms", name: "copy", uid: "u"),
      source: .init(
        namespace: "golden", claim: "os-1", claimUID: "sc", volume: "pv-s", volumeUID: "sv", mode: .filesystem
      ),
      target: .init(
        namespace: "vms", claim: "copy", claimUID: "tc", volume: "pv-t", volumeUID: "tv", mode: .filesystem),
      nodeName: "n1"
    ).json,
  ])

  @Test func `an answer from before is not used where work begins`() async throws {
    let counter = Counter()
    let access = access(granting: ["golden"], asked: counter)
    let clone = try #require(CloneDataVolume(Self.clone))
    func asked(since instant: ContinuousClock.Instant?) async -> Int {
      let before = counter.value.withLock { $0 }
      _ = await access.verdict(
        on: clone, Self.clone, leadsTo: Self.foreign[1], order: nil, askedSince: instant)
      return counter.value.withLock { $0 } - before
    }
    let start = ContinuousClock.now
    #expect(await asked(since: nil) > 0)
    #expect(await asked(since: start) == 0, "it was asked for in this very round")
    #expect(await asked(since: .now) > 0)
    #expect(await asked(since: nil) == 0, "the new answer is remembered")
  }

  @Test func `an answer about the same disk is used again for a while`() async throws {
    let counter = Counter()
    let access = access(granting: ["golden"], asked: counter)
    let first = try await verdict(access, Self.foreign[1])
    let asked = counter.value.withLock { $0 }
    #expect(asked > 0)
    #expect(try await verdict(access, Self.foreign[1]) == first)
    #expect(counter.value.withLock { $0 } == asked)
  }
}
