import Control
import Kubernetes
import Testing

@testable import clonegate

@Suite struct CloneObstructionTests {
  private func told(
    _ error: KubernetesError, to obstruction: inout CloneObstruction, times: Int
  ) -> [Bool] {
    var told: [Bool] = []
    for _ in 0..<times { told.append(obstruction.met(error)) }
    return told
  }

  @Test(arguments: [400, 401, 403, 405, 413, 422])
  func `a refusal is told at once, and once`(code: Int) {
    var obstruction = CloneObstruction()
    let error = KubernetesError(.init(rawValue: "Because"), code: code, message: "no")
    #expect(told(error, to: &obstruction, times: 1) == [true])
    #expect(obstruction.trouble?.reason == "Because" && obstruction.trouble?.message == "no")
    #expect(told(error, to: &obstruction, times: 2) == [false, false] && obstruction.trouble != nil)
  }

  @Test(
    arguments: [(.internalError, 500), (.serviceUnavailable, 503), (.tooManyRequests, 429)]
      as [(KubernetesError.Reason, Int)])
  func `what may pass is told when it does not`(reason: KubernetesError.Reason, code: Int) {
    var obstruction = CloneObstruction()
    let error = KubernetesError(reason, code: code, message: "later")
    let patience = CloneObstruction.patience
    let silent = told(error, to: &obstruction, times: patience)
    #expect(silent == Array(repeating: false, count: patience) && obstruction.trouble == nil)
    #expect(told(error, to: &obstruction, times: 2) == [true, false])
    #expect(obstruction.trouble?.message == "later")
  }

  /// Such as a webhook makes that knows no other word.
  @Test func `a conflict that does not end is a refusal`() {
    var obstruction = CloneObstruction()
    let error = KubernetesError(.conflict, code: 409, message: "not now")
    var usual: [Bool] = []
    for _ in 0..<CloneObstruction.overtakings { usual.append(obstruction.overtaken(by: error)) }
    #expect(!usual.contains(false) && obstruction.trouble == nil)
    usual.append(obstruction.overtaken(by: error))
    #expect(usual.last == false)
    #expect(obstruction.trouble == CloneTrouble(reason: "Conflict", message: "not now"))
  }

  @Test func `an API server that does not answer is told nothing either`() {
    var obstruction = CloneObstruction()
    let error = KubernetesError(.unreachable, message: "no connection")
    #expect(!told(error, to: &obstruction, times: 100).contains(true))
    #expect(obstruction.trouble == nil)
  }

  @Test func `an earlier order that cannot be removed is named, with the reason`() throws {
    var obstruction = CloneObstruction(earlierOrder: "a0-1")
    let error = KubernetesError(.forbidden, code: 403, message: "may not delete")
    #expect(told(error, to: &obstruction, times: 2) == [true, false])
    let trouble = try #require(obstruction.trouble)
    #expect(trouble.reason == "CopyOrderNotRemoved")
    #expect(trouble.message.contains("VolumeCopy a0-1") && trouble.message.contains("may not delete"))
  }

  /// A webhook that denies with the number of the request, a connection that breaks at another port.
  @Test func `who refuses in other words each time is asked ever more seldom`() {
    var obstruction = CloneObstruction()
    var now = ContinuousClock.now
    var pauses: [Duration] = []
    for index in 1...5 {
      let error = KubernetesError(.forbidden, code: 403, message: "request \(index)")
      let isNews = obstruction.met(error, at: now)
      let isNewsAgain = obstruction.met(KubernetesError(.invalid, code: 422, message: "other"), at: now)
      #expect(isNews && !isNewsAgain)
      #expect(obstruction.trouble(at: now)?.message == "request \(index)")
      let begun = now
      while obstruction.trouble(at: now) != nil { now += .seconds(1) }
      pauses.append(now - begun)
    }
    #expect(pauses == [30, 60, 120, 120, 120].map { .seconds($0) })
    #expect(obstruction.trouble?.message == "request 5", "what was told last is known")
  }

  @Test(arguments: [
    ("read tcp 10.0.0.1:43122->10.0.0.2:443: reset", "read tcp 10.0.0.1->10.0.0.2:443: reset"),
    ("[::1]:5->[::1]:443", "[::1]->[::1]:443"), ("a->b", "a->b"), ("12->13", "12->13"), ("a:12", "a:12"),
    ("", ""),
  ]) func `our own port is no news`(message: String, told: String) {
    #expect(CloneObstruction.withoutPorts(message) == told)
  }
}
