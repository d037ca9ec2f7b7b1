/// SHA-256 of a whole volume, as `sha256sum` prints it. One thread: it cannot be split.
struct ImageHash {
  private let volume: Volume
  private let length: Int64
  private let calls: DiskCalls

  init(_ volume: Volume, _ length: Int64, _ calls: DiskCalls) {
    self.volume = volume
    self.length = length
    self.calls = calls
  }

  func text(isCancelled: () -> Bool) throws(CopyError) -> String {
    let reader = SegmentReader(volume, map: ExtentMap(volume), calls: calls)
    let hash = Sha256()
    hash.start()
    for segment in (0..<length).pieces(of: CopyLimits.segmentBytes) {
      if isCancelled() { throw .cancelled }
      for window in segment.pieces(of: Int64(CopyLimits.requestBytes)) {
        let holdsData = try reader.fill(window)
        let zeroes = UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<Int(window.length)])
        hash.add(holdsData ? reader.bytes(window) : zeroes)
      }
    }
    return Hexadecimal.text(hash.finish().bytes)
  }
}
