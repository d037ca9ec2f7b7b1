internal import Synchronization
internal import Transport

/// The memory that the peers of a server make it hold: the one account for heads, bodies and answers, over
/// all connections. Nobody asks it for every byte: a connection says what it holds after each event.
final class HTTPMemory: Sendable {
  private let limit: Int
  private let held = Atomic<Int>(0)
  private let wasLarge = Atomic<Bool>(false)
  private let isGivingBack = Atomic<Bool>(false)

  init(limit: Int) { self.limit = limit }

  var bytes: Int { held.load(ordering: .relaxed) }
  /// Whoever wants more gets it elsewhere, or later.
  var isShort: Bool { bytes > limit }

  /// What is there is counted, also over the limit: it is for the caller to let go of something then.
  func add(_ more: Int) {
    let now = held.wrappingAdd(more, ordering: .relaxed).newValue
    if more > 0 {
      if now > large, !wasLarge.load(ordering: .relaxed) { wasLarge.store(true, ordering: .relaxed) }
    } else if now < small, wasLarge.load(ordering: .relaxed) {
      giveBack()
    }
  }

  // MARK: After a peak

  private var large: Int { limit / 4 }
  private var small: Int { limit / 8 }
  /// Until those who were cut off are gone, and once more for those who were slow. Not oftener: looking
  /// through the heap keeps others from it for a moment.
  private static let pauses = [Duration.seconds(2), .seconds(8)]

  /// The allocator keeps what was freed, which a container's limit does not forgive.
  private func giveBack() {
    guard !isGivingBack.exchange(true, ordering: .relaxed) else { return }
    Task.detached {
      for pause in Self.pauses {
        try? await Task.sleep(for: pause)
        if self.bytes < self.small { self.wasLarge.store(false, ordering: .relaxed) }
        FreedMemory.giveBack()
      }
      self.isGivingBack.store(false, ordering: .relaxed)
    }
  }
}

/// What one connection has of the server's memory.
struct HTTPMemoryShare {
  /// Each connection has so much to itself, taken when it opens, and is counted in pieces of it: small
  /// requests touch no number that others touch, and are answered also when strangers have taken everything.
  /// 4,096 connections have a quarter of the gate's memory so.
  static let piece = 16 * 1024
  private var held = 0

  /// Nothing beyond what every connection has.
  var isSmall: Bool { held <= Self.piece }

  /// Holds `bytes`. False if that is more than before and the server has no more: the caller then lets go of
  /// what it can, and holds the rest.
  @discardableResult
  mutating func hold(_ bytes: Int, _ memory: HTTPMemory) -> Bool {
    let wanted = max(1, (bytes + Self.piece - 1) / Self.piece) * Self.piece
    guard wanted != held else { return true }
    let hasGrown = wanted > max(held, Self.piece)
    memory.add(wanted - held)
    held = wanted
    return !hasGrown || !memory.isShort
  }

  /// The connection is gone.
  mutating func release(_ memory: HTTPMemory) {
    memory.add(-held)
    held = 0
  }
}
