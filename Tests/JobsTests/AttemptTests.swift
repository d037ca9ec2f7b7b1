import GRDB
import Testing

@testable import Jobs

/// Jobs that somebody else orders, and orders again.
@Suite struct AttemptTests {
  @Test func `an attempt begins a failed job again, once`() async throws {
    let workshop = try Workshop()
    let journal = workshop.journal
    let key = try #require(try await journal.record([.sample("a")]).first).key
    #expect(try await journal.job(key: key)?.attempt == 1)
    try await journal.write { db in
      try db.execute(sql: "UPDATE jobs SET step = 'failed', is_final = 1, is_retryable = 1")
    }
    #expect(try await journal.job(key: key)?.isRetryable == true)
    #expect(try await journal.attempt(1, key: key).step == .failed)
    let again = try await journal.attempt(2, key: key)
    #expect(again.step == .accepted && again.attempt == 2 && again.restarts == 1)
    #expect(try await journal.attempt(2, key: key).restarts == 1)
    #expect(try await journal.attempt(1, key: key).attempt == 2)
  }

  @Test func `a journal belongs to one node, or to none`() async throws {
    let workshop = try Workshop()
    let journal = workshop.journal
    try await journal.dedicate(to: "n1")
    try await journal.dedicate(to: "n1")
    #expect(try await journal.node() == "n1")
    await #expect(throws: JournalError.self) { try await journal.dedicate(to: "n2") }
    await #expect(throws: JournalError.self) { try await journal.setStandaloneDirectory("/m") }
    let other = try Workshop()
    try await other.journal.setStandaloneDirectory("/m")
    await #expect(throws: JournalError.self) { try await other.journal.dedicate(to: "n1") }
  }
}
