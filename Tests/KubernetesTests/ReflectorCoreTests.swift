import JSON
import Testing

@testable import Kubernetes

@Suite struct ReflectorCoreTests {
  private func lines(_ file: String, cut: Int = 4096) throws -> [[UInt8]] {
    var bytes = try Recorded.bytes(file)[...]
    var reader = WatchLines(), lines: [[UInt8]] = []
    while !bytes.isEmpty {
      lines += try reader.read(Array(bytes.prefix(cut)))
      bytes = bytes.dropFirst(cut)
    }
    return lines
  }

  /// What a reader of the recorded stream ends with: the objects and the next step.
  private func replay(_ file: String, cut: Int) throws -> (
    objects: [String: String], next: ReflectorCore.Step
  ) {
    var core = ReflectorCore(timing: .init()), objects: [String: String] = [:]
    core.listed("1")
    var failure: KubernetesError?
    let lines = try lines(file, cut: cut)
    do throws(KubernetesError) {
      for line in lines {
        let event = try WatchEvent(line: line)
        try core.heard(event)
        guard case .change(let kind, let object, let version) = event else { continue }
        let seen = try ObservedObject(object) { _ in () }
        objects[seen.key.description] = kind == .deleted ? nil : version
      }
    } catch {
      failure = error
    }
    _ = core.ended(failure, random: 0)
    return (objects, core.next)
  }

  @Test(
    arguments: [
      ("watch-datavolumes.jsonl", [:], ""),
      ("watch-datavolumes-no-rv.jsonl", [:], ""),
      ("watch-rolebindings.jsonl", [:], ""),
      ("watch-clusterroles.jsonl", [:], ""),
      ("watch-persistentvolumeclaims.jsonl", [:], ""),
      ("watch-clusterroles-initial-events.jsonl", ["vm-editor": "325"], "359"),
    ] as [(String, [String: String], String)])
  func `a recorded watch is followed to its last version however it is cut`(
    file: String, objects: [String: String], version: String
  ) throws {
    let whole = try replay(file, cut: 1 << 20)
    for cut in [1, 13, 500] {
      let other = try replay(file, cut: cut)
      #expect(other.objects == whole.objects && other.next == whole.next)
    }
    // What the last event or bookmark says, read with other means.
    let last = try #require(try lines(file).last)
    let stated = try JSONValue(parsing: last)["object"]?["metadata"]?["resourceVersion"]?.string
    #expect(whole.next == .watch(from: try #require(stated)))
    if !objects.isEmpty { #expect(whole.objects == objects && whole.next == .watch(from: version)) }
  }

  @Test(arguments: [
    "watch-datavolumes-expired.jsonl", "watch-datavolumes-compacted.jsonl",
    "watch-rolebindings-expired.jsonl",
    "watch-clusterroles-expired.jsonl", "watch-persistentvolumeclaims-expired.jsonl",
  ])
  func `an expired version leads to a new list at once, and to pauses when it goes on`(file: String) throws {
    #expect(try replay(file, cut: 100).next == .list)
    guard case .failure(let error) = try WatchEvent(line: try #require(try lines(file).first)) else {
      Issue.record("no ERROR event")
      return
    }
    #expect(error.isExpired)
    var core = ReflectorCore(timing: .init())
    var pauses: [Duration] = []
    for _ in 0..<4 {
      core.listed("5")
      pauses.append(core.ended(error, random: 0))
      #expect(core.next == .list)
    }
    #expect(pauses == [.zero, .milliseconds(250), .milliseconds(500), .seconds(1)])
  }

  @Test func `a version in the future is given up for a list`() throws {
    let answer = try #require(Recorded.answers.first { $0.file == "list-rv-too-large.json" })
    var core = ReflectorCore(timing: .init())
    core.listed("99999999")
    _ = core.ended(KubernetesError(answer: try answer.response), random: 0)
    #expect(core.next == .list)
    // A watch there ends without a word (watch-datavolumes-future-rv.jsonl is empty).
    core.listed("99999999")
    #expect(try lines("watch-datavolumes-future-rv.jsonl").isEmpty)
    for expected in [ReflectorCore.Step.watch(from: "99999999"), .watch(from: "99999999"), .list] {
      #expect(core.ended(nil, random: 0) > .zero)
      #expect(core.next == expected)
    }
  }

  @Test func `a watch that ends after it brought something goes on at once from there`() throws {
    var core = ReflectorCore(timing: .init())
    core.listed("5")
    try core.heard(.bookmark(resourceVersion: "9"))
    #expect(core.ended(nil, random: 0.9) == .zero)
    #expect(core.next == .watch(from: "9"))
  }

  @Test func `a quiet watch is made anew, and its version doubted only after many`() {
    var timing = ReflectorTiming()
    timing.doubtAfterSilences = 4
    var core = ReflectorCore(timing: timing)
    core.listed("5")
    let silence = KubernetesError(.deadlineExceeded, message: "silent")
    for count in 1...4 {
      core.opened()
      #expect(core.isQuiet(silence))
      #expect(core.ended(silence, random: 0) == .milliseconds(250))
      #expect(core.next == (count < 4 ? .watch(from: "5") : .list))
    }
    #expect(!core.isQuiet(silence), "a server that does not take the watch on has failed")
  }

  @Test func `pauses double up to the longest, with chance in them`() {
    let timing = ReflectorTiming()
    #expect(timing.pause(after: 1, random: 0) == .milliseconds(250))
    #expect(timing.pause(after: 3, random: 0) == .seconds(1))
    #expect(timing.pause(after: 60, random: 0) == .seconds(15))
    #expect(timing.pause(after: 60, random: 0.5) == .seconds(22.5))
  }

  @Test func `the server's own time to wait is kept`() {
    var core = ReflectorCore(timing: .init())
    let error = KubernetesError(.tooManyRequests, code: 429, message: "", retryAfter: .seconds(7))
    #expect(core.ended(error, random: 0) == .seconds(7))
    #expect(core.next == .list)
  }

  @Test func `a watch of a type that is gone is followed by a list when it is back`() {
    var core = ReflectorCore(timing: .init())
    core.listed("5")
    _ = core.ended(KubernetesError(.notFound, code: 404, message: "404 page not found"), random: 0)
    #expect(core.next == .list)
  }

  @Test func `a line over the limit is an error and no memory`() throws {
    var lines = WatchLines(limit: 10)
    #expect(try lines.read(Array("0123456789\n\n01234".utf8)).count == 1)
    #expect(throws: KubernetesError.self) { try lines.read(Array("567890".utf8)) }
  }

  @Test(arguments: [
    "", "{}", "[1]", "{\"type\":\"ADDED\"}", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}}",
    "{\"type\":\"RENAMED\",\"object\":{\"metadata\":{\"resourceVersion\":\"1\"}}}", "{\"type\":\"ADDED\"",
  ])
  func `what is no event is an error`(line: String) {
    let error = #expect(throws: KubernetesError.self) { _ = try WatchEvent(line: Array(line.utf8)) }
    #expect(error?.reason == .malformed)
  }
}
