import Admission
import Authorization
import Logging
import ServiceLifecycle

/// Keeps the mirror going and makes a new snapshot of it when it has changed: many changes, one snapshot.
struct MirrorFeed: Service, CustomStringConvertible {
  /// How long changes are gathered. A grant counts at once in any case (the second opinion); a revoked one
  /// after the watch's delay, this, and the making of the snapshot: of this `PolicyTrust.freshness` at most.
  static let interval = Duration.milliseconds(50)
  /// Making snapshots may take this part of a core: with a hundred thousand bindings one takes a second. What
  /// is in force is confirmed all the while, or comes to be no longer believed.
  static let share = 0.25

  let mirror: ClusterMirror
  let store: SnapshotStore
  let logger: Logger

  /// How the log names it.
  var description: String { "mirror feed" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      async let following: Void = mirror.run()
      await publish()
      await following
    }
  }

  private func publish() async {
    var made = Made(), rested = ContinuousClock.now
    while !Task.isCancelled {
      let start = ContinuousClock.now
      let seen = Seen(
        isWhole: mirror.isWhole(MirroredResource.policy), revisions: mirror.tables.revisions)
      if start >= rested, make(&made, of: seen) {
        let end = ContinuousClock.now
        rested = end + (end - start) / Self.share
      }
      mirror.looked(at: start, hasNewest: made.isWhole && made.revisions.policy == seen.revisions.policy)
      try? await Task.sleep(for: Self.interval)
    }
  }

  /// What one look at the mirror shows.
  private struct Seen {
    let isWhole: Bool
    let revisions: MirrorTables.Revisions
  }

  /// What the last snapshot was made of.
  private struct Made {
    var isPublished = false
    var revisions = MirrorTables.Revisions(policy: -1, inventory: -1, pods: -1)
    var policy = Policy.empty
    var inventory = Inventory()
    var notes: [String] = []
    var isWhole = false
  }

  /// Without the whole inventory nothing can be judged: a DataSource that is not known yet is not one that
  /// does not exist. Without the whole policy it can: the API server is asked about every right. Once there
  /// is a snapshot, what comes to be missing of the inventory holds nothing back: a right may be revoked.
  /// - Returns: whether there was anything to make.
  private func make(_ made: inout Made, of seen: Seen) -> Bool {
    guard made.isPublished || mirror.isWhole(MirroredResource.inventory) else { return false }
    let (isWhole, revisions) = (seen.isWhole, seen.revisions)
    let hasPolicy = isWhole && (revisions.policy != made.revisions.policy || !made.isWhole)
    let hasInventory = revisions.inventory != made.revisions.inventory
    let hasPods = revisions.pods != made.revisions.pods
    guard hasPolicy || hasInventory || hasPods else { return false }
    if hasPolicy {
      let (policy, problems) = Policy.build(from: mirror.tables.nodes(of: MirroredResource.policy))
      (made.policy, made.notes) = (policy, problems.map { "\($0.kind) \($0.name): \($0.message)" })
    }
    if hasInventory {
      made.inventory = Inventory.build(from: mirror.tables.nodes(of: MirroredResource.inventory)).inventory
    }
    if hasInventory || hasPods {
      made.inventory = made.inventory.used(by: mirror.tables.nodes(of: [.pods]).compactMap { PodDisks($0) })
    }
    if isWhole, !made.isWhole { logger.notice("the cluster is mirrored") }
    made.revisions = revisions
    (made.isWhole, made.isPublished) = (isWhole, true)
    store.take(
      policy: made.policy, inventory: made.inventory,
      objects: MirroredResource.allCases.reduce(0) { $0 + mirror.tables.count(of: $1) }, notes: made.notes)
    return true
  }
}
