import Foundation

/// One value from one thread to another that may block for it.
package final class Handoff<Success: Sendable, Failure: Error>: @unchecked Sendable {
  private let condition = NSCondition()
  // Only touched while `condition` is locked; that is what makes this Sendable.
  private var result: Result<Success, Failure>?

  package init() {}

  package func put(_ result: Result<Success, Failure>) {
    condition.lock()
    self.result = result
    condition.signal()
    condition.unlock()
  }

  package func take() -> Result<Success, Failure> {
    condition.lock()
    defer { condition.unlock() }
    while result == nil { condition.wait() }
    return result!
  }
}
