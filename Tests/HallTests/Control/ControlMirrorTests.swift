import Logging
import Testing

@testable import Kubernetes
@testable import clonegate

@Suite struct ControlMirrorTests {
  private let long = ContinuousClock.now - .seconds(1000)
  private let missing = KubernetesError(.notFound, code: 404, message: "404 page not found")

  @Test func `a type whose CRD was deleted is known to be none, and one that may be there is not`() {
    var standing = ReflectorStanding()
    standing.listed(at: long, until: long)
    #expect(ControlMirror.problem("x", isOptional: true, standing) != nil)
    standing.failed(missing)
    #expect(ControlMirror.problem("x", isOptional: true, standing) == nil)
    #expect(ControlMirror.problem("x", isOptional: false, standing) != nil)
    standing.failed(KubernetesError(.forbidden, code: 403, message: "no"))
    #expect(ControlMirror.problem("x", isOptional: true, standing) != nil)
  }

  @Test func `what was never there is no problem either`() {
    var standing = ReflectorStanding()
    standing.failed(missing)
    #expect(ControlMirror.problem("x", isOptional: true, standing) == nil)
  }

  @Test func `a leader that cannot begin says so once a minute`() {
    let log = BlindnessLog(Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let start = ContinuousClock.now
    #expect(
      [0, 1, 59, 60, 61].map { log.isTurn(at: start + .seconds($0)) } == [true, false, false, true, false])
  }
}
