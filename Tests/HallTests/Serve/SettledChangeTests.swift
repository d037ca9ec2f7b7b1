import Testing

@testable import clonegate

@Suite struct `A settled change` {
  @Test func `the first state is read at once, an unchanged one never again`() {
    var change = SettledChange<Int>()
    let reads = [1, 1, 1].map { change.look($0) }
    #expect(reads == [true, false, false])
  }

  @Test func `a new state is read when it was seen twice`() {
    var change = SettledChange<Int>()
    _ = change.look(1)
    let reads = [2, 3, 4, 4, 4].map { change.look($0) }
    #expect(reads == [false, false, false, true, false])
  }

  @Test func `a new state is read when it has rested for long enough`() {
    var change = SettledChange<Int>(rest: .milliseconds(300))
    let start = ContinuousClock.now
    let looks = [(0, 1), (50, 2), (100, 2), (300, 3), (350, 3), (599, 3), (600, 3), (650, 3)]
    let reads = looks.map { change.look($0.1, at: start + .milliseconds($0.0)) }
    #expect(reads == [true, false, false, false, false, false, true, false])
  }

  @Test func `a state that comes back is no change`() {
    var change = SettledChange<Int>()
    _ = change.look(1)
    let reads = [2, 1, 2, 1].map { change.look($0) }
    #expect(reads == [false, false, false, false])
  }

  @Test func `a state that never rests is read in the end`() {
    var change = SettledChange<Int>()
    _ = change.look(0)
    let reads = (1...100).filter { change.look($0) }
    #expect(reads == [40, 80])
  }

  @Test func `what was read on request is not read again`() {
    var change = SettledChange<Int>()
    change.take(1)
    let first = change.look(1)
    _ = change.look(2)
    change.take(2)
    let second = change.look(2)
    #expect(!first && !second)
  }
}
