internal import CLinux
private import Glibc

/// The claimed target: a device opened for this copy alone, or the place of a file under its lock.
struct CopyTarget {
  let location: VolumeLocation
  /// A block device, opened; `nil` for a file, which is made when the copy runs.
  let device: Volume?
  /// A file's temporary name; `nil` for a device.
  let partial: PartialFile?
  private let lock: TargetLock?
  private let directory: Descriptor?

  init(_ location: VolumeLocation, key: String?) throws(CopyError) {
    self.location = location
    let place = try VolumePath(location, side: .target)
    if location.kind == .device {
      device = try Self.claim(place)
      (partial, lock, directory) = (nil, nil, nil)
    } else {
      device = nil
      lock = try TargetLock(place)
      partial = PartialFile(place, key: key)
      directory = place.directory
    }
  }

  private static func claim(_ place: VolumePath) throws(CopyError) -> Volume {
    let device: Volume
    do {
      device = try Volume.open(place, side: .target, how: .how(CLINUX_WRITE, CLINUX_EXCLUSIVE))
    } catch  where error.errno == EBUSY {
      throw try busy(place) ?? error
    }
    guard !device.block!.read_only else {
      throw SystemFault.error("write to", .target, place.text, call: "BLKROGET", result: -Int64(EROFS))
    }
    // O_EXCL keeps others out who ask for it; the lock also tells udev to leave the device alone.
    _ = clinux_lock(device.descriptor.number)
    try refuseWriters(device, place)
    return device
  }

  /// Programs that look at all devices open one for an instant: a writer that stays is looked for.
  private static let looks = 10
  private static let lookInterval: Int64 = 20_000_000

  /// A machine that runs need not have claimed its disk for itself alone.
  private static func refuseWriters(_ device: Volume, _ place: VolumePath) throws(CopyError) {
    var holders: [Holder] = []
    for _ in 0..<looks {
      holders = Holder.writers(ofDevice: device, exceptSelf: true)
      if holders.isEmpty { return }
      Monotonic.sleep(lookInterval)
    }
    throw CopyError(
      .targetBusy, side: .target,
      message: "target \(place.text) is in use for writing by \(Holder.list(holders))",
      remedy: "stop the virtual machine or process that uses it; the copy can then start", retryable: true)
  }

  private static func busy(_ place: VolumePath) throws(CopyError) -> CopyError? {
    let looked = try Volume.open(place, side: .target, how: .how(CLINUX_READ))
    let holders =
      BlockDevice(number: looked.identity.represents).holders + Holder.writers(of: looked.identity)
    return holders.first.map { TargetLock.busy(place, $0) }
  }

  /// Free and total bytes of a file target's file system.
  func room() -> (available: Int64, total: Int64)? {
    var available: UInt64 = 0
    var total: UInt64 = 0
    guard let directory, clinux_room(directory.number, &available, &total) == 0 else { return nil }
    return (Int64(clamping: available), Int64(clamping: total))
  }

  /// What is said when a file stands under the final name.
  var exists: CopyError {
    CopyError(
      .targetExists, side: .target, message: "target \(location) already exists",
      remedy: "remove it first, or choose another target")
  }

  /// Refuses a target that is the source, lies on it, or carries it.
  func refuseOverlap(with source: Volume) throws(CopyError) {
    guard try overlaps(source) else { return }
    throw CopyError(
      .sameVolume, side: .both,
      message: "target \(location) and source \(source.name) are the same volume, or share storage",
      remedy: "choose another target")
  }

  private func overlaps(_ source: Volume) throws(CopyError) -> Bool {
    let sides = [source.identity] + source.layers
    guard let device else {
      guard let file = try partial?.published() else { return false }
      return sides.contains { $0.overlaps(file.identity) }
    }
    let pairs = sides.flatMap { side in ([device.identity] + device.layers).map { (side, $0) } }
    // Parts of one disk lie on one file, and are two volumes all the same.
    if let parts = pairs.first(where: { $0.sharesDisk(with: $1) }) { return parts.0.overlaps(parts.1) }
    return pairs.contains { $0.overlaps($1) }
  }
}

extension clinux_identity {
  /// The same device, whatever its node is called, or the same file.
  func isSame(_ other: clinux_identity) -> Bool {
    guard kind == other.kind else { return false }
    if kind == S_IFBLK { return represents == other.represents }
    return device == other.device && inode == other.inode
  }

  func sharesDisk(with other: clinux_identity) -> Bool {
    guard kind == S_IFBLK, other.kind == S_IFBLK else { return false }
    return BlockDevice(number: represents).sharesDisk(with: BlockDevice(number: other.represents))
  }

  /// The same, or one of them a partition of the other.
  func overlaps(_ other: clinux_identity) -> Bool {
    guard kind == S_IFBLK, other.kind == S_IFBLK else { return isSame(other) }
    return BlockDevice(number: represents).overlaps(BlockDevice(number: other.represents))
  }
}
