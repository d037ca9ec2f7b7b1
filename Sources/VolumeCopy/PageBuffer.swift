private import Glibc

/// Page-aligned memory of one thread, as O_DIRECT needs it.
final class PageBuffer {
  let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int) {
    bytes = .allocate(byteCount: count, alignment: CopyLimits.granuleBytes)
    memset(bytes.baseAddress!, 0, count)
  }

  deinit { bytes.deallocate() }
}
