import Foundation
import Glibc
import Synchronization

/// Looks at the standalone directory on a thread of its own, because files may be slow, and hands over what
/// it holds when it changed and came to rest. Looking is a `stat` of each file rather than inotify: it sees
/// links that are swapped (a mounted ConfigMap), network file systems and directories that are replaced,
/// and costs 2 µs a file.
final class DirectoryWatch: Sendable {
  /// Time between two looks; a change takes effect after two of them at least, plus reading.
  static let interval = 0.05
  /// How long nothing may have been written: a program that writes a file in pieces is rarely so slow, and a
  /// Role that is cut off in the middle may allow more than the whole one.
  static let rest = Duration.milliseconds(300)
  /// Looking may take this part of the time at most: a huge directory is looked at less often.
  static let share = 0.05
  /// And not less often than this, so that a change takes effect within a second.
  static let longestInterval = 0.4

  typealias Listing = Result<[String: FileStamp], ManifestProblem>

  private let directory: StandaloneDirectory
  private let changed: @Sendable (StandaloneDirectory.Contents) -> Void
  private let isStopped = Atomic(false)
  private let mustRead = Atomic(false)
  private let change: Mutex<SettledChange<Listing>>

  /// - Parameter changed: called on the watch's thread, one call at a time.
  init(_ directory: StandaloneDirectory, changed: @escaping @Sendable (StandaloneDirectory.Contents) -> Void)
  {
    self.directory = directory
    self.changed = changed
    change = Mutex(SettledChange(rest: Self.rest))
  }

  var path: String { directory.path }

  /// Reads the directory now, then watches it.
  func start() {
    look()
    let thread = Thread { [self] in run() }
    thread.name = "policy"
    thread.stackSize = 8 << 20
    thread.start()
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Reads the directory again at the next look, whether it changed or not.
  func readAgain() { mustRead.store(true, ordering: .relaxed) }

  private func run() {
    while !isStopped.load(ordering: .relaxed) {
      let start = ContinuousClock.now
      look()
      let cost = (ContinuousClock.now - start) / .seconds(1)
      Thread.sleep(forTimeInterval: min(max(Self.interval, cost / Self.share), Self.longestInterval))
    }
  }

  private func look() {
    let listing: Listing
    do throws(ManifestProblem) {
      listing = .success(try directory.listing())
    } catch {
      listing = .failure(error)
    }
    let isWanted = mustRead.exchange(false, ordering: .relaxed)
    let isDue = change.withLock { change in
      if isWanted { change.take(listing) }
      return change.look(listing) || isWanted
    }
    if isDue { changed(directory.read()) }
  }
}
