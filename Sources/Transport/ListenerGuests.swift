import Synchronization

/// The connections that came through one listener and are not yet gone, in all and for each loop. What one
/// listener's peers take is so never another's.
final class ListenerGuests: Sendable {
  /// An atomic number cannot be in an array by itself.
  private final class Count: Sendable { let number = Atomic<Int>(0) }

  private let all = Count()
  private let perLoop: [Count]

  init(loops: Int) { perLoop = (0..<loops).map { _ in Count() } }

  var count: Int { all.number.load(ordering: .relaxed) }
  func count(on loop: Int) -> Int { perLoop[loop].number.load(ordering: .relaxed) }

  /// One more on that loop; whoever gets the seat leaves it once.
  func seat(on loop: Int) -> Seat {
    all.number.add(1, ordering: .relaxed)
    perLoop[loop].number.add(1, ordering: .relaxed)
    return Seat(guests: self, loop: loop)
  }

  struct Seat: Sendable {
    fileprivate let guests: ListenerGuests
    fileprivate let loop: Int

    func leave() {
      guests.all.number.subtract(1, ordering: .relaxed)
      guests.perLoop[loop].number.subtract(1, ordering: .relaxed)
    }
  }
}
