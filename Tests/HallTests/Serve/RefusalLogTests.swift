import Logging
import Testing

@testable import clonegate

@Suite struct `The log of refusals` {
  @Test func `has a line a minute, which tells how many were kept back`() {
    let log = RefusalLog(Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let start = ContinuousClock.now
    let lines = [0, 1, 59, 60, 61, 120].map { log.turn(at: start + .seconds($0)) }
    #expect(lines == [0, nil, nil, 2, nil, 1])
  }
}
