internal import JSON
internal import Synchronization

/// Lets one of several replicas act, by a Lease (coordination.k8s.io/v1).
///
///     let election = LeaderElection(client: client, namespace: "clonegate", name: "clonegate-control",
///       identity: "\(podName)_\(random)")
///     await election.run { await controller.run() }
///
/// By their own clocks there are never two leaders: one that cannot renew stops believing in itself before
/// another may take over. What it has begun may still arrive later, so writes must be safe by themselves
/// (resource versions), and whatever is done outside the API server asks `isLeader` right before.
package final class LeaderElection: Sendable {
  private struct State {
    var core: LeaseCore
    /// As last read or written.
    var lease: JSONValue?
    var leader: String?
    var failure: KubernetesError?
  }

  private let client: KubernetesClient
  private let namespace: String
  private let name: String
  private let timing: LeaseTiming
  private let releasesAtEnd: Bool
  private let state: Mutex<State>

  /// - Parameters:
  ///   - identity: this process and no other, also not its successor: the pod's name and something random.
  ///   - releasesAtEnd: whether the lease is given back when `run` ends, so that another need not wait.
  package init(
    client: KubernetesClient, namespace: String, name: String, identity: String,
    timing: LeaseTiming = .init(), releasesAtEnd: Bool = true
  ) {
    precondition(
      timing.retry < timing.renewal && timing.renewal < timing.duration,
      "a lease is renewed several times before it is doubted, and doubted before it ends")
    self.client = client
    self.namespace = namespace
    self.name = name
    self.timing = timing
    self.releasesAtEnd = releasesAtEnd
    state = Mutex(State(core: LeaseCore(identity: identity, timing: timing)))
  }

  /// Whether we may act now.
  package var isLeader: Bool { state.withLock { $0.core.leads(at: .now) } }
  /// Who holds the lease as far as we know; empty when nobody does.
  package var leader: String? { state.withLock { $0.leader } }
  /// Why the lease could not be read or written the last time it was tried; nil when it could.
  package var lastFailure: KubernetesError? { state.withLock { $0.failure } }

  /// Waits until we lead, then runs `lead`, again and again until the task is cancelled or `lead` returns
  /// while we lead. `lead` is cancelled when the leadership is lost, and waited for.
  package func run(_ lead: @escaping @Sendable () async -> Void) async {
    while await acquire() {
      let isDone = await withTaskGroup(of: Bool.self) { group in
        group.addTask {
          await lead()
          return true
        }
        group.addTask {
          await self.hold()
          return false
        }
        group.addTask {
          await self.waitForTheEnd()
          return false
        }
        let first = await group.next() ?? false
        group.cancelAll()
        await group.waitForAll()
        return first && self.isLeader
      }
      if isDone || Task.isCancelled { break }
    }
    await giveBack()
  }

  /// True when we lead, false when the task was cancelled.
  private func acquire() async -> Bool {
    while !Task.isCancelled {
      await attempt()
      if isLeader { return true }
      await rest()
    }
    return false
  }

  /// Returns when we lead no more.
  private func hold() async {
    while !Task.isCancelled {
      await rest()
      guard !Task.isCancelled else { return }
      await attempt()
      guard isLeader else { return }
    }
  }

  /// Returns when our belief has run out, whatever an attempt to renew it is still waiting for.
  private func waitForTheEnd() async {
    while !Task.isCancelled, let end = state.withLock({ $0.core.validUntil }), end > .now {
      try? await Task.sleep(until: end, clock: .continuous)
    }
  }

  private func rest() async {
    let next = state.withLock { $0.core.nextAttempt(after: .now, random: .random(in: 0..<1)) }
    try? await Task.sleep(until: next, clock: .continuous)
  }

  /// One round: read the lease unless we know it, decide, write.
  private func attempt() async {
    do throws(KubernetesError) {
      let known = state.withLock { $0.core.leads(at: .now) ? $0.lease : nil }
      var lease = known
      if lease == nil { lease = try await read() }
      try await perform(lease)
      state.withLock { $0.failure = nil }
    } catch {
      state.withLock { state in
        state.failure = error
        // What we know of the lease may be wrong now; whether we lead still is a matter of time alone.
        state.lease = nil
        if error.isConflict { state.leader = nil }
      }
      // Somebody wrote the lease: who leads is to be known at once.
      if error.isConflict, !Task.isCancelled { await look() }
    }
  }

  private func perform(_ lease: JSONValue?) async throws(KubernetesError) {
    let decision = state.withLock { state in
      state.leader = lease?["spec"]?["holderIdentity"]?.string
      return state.core.decide(lease, name: name, at: .now, clock: .now)
    }
    let sent = ContinuousClock.now
    let written: JSONValue
    switch decision {
    case .wait: return state.withLock { $0.core.lost() }
    case .create(let fresh):
      written = try await client.create(.leases, fresh, in: namespace, within: timing.renewal)
    case .write(let changed):
      written = try await client.replace(.leases, changed, within: timing.renewal)
    }
    state.withLock { state in
      state.core.wrote(sentAt: sent)
      state.lease = written
      state.leader = state.core.identity
    }
  }

  /// Reads the lease; whoever is found to be another's follower leads no more.
  private func look() async {
    guard let lease = try? await read() else { return }
    state.withLock { state in
      state.leader = lease["spec"]?["holderIdentity"]?.string
      if state.leader == state.core.identity { state.lease = lease } else { state.core.lost() }
    }
  }

  private func read() async throws(KubernetesError) -> JSONValue? {
    do throws(KubernetesError) {
      return try await client.get(.leases, name, in: namespace, within: timing.renewal)
    } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
  }

  /// On a task of its own: the one that runs here is cancelled as a rule.
  private func giveBack() async {
    let core = state.withLock { state -> LeaseCore? in
      defer { state.core.lost() }
      return releasesAtEnd && state.core.leads(at: .now) ? state.core : nil
    }
    guard let core else { return }
    let (client, name, namespace, limit) = (client, name, namespace, timing.renewal)
    await Task {
      _ = try? await client.update(.leases, name, in: namespace, within: limit) { lease in
        guard lease["spec"]?["holderIdentity"]?.string == core.identity else { return }
        lease = core.released(lease, .now)
      }
    }.value
  }
}
