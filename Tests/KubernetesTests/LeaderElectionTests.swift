import HTTP
import JSON
import Synchronization
import RealCluster
import Testing

@testable import Kubernetes

/// Against the real API server; see `ReflectorTests` for why it is one suite.
extension ClientTests {
  /// Asks often. How long the lease lasts and how soon it is doubted is what a test is about.
  private func election(
    _ client: KubernetesClient, _ space: String, _ identity: String, lasting duration: Duration,
    doubted renewal: Duration, releases: Bool = true
  ) -> LeaderElection {
    var timing = LeaseTiming()
    (timing.duration, timing.renewal, timing.retry) = (duration, renewal, .milliseconds(100))
    return LeaderElection(
      client: client, namespace: space, name: "control", identity: identity, timing: timing,
      releasesAtEnd: releases)
  }

  private func forever() async { while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) } }

  @Test func `a leader that dies is followed after the lease, and never are there two`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let first = election(
      client, space, "first", lasting: .seconds(10), doubted: .seconds(9.5), releases: false)
    let second = election(client, space, "second", lasting: .seconds(10), doubted: .seconds(9.5))
    func leased(_ time: String) async throws -> Int64 {
      let spec = try await client.get(.leases, "control", in: space)["spec"]
      return try #require(MicroTime(spec?[time]?.string ?? "")).microseconds
    }
    let running = Task { await first.run { await forever() } }
    #expect(await eventually { first.isLeader })
    let following = Task { await second.run { await forever() } }
    let both = Mutex(0)
    let sampler = Task {
      while !Task.isCancelled {
        if first.isLeader && second.isLeader { both.withLock { $0 += 1 } }
        try? await Task.sleep(for: .milliseconds(1))
      }
    }
    // Longer than a lease: it is renewed.
    try await Task.sleep(for: .seconds(10.5))
    #expect(first.isLeader && !second.isLeader && second.leader == "first")
    let renewed = try await leased("renewTime")
    running.cancel()
    await running.value
    #expect(await eventually { second.isLeader })
    // All but the ten seconds: the wall clock may be set right meanwhile.
    #expect(try await leased("acquireTime") - renewed >= 9_900_000)
    let lease = try await client.get(.leases, "control", in: space)
    #expect(lease["spec"]?["holderIdentity"] == "second" && lease["spec"]?["leaseTransitions"] == 1)
    sampler.cancel()
    following.cancel()
    await following.value
    #expect(both.withLock { $0 } == 0)
    await client.close()
  }

  @Test func `a lease that is given back is taken at once`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let first = election(client, space, "first", lasting: .seconds(600), doubted: .seconds(300))
    let second = election(client, space, "second", lasting: .seconds(600), doubted: .seconds(300))
    let running = Task { await first.run { await forever() } }
    #expect(await eventually { first.isLeader })
    let following = Task { await second.run { await forever() } }
    try await Task.sleep(for: .milliseconds(300))
    running.cancel()
    await running.value
    #expect(!first.isLeader)
    // Well within the ten minutes of the lease.
    #expect(await eventually { second.isLeader })
    following.cancel()
    await following.value
    await client.close()
  }

  @Test func `many candidates, one at a time, each gets its turn`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let inside = Crowd()
    await withDiscardingTaskGroup { group in
      for index in 0..<5 {
        let candidate = election(
          client, space, "c-\(index)", lasting: .seconds(600), doubted: .seconds(300))
        group.addTask {
          await candidate.run {
            inside.enter()
            try? await Task.sleep(for: .milliseconds(50))
            inside.leave()
          }
        }
      }
    }
    #expect(inside.most == 1 && inside.turns >= 5)
    await client.close()
  }

  @Test func `a leader without its API server stops in time and leads again when it is back`() async throws {
    let server = try await APIServer.shared.value
    let client = try server.client(), space = try await server.namespace(client)
    let election = election(client, space, "only", lasting: .seconds(30), doubted: .seconds(1.2))
    let stops = Tally()
    let running = Task {
      await election.run {
        await forever()
        stops.add()
      }
    }
    #expect(await eventually { election.isLeader })
    let before = stops.value
    server.killServer()
    let died = ContinuousClock.now
    #expect(await eventually { stops.value > before })
    #expect(ContinuousClock.now - died < .seconds(30) && !election.isLeader)
    #expect(await eventually { election.lastFailure != nil })
    try server.startServer()
    try await server.waitUntilReady()
    #expect(await eventually { election.isLeader })
    running.cancel()
    await running.value
    await client.close()
  }
}

/// How many were somewhere at once.
private final class Crowd: Sendable {
  private let state = Mutex((now: 0, most: 0, turns: 0))
  var most: Int { state.withLock { $0.most } }
  var turns: Int { state.withLock { $0.turns } }
  func enter() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.turns + 1) } }
  func leave() { state.withLock { $0.now -= 1 } }
}
