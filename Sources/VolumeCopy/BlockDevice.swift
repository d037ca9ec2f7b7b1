internal import CLinux
private import Glibc

/// What `/sys` and the mount table know of a block device.
package struct BlockDevice {
  let number: UInt64

  package init(number: UInt64) { self.number = number }

  private var folder: String { "/sys/dev/block/\(key)" }
  private var key: String { "\(clinux_major(number)):\(clinux_minor(number))" }

  /// Such as `sda1`; else its numbers.
  package var name: String {
    SystemFile.link(folder)?.split(separator: "/").last.map(String.init) ?? key
  }

  /// Devices that use this one without a process: loop devices over a file.
  static func loops(over identity: clinux_identity) -> [Holder] {
    SystemFile.names(in: "/sys/block").filter { $0.hasPrefix("loop") }.compactMap { name in
      guard let backing = SystemFile.line("/sys/block/\(name)/loop/backing_file"),
        SystemFile.line("/sys/block/\(name)/ro") == "0"
      else { return nil }
      var facts = stat()
      guard stat(backing, &facts) == 0, UInt64(facts.st_ino) == identity.inode,
        UInt64(facts.st_dev) == identity.device
      else { return nil }
      return Holder(description: "block device /dev/\(name), which lies on it")
    }
  }

  /// Where the kernel says that a loop device's file is. A partition of one has none: what it holds begins
  /// elsewhere in the file than the kernel says of its disk.
  var backingPath: String? { SystemFile.line("\(folder)/loop/backing_file") }

  /// A loop device, or a partition of one.
  var isOnLoop: Bool { disk.backingPath != nil }

  private var isPartition: Bool { SystemFile.line("\(folder)/partition") != nil }

  /// The disk that this is a partition of, or this device.
  private var disk: BlockDevice {
    let parent = isPartition ? Self.number(SystemFile.line("\(folder)/../dev")) : nil
    return parent.map { BlockDevice(number: $0) } ?? self
  }

  /// The process that serves a network block device, and has it open for writing as long as it is there. The
  /// kernel names one of its threads.
  var server: String? {
    guard let thread = SystemFile.line("\(disk.folder)/pid"), thread.allSatisfy(\.isNumber) else {
      return nil
    }
    let status = SystemFile.text("/proc/\(thread)/status")?.split(separator: "\n")
    return status?.first { $0.hasPrefix("Tgid:") }?.split(separator: "\t").last.map(String.init)
  }

  /// The device that this is a part of, and its own parts: who writes there writes here.
  var kin: [clinux_identity] {
    let parent = isPartition ? [disk.number] : []
    let parts = partitions.compactMap { Self.number(SystemFile.line("\($0)/dev")) }
    return (parent + parts).map { number in
      var identity = clinux_identity()
      (identity.kind, identity.represents) = (S_IFBLK, number)
      return identity
    }
  }

  /// What is found where the file of a loop device, or of the one that this is a partition of, should be: in
  /// another mount namespace, or after it was removed, perhaps another file.
  var backingFile: clinux_identity? {
    guard let path = disk.backingPath else { return nil }
    let opened = clinux_open(-1, path, .how(CLINUX_PATH_ONLY), false)
    return opened < 0 ? nil : Descriptor(opened).identity()
  }

  /// Writable mounts, device-mapper or RAID devices and swap on this device or on one of its partitions.
  var holders: [Holder] {
    let mounts = SystemFile.text("/proc/self/mountinfo") ?? ""
    return ([folder] + partitions).flatMap { holders(in: $0, mounts) }
  }

  private var partitions: [String] {
    SystemFile.names(in: folder).map { "\(folder)/\($0)" }.filter {
      SystemFile.line("\($0)/partition") != nil
    }
  }

  private func holders(in folder: String, _ mounts: String) -> [Holder] {
    let number = SystemFile.line("\(folder)/dev") ?? key
    let mounted = mounts.split(separator: "\n").compactMap { line -> Holder? in
      let fields = line.split(separator: " ")
      guard fields.count > 6, fields[2] == number, !isReadOnly(fields) else { return nil }
      return Holder(description: "the mount at \(fields[4])")
    }
    let stacked = SystemFile.names(in: "\(folder)/holders").map {
      Holder(description: "block device /dev/\($0)")
    }
    return mounted + stacked
  }

  /// Read-only as a mount and as a file system (the options after the dash).
  private func isReadOnly(_ fields: [Substring]) -> Bool {
    fields.last?.split(separator: ",").contains("ro") ?? false
  }

  /// Sectors that were ever written or discarded: a writer that came and went shows here.
  var sectorsWritten: Int64? { Self.sectors(in: folder)?.written }

  /// What was written through the disk of a partition and not through its parts.
  struct DiskWrites: Equatable {
    let sectors: Int64
    /// The parts that were subtracted, as the kernel numbers them.
    let parts: Set<String>
  }

  /// Nil for what is no partition.
  var diskWrites: DiskWrites? { isPartition ? disk.writesBesideParts : nil }

  /// False where the driver counts for the disk alone (NVMe over several paths), and before a first read.
  var countsForItself: Bool { Self.sectors(in: folder).map { $0.read + $0.written > 0 } ?? false }

  /// What is written through a partition counts for its disk too. The counts are read one by one while
  /// others write: they fit together when the disk's is the same before and after.
  private var writesBesideParts: DiskWrites? {
    let parts = partitions
    for _ in 0..<Self.readings {
      guard let before = sectorsWritten else { return nil }
      let sum = parts.compactMap { Self.sectors(in: $0)?.written }.reduce(0, +)
      guard sectorsWritten == before else { continue }
      return DiskWrites(sectors: before - sum, parts: Set(parts.compactMap { SystemFile.line("\($0)/dev") }))
    }
    return nil
  }

  /// Each takes some ten microseconds.
  private static let readings = 1000

  /// The kernel's `Documentation/block/stat.rst`.
  private static func sectors(in folder: String) -> (read: Int64, written: Int64)? {
    let fields = (SystemFile.line("\(folder)/stat") ?? "").split(separator: " ").map { Int64($0) ?? 0 }
    guard fields.count > 6 else { return nil }
    return (fields[2], fields[6] + (fields.count > 13 ? fields[13] : 0))
  }

  /// `false`: the kernel writes the zeroes that the device is asked for.
  var zeroesByItself: Bool {
    let queue = SystemFile.line("\(folder)/partition") == nil ? "queue" : "../queue"
    return SystemFile.line("\(folder)/\(queue)/write_zeroes_max_bytes") != "0"
  }

  /// Partitions of one disk, or it and one of them.
  func sharesDisk(with other: BlockDevice) -> Bool { disk.number == other.disk.number }

  /// One is the other, or a partition of it.
  func overlaps(_ other: BlockDevice) -> Bool {
    guard number != other.number else { return true }
    guard let mine = SystemFile.link(folder), let theirs = SystemFile.link(other.folder) else { return false }
    return mine.hasPrefix(theirs + "/") || theirs.hasPrefix(mine + "/")
  }

  // MARK: - What it lies on

  /// Layers of devices that are looked through; real ones are two or three deep.
  static let mostLayers = 8

  /// The numbers of the disks at the bottom of partitions, device-mapper, RAID and loop devices: this one
  /// where there is nothing below it that the kernel tells.
  package var disks: Set<UInt64> { disks(layers: Self.mostLayers) }

  private func disks(layers: Int) -> Set<UInt64> {
    let below = layers > 0 ? self.below : []
    guard !below.isEmpty else { return [number] }
    return below.reduce(into: []) { $0.formUnion(BlockDevice(number: $1).disks(layers: layers - 1)) }
  }

  private var below: [UInt64] {
    if isPartition { return [disk.number] }
    if let file = backingFile { return [file.device] }
    return SystemFile.names(in: "\(folder)/slaves").compactMap {
      Self.number(SystemFile.line("\(folder)/slaves/\($0)/dev"))
    }
  }

  /// `MAJOR:MINOR`, as `/sys` writes it.
  private static func number(_ text: String?) -> UInt64? {
    let parts = (text ?? "").split(separator: ":").compactMap { UInt32($0) }
    return parts.count == 2 ? clinux_device(parts[0], parts[1]) : nil
  }
}
