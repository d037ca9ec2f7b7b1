private import Glibc

/// Memory of one thread, aligned as O_DIRECT needs it: to a page, or to a larger block of the device.
final class PageBuffer {
  let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int, alignment: Int = CopyLimits.granuleBytes) {
    bytes = .allocate(byteCount: count, alignment: alignment)
    memset(bytes.baseAddress!, 0, count)
  }

  deinit { bytes.deallocate() }
}
