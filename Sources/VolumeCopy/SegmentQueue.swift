private import Synchronization

/// Hands out what is left to do, from the first byte to the last, so that the threads stay close together
/// and a checkpoint is nearly one range.
final class SegmentQueue: Sendable {
  enum Work {
    /// Lies within one segment and holds data somewhere.
    case data(ByteRange)
    /// Whole segments (or the end of the image) that hold none: one where any of it has to be written,
    /// else all there are.
    case hole(ByteRange)
  }

  private struct State {
    var rest: [ByteRange]
    var map: ExtentMap?
    var other: ExtentMap?
    /// What has to be written even where nothing is; the next one is the last.
    var written: [ByteRange]

    /// Where data begins, at `offset` or after it.
    mutating func data(from offset: Int64) -> Int64 {
      guard let data = map?.data(from: offset).lowerBound else { return offset }
      return min(data, other?.data(from: offset).lowerBound ?? .max)
    }
  }

  private let state: Mutex<State>

  /// `todo` in order; `map` nil: all of it is data. `and`: a second map, to whose data the same
  /// applies. `written`, in order: where a hole costs a write.
  init(_ todo: [ByteRange], map: ExtentMap?, and other: ExtentMap? = nil, written: [ByteRange] = []) {
    state = Mutex(State(rest: todo.reversed(), map: map, other: other, written: written.reversed()))
  }

  func next() -> Work? {
    state.withLock { state in
      guard let range = state.rest.last else { return nil }
      let segment = CopyLimits.segmentBytes
      let first = range.firstPiece(of: segment)
      let data = state.data(from: first.lowerBound)
      guard data >= first.upperBound else { return .data(take(first, &state)) }
      let end = data >= range.upperBound ? range.upperBound : max(first.upperBound, data / segment * segment)
      let cut = min(end, max(first.upperBound, nextWrite(from: first.lowerBound, &state) / segment * segment))
      return .hole(take(first.lowerBound..<cut, &state))
    }
  }

  /// Where the next write of zeroes is due, at `offset` or after it.
  private func nextWrite(from offset: Int64, _ state: inout State) -> Int64 {
    while let range = state.written.last, range.upperBound <= offset { state.written.removeLast() }
    return state.written.last?.lowerBound ?? .max
  }

  private func take(_ part: ByteRange, _ state: inout State) -> ByteRange {
    let range = state.rest.removeLast()
    if part.upperBound < range.upperBound { state.rest.append(part.upperBound..<range.upperBound) }
    return part
  }
}
