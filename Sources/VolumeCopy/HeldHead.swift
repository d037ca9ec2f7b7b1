private import Synchronization

/// The first bytes of a block target, kept in memory until everything else is flushed. A partition table, a
/// boot sector or a file system begins there: a half-copied device shows zeroes instead and cannot be
/// mistaken for a disk.
final class HeldHead: Sendable {
  /// Holds an MBR, a GPT with its table, and the superblocks of common file systems and volume managers.
  static let bytes: Int64 = 1 << 20

  let range: ByteRange
  private let memory: Mutex<[UInt8]>

  init(length: Int64) {
    range = 0..<min(length, Self.bytes)
    memory = Mutex([UInt8](repeating: 0, count: Int(range.length)))
  }

  /// Keeps what would be written at `offset`, as far as it belongs here; the number of bytes kept.
  func keep(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Int {
    guard offset < range.upperBound else { return 0 }
    let count = min(bytes.count, Int(range.upperBound - offset))
    memory.withLock { memory in
      memory.withUnsafeMutableBytes {
        UnsafeMutableRawBufferPointer(rebasing: $0[Int(offset)...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
    }
    return count
  }

  /// Writes what was kept.
  func release(to target: Volume, _ calls: DiskCalls) throws(CopyError) {
    let bytes = memory.withLock { $0 }
    try write(bytes, to: target, calls)
  }

  /// Zeroes in place of the head: at the beginning, and again when a finished copy turns out to be wrong.
  func blank(_ target: Volume, _ calls: DiskCalls) throws(CopyError) {
    try write([UInt8](repeating: 0, count: Int(range.length)), to: target, calls)
  }

  private func write(_ bytes: [UInt8], to target: Volume, _ calls: DiskCalls) throws(CopyError) {
    var done = 0
    while done < bytes.count {
      let count = min(CopyLimits.requestBytes, bytes.count - done)
      let start = done
      let result: Result<Void, CopyError> = bytes.withUnsafeBytes { all in
        Result { () throws(CopyError) in
          try target.write(all.baseAddress! + start, count, at: Int64(start), calls)
        }
      }
      try result.get()
      done += count
    }
    try target.flush(calls)
  }
}

extension Volume {
  func flush(_ calls: DiskCalls) throws(CopyError) {
    let result = calls.flush(descriptor.number)
    guard result == 0 else { throw SystemFault.error("flush", side, name, call: "fsync", result: result) }
  }
}
