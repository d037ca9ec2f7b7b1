import Transport

/// Counts on an actor that lives on an event loop, under contention, and must be exact. Built in release mode
/// by `Tests/run`: Swift 6.3.1 under -O has let actor methods go on off their actor, and a debug build cannot
/// see that.
@main struct LoopCheck {
  static let tasks = 8
  static let rounds = 100_000

  static func main() async throws {
    let loop = try Loop()
    let counter = Counter(loop)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<tasks {
        group.addTask { for _ in 0..<rounds { await counter.bump() } }
      }
    }
    let value = await counter.value
    await loop.stop()
    let expected = tasks * rounds * 2
    print("LoopCheck: counted \(value) of \(expected)")
    precondition(value == expected, "an actor on an event loop lost counts: do not ship this build")
  }
}

/// The await between the two steps is where the compiler's fault would show.
private actor Counter {
  private let loop: Loop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }
  private(set) var value = 0

  init(_ loop: Loop) { self.loop = loop }

  func bump() async {
    await pause()
    value += 1
    await Task.yield()
    value += 1
  }
}

/// A step that must stay on its caller's actor, written the way the house allows.
private func pause(isolation: isolated (any Actor)? = #isolation) async {}
