internal import CLinux
private import Glibc

/// One open file, closed when the last user lets go. Shared by the threads of a copy, so a class.
final class Descriptor: Sendable {
  let number: Int32

  /// Takes ownership of an open descriptor.
  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// The same file with a readahead window of its own; the shared one where the kernel cannot reopen it.
  func privately(direct: Bool = false) -> Descriptor {
    let how = direct ? CLINUX_READ.rawValue | CLINUX_DIRECT.rawValue : CLINUX_READ.rawValue
    let again = clinux_reopen(number, Int32(how))
    return again < 0 ? self : Descriptor(again)
  }

  func identity() -> clinux_identity? {
    var identity = clinux_identity()
    return clinux_identify(number, &identity) < 0 ? nil : identity
  }
}

extension Int32 {
  /// Flags of `clinux_open`, joined.
  static func how(_ flags: clinux_open...) -> Int32 { Int32(flags.reduce(0) { $0 | $1.rawValue }) }
}
