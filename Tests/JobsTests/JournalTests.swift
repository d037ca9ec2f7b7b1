import Foundation
import JSON
import Testing

@testable import Jobs

@Suite struct `Recording a clone` {
  @Test func `a repeat adds no job`() async throws {
    let data = TemporaryDirectory()
    let journal = try Journal.open(directory: data.path)
    let request = CloneRequest.sample("a")
    #expect(try await journal.record([request]) == [Recorded(key: request.key, outcome: .new)])
    #expect(try await journal.record([request]) == [Recorded(key: request.key, outcome: .already)])
    #expect(try await journal.jobs().map(\.key) == [request.key])
    journal.close()
  }
}
