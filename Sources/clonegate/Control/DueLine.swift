/// Keys by the moment they are due, those of one moment in the order they came: a binary heap.
struct DueLine<Key: Sendable>: Sendable {
  struct Place: Sendable {
    var due: ContinuousClock.Instant
    var turn: Int
    var key: Key
  }

  private var places: [Place] = []

  var first: Place? { places.first }

  mutating func add(_ place: Place) {
    places.append(place)
    var at = places.count - 1
    while at > 0, comesBefore(at, (at - 1) / 2) {
      places.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  /// There must be one.
  mutating func removeFirst() {
    places.swapAt(0, places.count - 1)
    places.removeLast()
    var at = 0
    while true {
      let next = [2 * at + 1, 2 * at + 2].filter { $0 < places.count }.min(by: comesBefore)
      guard let next, comesBefore(next, at) else { return }
      places.swapAt(at, next)
      at = next
    }
  }

  private func comesBefore(_ a: Int, _ b: Int) -> Bool {
    (places[a].due, places[a].turn) < (places[b].due, places[b].turn)
  }
}
