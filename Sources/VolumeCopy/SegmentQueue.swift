private import Synchronization

/// Hands out what is left to do, from the first byte to the last, so that the threads stay close together
/// and a checkpoint is nearly one range.
final class SegmentQueue: Sendable {
  enum Work {
    /// Lies within one segment and holds data somewhere.
    case data(ByteRange)
    /// Whole segments (or the end of the image) that hold none.
    case hole(ByteRange)
  }

  /// A hole is handed out in stretches, so that zeroing it on a slow device can be cancelled.
  static let holeBytes: Int64 = 1 << 30

  private let stretch: Int64
  private struct State {
    var rest: [ByteRange]
    var map: ExtentMap?
  }

  private let state: Mutex<State>

  /// `todo` in order; `map` nil: all of it is data. Holes come in parts of at most `stretch`.
  init(_ todo: [ByteRange], map: ExtentMap?, stretch: Int64 = holeBytes) {
    self.stretch = stretch
    state = Mutex(State(rest: todo.reversed(), map: map))
  }

  func next() -> Work? {
    state.withLock { state in
      guard let range = state.rest.last else { return nil }
      let segment = CopyLimits.segmentBytes
      let first = range.lowerBound..<min(range.upperBound, (range.lowerBound / segment + 1) * segment)
      let data = state.map?.data(from: first.lowerBound).lowerBound ?? first.lowerBound
      guard data >= first.upperBound else { return .data(take(first, &state)) }
      let limit = min(range.upperBound, first.lowerBound + stretch)
      let end = data >= limit ? limit : max(first.upperBound, data / segment * segment)
      return .hole(take(first.lowerBound..<end, &state))
    }
  }

  private func take(_ part: ByteRange, _ state: inout State) -> ByteRange {
    let range = state.rest.removeLast()
    if part.upperBound < range.upperBound { state.rest.append(part.upperBound..<range.upperBound) }
    return part
  }
}
