import Kubernetes
import Logging
import Synchronization

/// Sees to the Secret of the keys, from the first minute on: a new key in it from time to time, and another
/// Secret at once when somebody has deleted it.
final class KeyKeeper: Sendable {
  /// Between looks at the age of the keys.
  private static let interval = Duration.seconds(600)

  let mirror: KeyRingMirror
  private let rotation: KeyRingRotation
  /// Its one key is the Secret's name, which each change of it adds; only the leader works on it.
  private let work: WorkQueue<String>
  private let logger: Logger
  /// Ids of keys from the future that the log has told of.
  private let told = Mutex<[String]>([])

  init(client: KubernetesClient, namespace: String, logger: Logger) {
    let work = WorkQueue<String>()
    mirror = KeyRingMirror(client: client, namespace: namespace) { work.add([KeyRing.secretName]) }
    rotation = KeyRingRotation(client: client, namespace: namespace)
    self.work = work
    self.logger = logger
  }

  /// Until its task is cancelled, or it is closed.
  func run() async {
    work.add([KeyRing.secretName])
    await work.run(workers: 1) { _ in await self.look() }
  }

  /// For good: what was begun is ended.
  func close() { work.close() }

  private func look() async -> WorkQueueCore<String>.Outcome {
    do throws(KubernetesError) {
      let outcome = try await rotation.run(now: .secondsSince1970) { tell($0) }
      if outcome != .current { logger.notice("a new key for stamps", metadata: ["secret": "\(outcome)"]) }
      return .again(after: Self.interval)
    } catch {
      logger.error(
        "the keys of stamps could not be kept",
        metadata: ["secret": "\(KeyRing.secretName)", "error": "\(error)"])
      return .failed
    }
  }

  private func tell(_ ahead: [String]) {
    let isNew = told.withLock { told in
      defer { told = ahead }
      return ahead != told
    }
    guard isNew, !ahead.isEmpty else { return }
    logger.warning(
      "keys of stamps lie in the future and do not sign: see the clocks of the nodes",
      metadata: ["secret": "\(KeyRing.secretName)", "keys": "\(ahead.joined(separator: " "))"])
  }
}
