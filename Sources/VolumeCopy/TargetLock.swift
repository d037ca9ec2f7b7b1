internal import CLinux
private import Glibc

/// One copy at a time for one target: a lock file beside the final name, gone when the copy ends.
final class TargetLock: Sendable {
  private let directory: Descriptor
  private let name: String
  private let descriptor: Descriptor

  init(_ place: VolumePath) throws(CopyError) {
    directory = place.directory!
    name = ".\(place.name).clonegate-lock"
    descriptor = try Self.take(name, in: directory, for: place)
  }

  /// Unlinked while it is still held, so that nobody locks a name that is about to vanish without noticing.
  deinit { _ = clinux_unlink(directory.number, name) }

  private static func take(
    _ name: String, in directory: Descriptor, for place: VolumePath
  ) throws(CopyError) -> Descriptor {
    // A lock that its holder unlinks between our open and our lock is worth nothing: look again.
    for _ in 0..<100 {
      let opened = try open(name, in: directory, for: place)
      let result = clinux_lock(opened.number)
      guard result == 0 else { throw busy(place, Holder.lock(on: opened.identity() ?? clinux_identity())) }
      if let identity = opened.identity(), identity.links > 0 { return opened }
    }
    throw busy(place, nil)
  }

  private static func open(
    _ name: String, in directory: Descriptor, for place: VolumePath
  ) throws(CopyError) -> Descriptor {
    for _ in 0..<100 {
      var result = clinux_open(directory.number, name, .how(CLINUX_WRITE), true)
      if result == -ENOENT {
        result = clinux_open(directory.number, name, .how(CLINUX_WRITE, CLINUX_CREATE), true)
        if result == -EEXIST { continue }
      }
      guard result >= 0 else {
        throw SystemFault.error("lock", .target, place.text, call: "openat2", result: Int64(result))
      }
      return Descriptor(result)
    }
    throw busy(place, nil)
  }

  static func busy(_ place: VolumePath, _ holder: Holder?) -> CopyError {
    CopyError(
      .targetBusy, side: .target,
      message: "target \(place.text) is being written by \(holder?.description ?? "another copy")",
      remedy: "wait for that copy or cancel it", retryable: true)
  }
}
