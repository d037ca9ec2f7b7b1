import Glibc
import VolumeCopy

/// What a volume sits on: the block device itself, or the one that holds its file system, as the kernel
/// numbers it. Each btrfs subvolume counts apart: the kernel does not tell what is below it.
struct Device: Sendable, Hashable, CustomStringConvertible {
  let number: dev_t

  init(number: dev_t) { self.number = number }

  /// nil when nothing is there: what is missing has no queue to keep.
  init?(at path: String) {
    var found = stat()
    guard stat(path, &found) == 0 else { return nil }
    number = found.st_mode & S_IFMT == S_IFBLK ? found.st_rdev : found.st_dev
  }

  /// The disks that a copy reads or writes, whatever partitions and loop devices are in between; often one.
  static func beneath(_ places: CopyPlaces) -> Set<Device> {
    let both = [Device(at: places.source.description), Device(at: places.binding.path)].compactMap { $0 }
    return Set(both.flatMap(\.disks))
  }

  private var block: BlockDevice { BlockDevice(number: UInt64(number)) }
  private var disks: [Device] { block.disks.map { Device(number: dev_t($0)) } }

  var description: String { block.name }
}
