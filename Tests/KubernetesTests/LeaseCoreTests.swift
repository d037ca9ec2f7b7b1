import JSON
import Testing

@testable import Kubernetes

@Suite struct LeaseCoreTests {
  private let timing = LeaseTiming()
  private let clock = MicroTime(microseconds: 1_717_243_200_000_000)

  @Test func `a lease that is not there is created as the API server wrote it down`() throws {
    var core = LeaseCore(identity: "clone-webhook-0_7f", timing: timing)
    guard case .create(let lease) = core.decide(nil, name: "clone-webhook", at: .now, clock: clock) else {
      Issue.record("not created")
      return
    }
    let recorded = try Recorded.json("lease-create.json")
    #expect(lease["spec"] == recorded["spec"])
  }

  @Test func `the recorded lease of another is waited for from when it was seen`() throws {
    var core = LeaseCore(identity: "me", timing: timing)
    let start = ContinuousClock.now
    var lease = try Recorded.json("lease-get.json")
    #expect(core.decide(lease, name: "l", at: start, clock: clock) == .wait)
    #expect(core.decide(lease, name: "l", at: start + .seconds(14.9), clock: clock) == .wait)
    lease["spec"]?["renewTime"] = "2024-06-01T12:00:05.000000Z"
    #expect(core.decide(lease, name: "l", at: start + .seconds(15), clock: clock) == .wait)
    guard case .write(let taken) = core.decide(lease, name: "l", at: start + .seconds(30), clock: clock)
    else {
      Issue.record("not taken over")
      return
    }
    #expect(taken["spec"]?["holderIdentity"] == "me" && taken["spec"]?["leaseTransitions"] == 1)
    #expect(taken["metadata"] == lease["metadata"])
  }

  @Test func `a lease that was given back is taken at once and unknown fields stay`() throws {
    var core = LeaseCore(identity: "me", timing: timing)
    var lease = core.released(try Recorded.json("lease-get.json"), clock)
    lease["spec"]?["strategy"] = "OldestEmulationVersion"
    guard case .write(let taken) = core.decide(lease, name: "l", at: .now, clock: clock) else {
      Issue.record("not taken")
      return
    }
    #expect(taken["spec"]?["strategy"] == "OldestEmulationVersion")
  }

  @Test func `a longer lease is respected and an absurd one is not`() throws {
    let start = ContinuousClock.now
    for (seconds, patience) in [(60, 60), (1, 15), (999_999_999, 3600), (-5, 15)] {
      var core = LeaseCore(identity: "me", timing: timing)
      var lease = try Recorded.json("lease-get.json")
      lease["spec"]?["leaseDurationSeconds"] = .number("\(seconds)")
      _ = core.decide(lease, name: "l", at: start, clock: clock)
      let early = start + .seconds(patience) - .milliseconds(1)
      #expect(core.decide(lease, name: "l", at: early, clock: clock) == .wait)
      #expect(core.decide(lease, name: "l", at: start + .seconds(patience), clock: clock) != .wait)
    }
  }

  @Test func `whose belief has ended waits before each try, as whoever never led`() {
    let start = ContinuousClock.now
    var core = LeaseCore(identity: "me", timing: timing)
    #expect(core.nextAttempt(after: start, random: 0) == start + .seconds(2))
    #expect(core.nextAttempt(after: start, random: 0.5) > start + .seconds(2.1))
    core.wrote(sentAt: start)
    #expect(core.nextAttempt(after: start, random: 0) == start + .seconds(2))
    let end = start + .seconds(10)
    #expect(core.nextAttempt(after: end - .seconds(1), random: 0) == end)
    // Nobody could be reached since, so nobody has told it that it lost.
    for late in [end, end + .seconds(600)] {
      #expect(core.nextAttempt(after: late, random: 0) == late + .seconds(2))
    }
  }

  @Test(arguments: 0..<40) func `there are never two leaders`(seed: Int) {
    var world = LeaseWorld(seed: UInt64(seed), candidates: ["a", "b", "c"])
    var leaders = Set<String>(), terms = 0, last = ""
    for _ in 0..<6000 {
      let now = world.step()
      #expect(now.count <= 1)
      guard let leader = now.first else { continue }
      if leader != last { terms += 1 }
      last = leader
      leaders.insert(leader)
    }
    #expect(leaders.count == 3 && terms > 5, "nobody took over, so nothing was shown")
  }
}

/// Candidates, messages that take their time or are lost, and processes that stop for a while. All that the
/// API server does is to refuse a write to an old version.
private struct LeaseWorld {
  private enum Event {
    case read
    case decide(JSONValue?)
    case write(JSONValue, over: Int, sent: Double)
    case answer(sent: Double)
  }

  private let origin = ContinuousClock.now
  private var random: Chance
  private var cores: [LeaseCore]
  private var events: [(time: Double, candidate: Int, event: Event)] = []
  private var stored: (lease: JSONValue?, version: Int) = (nil, 0)

  init(seed: UInt64, candidates: [String]) {
    random = Chance(seed: seed)
    cores = candidates.map { LeaseCore(identity: $0, timing: LeaseTiming()) }
    for index in cores.indices { after(0, index, .read) }
  }

  /// What happens next, and who believes to lead then.
  mutating func step() -> [String] {
    let index = events.indices.min { events[$0].time < events[$1].time }!
    let (time, candidate, event) = events.remove(at: index)
    switch event {
    case .read: after(time + random.below(3), candidate, .decide(stored.lease))
    case .decide(let lease): decide(candidate, lease, at: time)
    case .write(let lease, let version, let sent):
      guard version == stored.version, random.below(1) < 0.9 else { break }
      stored = (lease, version + 1)
      stored.lease?["metadata"]?["resourceVersion"] = .string("\(version + 1)")
      if random.below(1) < 0.9 { after(time + random.below(4), candidate, .answer(sent: sent)) }
    case .answer(let sent): cores[candidate].wrote(sentAt: origin + .seconds(sent))
    }
    return cores.filter { $0.leads(at: origin + .seconds(time)) }.map(\.identity)
  }

  private mutating func decide(_ candidate: Int, _ lease: JSONValue?, at time: Double) {
    let clock = MicroTime(microseconds: Int64(time * 1_000_000))
    let version = lease?["metadata"]?["resourceVersion"]?.string.flatMap { Int($0) } ?? 0
    switch cores[candidate].decide(lease, name: "l", at: origin + .seconds(time), clock: clock) {
    case .wait: cores[candidate].lost()
    case .create(let fresh), .write(let fresh):
      after(time + random.below(6), candidate, .write(fresh, over: version, sent: time))
    }
    // Now and then a process stops for longer than a lease.
    let pause = random.below(1) < 0.05 ? random.below(60) : 2
    after(time + pause, candidate, .read)
  }

  private mutating func after(_ time: Double, _ candidate: Int, _ event: Event) {
    events.append((time, candidate, event))
  }
}

/// Chance that repeats itself.
struct Chance {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }
  mutating func below(_ limit: Double) -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / Double(1 << 53) * limit
  }
}
