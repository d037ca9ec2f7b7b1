/// Which key is due next: a binary heap that knows where each key is, so that a deadline moves or goes in
/// O(log n) and a connection that closes leaves nothing behind. At most one deadline for a key.
///
/// Keys are small and dense (slot numbers); times are nanoseconds of any one clock.
struct DeadlineTable {
  private var heap: [(due: Int64, key: Int)] = []
  private var position: [Int32] = []
  private static let absent: Int32 = -1

  var count: Int { heap.count }
  var earliest: Int64? { heap.first?.due }

  subscript(key: Int) -> Int64? {
    guard key < position.count, position[key] != Self.absent else { return nil }
    return heap[Int(position[key])].due
  }

  mutating func set(_ key: Int, due: Int64) {
    while position.count <= key { position.append(Self.absent) }
    let place = position[key]
    guard place != Self.absent else {
      heap.append((due, key))
      return rise(heap.count - 1)
    }
    heap[Int(place)].due = due
    settle(Int(place))
  }

  mutating func remove(_ key: Int) {
    guard key < position.count, position[key] != Self.absent else { return }
    let place = Int(position[key])
    position[key] = Self.absent
    let last = heap.removeLast()
    guard place < heap.count else { return }
    heap[place] = last
    settle(place)
  }

  /// The key that was due first, if it is due at `now`; its deadline is gone afterwards.
  mutating func popDue(at now: Int64) -> Int? {
    guard let first = heap.first, first.due <= now else { return nil }
    remove(first.key)
    return first.key
  }

  private mutating func settle(_ place: Int) {
    if place > 0, heap[place].due < heap[(place - 1) / 2].due { rise(place) } else { sink(place) }
  }

  private mutating func rise(_ start: Int) {
    let entry = heap[start]
    var place = start
    while place > 0, entry.due < heap[(place - 1) / 2].due {
      put(heap[(place - 1) / 2], at: place)
      place = (place - 1) / 2
    }
    put(entry, at: place)
  }

  private mutating func sink(_ start: Int) {
    let entry = heap[start]
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].due < heap[child].due { child += 1 }
      guard heap[child].due < entry.due else { break }
      put(heap[child], at: place)
      place = child
    }
    put(entry, at: place)
  }

  private mutating func put(_ entry: (due: Int64, key: Int), at place: Int) {
    heap[place] = entry
    position[entry.key] = Int32(place)
  }
}
