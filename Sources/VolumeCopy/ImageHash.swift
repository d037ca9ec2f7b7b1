/// SHA-256 of a whole volume, as `sha256sum` prints it. One thread: it cannot be split.
struct ImageHash {
  private let volume: Volume
  private let length: Int64
  private let calls: DiskCalls
  private let shares: [RateLimiter.Share]
  private let direct: Bool

  init(
    _ volume: Volume, _ length: Int64, _ calls: DiskCalls, limits: [RateLimiter] = [], direct: Bool = false
  ) {
    self.volume = volume
    self.length = length
    self.calls = calls
    self.direct = direct
    shares = limits.map { RateLimiter.Share($0) }
  }

  /// `tick` is told how many bytes are done.
  func text(
    isCancelled: () -> Bool, tick: (Int64) throws(CopyError) -> Void = { (_) throws(CopyError) in }
  ) throws(CopyError) -> String {
    let reader = SegmentReader(volume, map: ExtentMap(volume), calls: calls, direct: direct)
    let hash = Sha256()
    hash.start()
    for segment in (0..<length).pieces(of: CopyLimits.segmentBytes) {
      try tick(segment.lowerBound)
      for window in segment.pieces(of: Int64(CopyLimits.requestBytes)) {
        if isCancelled() { throw .cancelled }
        let holdsData = try reader.fill(window)
        for share in shares { share.wait(Int(reader.bytesRead), isStopped: isCancelled) }
        reader.bytesRead = 0
        let zeroes = UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<Int(window.length)])
        hash.add(holdsData ? reader.bytes(window) : zeroes)
      }
    }
    return Hexadecimal.text(hash.finish().bytes)
  }
}
