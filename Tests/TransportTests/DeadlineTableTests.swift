import Chance
import Testing

@testable import Transport

@Suite struct DeadlineTableTests {
  @Test func `ten thousand deadlines come due in order, whatever was moved or removed`() {
    var random = Dice(seed: 7)
    var table = DeadlineTable()
    var expected: [Int: Int64] = [:]
    for _ in 0..<40_000 {
      let key = Int(random.next() % 10_000)
      if random.next() % 4 == 0 {
        table.remove(key)
        expected[key] = nil
      } else {
        let due = Int64(random.next() % 1_000_000)
        table.set(key, due: due)
        expected[key] = due
      }
    }
    #expect(table.count == expected.count)
    var last = Int64.min, popped = 0
    while let earliest = table.earliest {
      #expect(table.popDue(at: earliest - 1) == nil)
      guard let key = table.popDue(at: earliest) else { break }
      #expect(expected.removeValue(forKey: key) == earliest)
      #expect(earliest >= last)
      last = earliest
      popped += 1
    }
    #expect(expected.isEmpty && popped > 5_000 && table.count == 0)
  }

  @Test func `a key has one deadline: the last one set`() {
    var table = DeadlineTable()
    table.set(3, due: 10)
    table.set(3, due: 30)
    #expect(table.count == 1 && table[3] == 30)
    #expect(table.popDue(at: 29) == nil)
    #expect(table.popDue(at: 30) == 3)
    #expect(table[3] == nil && table[99] == nil)
    table.remove(99)
  }
}
