import Foundation
import Testing

@testable import Jobs

@Suite struct `A gate that is killed while it records` {
  /// What a killed process had been told is durable, one key a line, written before the next is asked for.
  private static let told = "told"
  private static let writers = 4

  @Test(.timeLimit(.minutes(2)), arguments: 0..<20)
  func `loses nothing that it was told is recorded, and doubles nothing`(round: Int) async throws {
    let data = TemporaryDirectory()
    let path = data.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try await Self.record(in: path)
    }
    let told = try String(contentsOfFile: "\(path)/\(Self.told)", encoding: .utf8)
      .split(separator: "\n").map(String.init)
    let journal = try Journal.open(directory: path + "/data")
    defer { journal.close() }
    let keys = try await journal.jobs().map(\.key)
    #expect(Set(keys).count == keys.count)
    #expect(Set(told).isSubset(of: keys), "\(Set(told).subtracting(keys)) were promised")
    // What was written and not yet answered may be there: one for each writer.
    #expect(keys.count <= told.count + Self.writers)
    let repeats = try await journal.record(told.map { .sample(String($0.dropFirst(4))) })
    #expect(repeats.allSatisfy { $0.outcome == .already })
    #expect(try await journal.objects(kind: "DataVolume").count == keys.count)
  }

  /// Records without end, from several tasks, until the process kills itself at some moment.
  @Sendable private static func record(in path: String) async throws {
    let journal = try Journal.open(directory: path + "/data")
    let log = open("\(path)/\(told)", O_CREAT | O_WRONLY | O_APPEND, 0o600)
    Thread.detachNewThread {
      usleep(.random(in: 2_000...80_000))
      kill(getpid(), SIGKILL)
    }
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<writers {
        group.addTask {
          for number in 0... {
            let request = CloneRequest.sample("dv-\(writer)-\(number)")
            guard (try? await journal.record([request]).first?.outcome) == .new else { return }
            let line = request.key + "\n"
            _ = line.withCString { write(log, $0, strlen($0)) }
          }
        }
      }
    }
  }
}
