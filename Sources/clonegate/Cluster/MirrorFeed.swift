import Admission
import Authorization
import Logging
import ServiceLifecycle

/// Keeps the mirror going and makes a new snapshot of it when it has changed: many changes, one snapshot.
struct MirrorFeed: Service, CustomStringConvertible {
  /// How long changes are gathered. A grant counts at once in any case (the second opinion); a revoked one
  /// after the watch's delay and this.
  static let interval = Duration.milliseconds(50)
  /// Making snapshots may take this part of a core: with a hundred thousand bindings one takes a second.
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
    var made = Made()
    while !Task.isCancelled {
      let start = ContinuousClock.now
      look(&made)
      try? await Task.sleep(for: max(Self.interval, (ContinuousClock.now - start) / Self.share))
    }
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
  private func look(_ made: inout Made) {
    guard made.isPublished || mirror.isWhole(MirroredResource.inventory) else { return }
    let isWhole = mirror.isWhole(MirroredResource.policy)
    let revisions = mirror.tables.revisions
    let hasPolicy = isWhole && (revisions.policy != made.revisions.policy || !made.isWhole)
    let hasInventory = revisions.inventory != made.revisions.inventory
    let hasPods = revisions.pods != made.revisions.pods
    guard hasPolicy || hasInventory || hasPods else { return }
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
  }
}
