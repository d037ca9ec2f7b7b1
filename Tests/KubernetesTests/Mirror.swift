import HTTP
import JSON
import Synchronization
import Testing

@testable import Kubernetes

/// What a reader of a reflector knows, and everything that it was told which cannot be.
final class Mirror: Sendable {
  private struct State {
    var objects: [ObjectKey: (uid: String, version: String)] = [:]
    var mistakes: [String] = []
  }
  private let state = Mutex(State())

  var versions: [String: String] {
    state.withLock { state in
      Dictionary(uniqueKeysWithValues: state.objects.map { ($0.key.description, $0.value.version) })
    }
  }
  var mistakes: [String] { state.withLock { $0.mistakes } }

  func apply(_ change: ObjectChange<Void>) {
    state.withLock { state in
      switch change {
      case .replaced(let objects):
        state.objects = [:]
        for object in objects { state.objects[object.key] = (object.uid, object.resourceVersion) }
      case .added(let object):
        if state.objects[object.key] != nil { state.mistakes.append("\(object.key) was added twice") }
        state.objects[object.key] = (object.uid, object.resourceVersion)
      case .modified(let object):
        let known = state.objects[object.key]
        if known?.uid != object.uid { state.mistakes.append("\(object.key) was changed and is not known") }
        if let known, Int(known.version)! >= Int(object.resourceVersion)! {
          state.mistakes.append("\(object.key) went back from \(known.version)")
        }
        state.objects[object.key] = (object.uid, object.resourceVersion)
      case .deleted(let object):
        if state.objects.removeValue(forKey: object.key) == nil {
          state.mistakes.append("\(object.key) was deleted and is not known")
        }
      }
    }
  }
}

/// A number that tasks share.
final class Tally: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  func add() { number.withLock { $0 += 1 } }
}

/// Lets tasks through, or holds them until it opens.
final class Gate: Sendable {
  private struct State {
    var isOpen = true
    var waiting = 0
  }
  private let state = Mutex(State())
  var waiting: Int { state.withLock { $0.waiting } }
  func close() { state.withLock { $0.isOpen = false } }
  func open() { state.withLock { $0.isOpen = true } }
  func pass() async throws {
    state.withLock { $0.waiting += 1 }
    defer { state.withLock { $0.waiting -= 1 } }
    while !state.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(5)) }
  }
}

/// Waits until something is so.
func eventually(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async rethrows
  -> Bool
{
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return try await condition()
}
