import Jobs
import Logging
import ServiceLifecycle

/// Tells the snapshot store which DataVolumes the journal knows, whoever wrote them: this gate, another
/// one, or a command.
struct JournalFeed: Service, CustomStringConvertible {
  /// What another process deleted or recorded is known after this time at the latest.
  static let interval = Duration.milliseconds(250)
  /// Unless reading takes so long that it would be more than this part of the time: thousands of DataVolumes.
  static let share = 0.05

  let journal: Journal
  let store: SnapshotStore
  let logger: Logger

  /// How the log names it.
  var description: String { "journal feed" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var seen: JournalGeneration?
      while !Task.isCancelled {
        let start = ContinuousClock.now
        seen = await look(seen)
        try? await Task.sleep(for: max(Self.interval, (ContinuousClock.now - start) / Self.share))
      }
    }
  }

  /// Reads the journal's DataVolumes if there may be others than at the last look; returns what was read.
  func look(_ seen: JournalGeneration?) async -> JournalGeneration? {
    do {
      let generation = try await journal.generation()
      guard generation != seen else { return seen }
      store.setRecorded(RecordedObjects.all(of: try await journal.jobs()))
      return generation
    } catch {
      logger.error("the journal cannot be read", metadata: ["error": "\(error)"])
      return seen
    }
  }
}
