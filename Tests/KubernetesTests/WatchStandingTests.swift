import JSON
import RealCluster
import Testing

@testable import Kubernetes

@Suite struct `What a reflector says of its watch` {
  private let start = ContinuousClock.now

  @Test func `there is no watch before the first list, and none yet after it`() {
    var standing = ReflectorStanding()
    #expect(!standing.isWatching && standing.unwatched() == nil)
    standing.unwatched(since: start)
    #expect(standing.unwatched() == nil, "a watch that never was cannot end")
    standing.listed(at: start, until: start)
    #expect(!standing.isWatching && standing.unwatched(at: start + .seconds(3)) == .seconds(3))
  }

  @Test func `an open watch is open until it ends, and a list counts from when it was asked for`() {
    var standing = ReflectorStanding()
    standing.listed(at: start, until: start)
    standing.watching(at: start + .seconds(1))
    #expect(standing.isWatching && standing.unwatched(at: start + .seconds(80)) == nil)
    standing.unwatched(since: start + .seconds(90))
    standing.failed(KubernetesError(.unreachable, message: "cut"))
    standing.unwatched(since: start + .seconds(99))
    #expect(!standing.isWatching && standing.unwatched(at: start + .seconds(100)) == .seconds(10))
    standing.listed(at: start + .seconds(200), until: start + .seconds(201))
    #expect(standing.unwatched(at: start + .seconds(201)) == .seconds(1))
    standing.watching(at: start + .seconds(202))
    #expect(standing.isWatching && standing.unwatched(at: start + .seconds(203)) == nil)
  }
}

extension `What a reflector says of its watch` {
  @Test func `a list ends a gap, and so does a watch that was away for long, but no short pause`() {
    var standing = ReflectorStanding()
    #expect(standing.resumed == nil)
    standing.listed(at: start, until: start + .seconds(4))
    #expect(standing.resumed == start + .seconds(4))
    standing.watching(at: start + .seconds(5))
    standing.unwatched(since: start + .seconds(100))
    standing.watching(at: start + .seconds(105))
    #expect(standing.resumed == start + .seconds(4))
    standing.unwatched(since: start + .seconds(200))
    standing.watching(at: start + .seconds(206))
    #expect(standing.resumed == start + .seconds(206))
    standing.unwatched(since: start + .seconds(207))
    standing.watching(at: start + .seconds(208))
    #expect(standing.resumed == start + .seconds(206), "the short pause does not hide the long one")
  }

  @Test func `a type that the server does not know stays unknown while it starts or is away`() {
    var standing = ReflectorStanding()
    standing.failed(KubernetesError(.notFound, code: 404, message: "no such thing"))
    standing.failed(KubernetesError(.unreachable, message: "cut"))
    standing.failed(KubernetesError(.serviceUnavailable, code: 503, message: "the server is starting"))
    #expect(standing.isMissing)
    standing.failed(KubernetesError(.forbidden, code: 403, message: "no"))
    #expect(!standing.isMissing)
  }
}

extension `What a reflector says of its watch` {
  @Test func `a watch whose events cannot be read was not heard, and one that is cut was`() {
    var standing = ReflectorStanding()
    standing.listed(at: start, until: start)
    standing.watching(at: start + .seconds(50))
    standing.failed(KubernetesError(.malformed, message: "too long"))
    #expect(standing.lastHeard == start)
    standing.watching(at: start + .seconds(60))
    standing.heard(at: start + .seconds(61))
    standing.failed(KubernetesError(.malformed, message: "too long"))
    #expect(standing.lastHeard == start + .seconds(61), "what came before it was read")
    standing.watching(at: start + .seconds(70))
    standing.failed(KubernetesError(.unreachable, message: "cut"))
    #expect(standing.lastHeard == start + .seconds(70))
  }
}

/// Against the real API server, through a line that is cut.
extension ClientTests {
  @Test(arguments: [CuttableLine.State.silent, .reset])
  func `a watch that is cut is said to be broken until it is open again, and misses nothing`(
    _ cut: CuttableLine.State
  ) async throws {
    let server = try await APIServer.shared.value
    let line = try CuttableLine(to: server.port)
    defer { line.stop() }
    let direct = try server.client(), space = try await server.namespace(direct), mirror = Mirror()
    let client = server.client(try server.configuration(.token("admin-token"), port: line.port))
    var timing = ReflectorTiming()
    (timing.silence, timing.head) = (.milliseconds(500), .milliseconds(500))
    timing.doubtAfterSilences = 1000
    let reflector = Reflector(
      .configMaps, in: space, client: client, timing: timing,
      chance: ReflectorChance(pause: { _ in try await Task.sleep(for: .milliseconds(20)) }),
      project: { _ in () }, sink: { mirror.apply($0) })
    let task = Task { await reflector.run() }
    #expect(
      await eventually {
        let standing = reflector.current
        return standing.isWatching && standing.unwatched() == nil
      })
    line.state = cut
    // A watch of half a second ends by itself and comes back; after the cut none does.
    #expect(await eventually { reflector.current.unwatched().map { $0 > .seconds(2) } ?? false })
    #expect(!reflector.current.isWatching)
    _ = try await direct.create(.configMaps, ["metadata": ["name": "meanwhile"]], in: space)
    #expect(mirror.versions["\(space)/meanwhile"] == nil)
    line.state = .whole
    #expect(await eventually { mirror.versions["\(space)/meanwhile"] != nil })
    #expect(await eventually { reflector.current.isWatching })
    #expect(mirror.mistakes.isEmpty)
    task.cancel()
    await task.value
    await client.close()
    await direct.close()
  }
}
