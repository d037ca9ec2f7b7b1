/// The member names of the objects that are open, and the search for one that was given twice.
struct JSONKeys {
  private struct Key {
    let hash: UInt32
    let slot: UInt32
    /// Of its opening quote, for the error.
    let offset: UInt32
  }

  /// Up to here every pair is compared (by hash first); above, sorting is cheaper.
  private static let pairwiseLimit = 24

  private var keys: [Key] = []
  var count: Int { keys.count }

  mutating func append(hash: UInt32, slot: Int, offset: Int) {
    keys.append(
      Key(hash: hash, slot: UInt32(truncatingIfNeeded: slot), offset: UInt32(truncatingIfNeeded: offset)))
  }

  /// Forgets the names of an object that ended.
  mutating func removeObject(from first: Int) { keys.removeLast(keys.count - first) }

  /// Of an object that ends, the offset of a name that repeats an earlier one.
  func repetition(from first: Int, slots: [JSONSlot], bytes: Span<UInt8>, names: [UInt8]) -> Int? {
    if keys.count - first <= Self.pairwiseLimit { return pairwise(first, slots, bytes, names) }
    return sorted(first, slots, bytes, names)
  }

  /// Of an object that ends, the slots of all names that a later one repeats.
  func repeated(from first: Int, slots: [JSONSlot], bytes: Span<UInt8>, names: [UInt8]) -> [Int] {
    let ordered = keys[first...].sorted { a, b in
      if a.hash != b.hash { return a.hash < b.hash }
      let order = order(a, b, slots, bytes, names)
      return order == 0 ? a.slot < b.slot : order < 0
    }
    return zip(ordered, ordered.dropFirst()).compactMap { a, b in
      a.hash == b.hash && order(a, b, slots, bytes, names) == 0 ? Int(a.slot) : nil
    }
  }

  private func pairwise(
    _ first: Int, _ slots: [JSONSlot], _ bytes: Span<UInt8>, _ names: [UInt8]
  ) -> Int? {
    var later = first + 1
    while later < keys.count {
      let key = keys[later]
      for earlier in first..<later where keys[earlier].hash == key.hash {
        if order(keys[earlier], key, slots, bytes, names) == 0 { return Int(key.offset) }
      }
      later += 1
    }
    return nil
  }

  /// By hash, then by bytes: names made to collide cost a longer comparison each, never a quadratic number of
  /// them.
  private func sorted(
    _ first: Int, _ slots: [JSONSlot], _ bytes: Span<UInt8>, _ names: [UInt8]
  ) -> Int? {
    let ordered = keys[first...].sorted { a, b in
      a.hash != b.hash ? a.hash < b.hash : order(a, b, slots, bytes, names) < 0
    }
    for (a, b) in zip(ordered, ordered.dropFirst()) where a.hash == b.hash {
      if order(a, b, slots, bytes, names) == 0 { return Int(max(a.offset, b.offset)) }
    }
    return nil
  }

  /// Below, at or above 0, as the first name's bytes sort against the second's (shorter ones first).
  private func order(_ a: Key, _ b: Key, _ slots: [JSONSlot], _ bytes: Span<UInt8>, _ names: [UInt8]) -> Int {
    let (left, right) = (slots[Int(a.slot)], slots[Int(b.slot)])
    if left.length != right.length { return left.length - right.length }
    for i in 0..<left.length {
      let mine = left.isEscaped ? names[Int(left.start) + i] : bytes[Int(left.start) + i]
      let other = right.isEscaped ? names[Int(right.start) + i] : bytes[Int(right.start) + i]
      let difference = Int(mine) - Int(other)
      if difference != 0 { return difference }
    }
    return 0
  }

  /// Cheap and weak on purpose: it only decides which names are worth comparing.
  @inline(__always)
  static func hash(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt32 {
    let count = end - start
    let prime: UInt64 = 0x9E37_79B9_7F4A_7C15
    var word = UInt64(count) ^ load(bytes, start, min(count, 8))
    // The middle of a long name is left to the comparison.
    if count > 8 { word = (word &* prime) ^ load(bytes, end - 8, 8) }
    return UInt32(truncatingIfNeeded: (word &* prime) >> 32)
  }

  /// Up to eight bytes as a number.
  @inline(__always)
  private static func load(_ bytes: Span<UInt8>, _ at: Int, _ count: Int) -> UInt64 {
    if at + 8 <= bytes.count {
      // Any eight bytes are a valid UInt64, and the line above keeps them inside the span.
      let word = unsafe UInt64(
        littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
      return count == 8 ? word : word & (1 << UInt64(count * 8) - 1)
    }
    var word: UInt64 = 0
    for i in 0..<count { word |= UInt64(bytes[at + i]) << UInt64(i * 8) }
    return word
  }
}
