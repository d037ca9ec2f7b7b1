internal import CLinux
private import Glibc

/// Watches that nobody writes to the source while it is read. A file is held by a read lease, which breaks
/// when someone opens it for writing; where there are no leases, and for devices, by looking who has it
/// open, and by what changed between start and end.
final class SourceGuard {
  /// A claim that nobody can be named for is looked at so often, so many nanoseconds apart.
  private static let looks = 10
  private static let lookInterval: Int64 = 20_000_000

  private let volume: Volume
  private let sectors: Int64?
  private let diskWrites: BlockDevice.DiskWrites?
  /// The file that a loop device shows all of, as it was.
  private let backing: clinux_identity?
  private var isLeased = false
  /// Why there is no lease, for the report.
  private(set) var note: String?

  init(_ volume: Volume) throws(CopyError) {
    self.volume = volume
    Self.settle(volume)
    let device = volume.isBlock ? BlockDevice(number: volume.identity.represents) : nil
    (sectors, backing, diskWrites) = (device?.sectorsWritten, volume.loopFile, device?.diskWrites)
    if volume.isBlock { try claimDevice() } else { try claimFile() }
  }

  /// Sectors are counted when they are written back, and a writer who has gone leaves that to the kernel:
  /// what is in the device's cache is made to count now. A read-only device may refuse, having nothing.
  private static func settle(_ volume: Volume) {
    if volume.isBlock { _ = clinux_flush(volume.descriptor.number) }
  }

  deinit { release() }

  private func claimFile() throws(CopyError) {
    var result: Int32 = 0
    var holders: [Holder] = []
    // A writer without a name may be a process between fork and exec, gone in an instant: hence the second
    // look.
    for _ in 0..<Self.looks {
      result = clinux_lease(volume.descriptor.number)
      isLeased = result == 0
      if isLeased { return }
      holders = Holder.writers(of: volume.identity) + BlockDevice.loops(over: volume.identity)
      guard result == -EAGAIN && holders.isEmpty else { break }
      Monotonic.sleep(Self.lookInterval)
    }
    if result == -EAGAIN || !holders.isEmpty { throw inUse(holders) }
    note =
      "the source could not be leased (\(SystemFault.name(-result))): writers were looked for by name,"
      + " and its times are compared at the end"
  }

  private func claimDevice() throws(CopyError) {
    let device = BlockDevice(number: volume.identity.represents)
    var holders: [Holder] = []
    // Programs that look at all devices (udev, losetup) open this one for an instant, and two copies that
    // probe at the same moment refuse each other: hence the second look.
    for _ in 0..<Self.looks {
      holders = device.holders
      if !holders.isEmpty { break }
      holders = Holder.writers(ofDevice: volume)
      if holders.isEmpty && (!isClaimed() || isMountedReadOnly(device)) { return }
      Monotonic.sleep(Self.lookInterval)
    }
    throw inUse(holders)
  }

  /// Someone holds the device exclusively, which `/sys` may not show (a mount in another namespace).
  private func isClaimed() -> Bool {
    let probe = clinux_reopen(volume.descriptor.number, .how(CLINUX_EXCLUSIVE))
    if probe >= 0 { _ = Descriptor(probe) }
    return probe == -EBUSY
  }

  /// A read-only mount claims the device too, and does no harm. One of a partition says nothing about the
  /// others, which another mount namespace may have mounted.
  private func isMountedReadOnly(_ device: BlockDevice) -> Bool {
    let key = "\(clinux_major(device.number)):\(clinux_minor(device.number))"
    let mounts = SystemFile.text("/proc/self/mountinfo") ?? ""
    return mounts.split(separator: "\n").contains { line in
      line.split(separator: " ").dropFirst(2).first.map { $0 == key } ?? false
    }
  }

  /// Called often while the copy runs, and once more after the last byte was read.
  func check() throws(CopyError) {
    if isLeased && clinux_lease_holds(volume.descriptor.number) == 0 { throw leaseBroken() }
    guard let now = volume.descriptor.identity() else { return }
    let then = volume.identity
    if !volume.isBlock && (now.size != then.size || now.modified_ns != then.modified_ns) {
      throw changed("its size or modification time is not what it was")
    }
  }

  func checkAtEnd() throws(CopyError) {
    try check()
    guard volume.isBlock else { return }
    let device = BlockDevice(number: volume.identity.represents)
    var holders: [Holder] = []
    // Whoever opened it for an instant and wrote shows in what was written.
    for _ in 0..<Self.looks {
      holders = device.holders + Holder.writers(ofDevice: volume)
      if holders.isEmpty { break }
      Monotonic.sleep(Self.lookInterval)
    }
    guard holders.isEmpty else { throw changed("it is now in use by \(Holder.list(holders))") }
    Self.settle(volume)
    if let sectors, let now = device.sectorsWritten, now != sectors {
      throw changed("\(now - sectors) sectors were written to it or discarded")
    }
    if let diskWrites, device.countsForItself, let now = device.diskWrites, now.parts == diskWrites.parts,
      now != diskWrites
    {
      throw changed("\(now.sectors - diskWrites.sectors) sectors were written to its disk beside partitions")
    }
    if let backing, let now = volume.loopFile, now.modified_ns != backing.modified_ns {
      throw changed("the file that it lies on is not what it was")
    }
  }

  /// Nothing of the source is read any more: whoever waits to write to it may.
  func release() {
    if isLeased { _ = clinux_unlease(volume.descriptor.number) }
    isLeased = false
  }

  private func leaseBroken() -> CopyError {
    // The writer hangs in open(2) until the lease is given back; only then can it be seen.
    _ = clinux_unlease(volume.descriptor.number)
    isLeased = false
    Monotonic.sleep(100_000_000)
    let holders = Holder.writers(of: volume.identity) + BlockDevice.loops(over: volume.identity)
    let who = holders.isEmpty ? "a process that has gone again" : Holder.list(holders)
    return changed("it was opened for writing by \(who)")
  }

  private func inUse(_ holders: [Holder]) -> CopyError {
    let who = holders.isEmpty ? "someone that this user may not see" : Holder.list(holders)
    return CopyError(
      .sourceInUse, side: .source,
      message: "source \(volume.name) is in use for writing by \(who)",
      remedy: "stop the virtual machine or process that uses it; the copy can then start", retryable: true)
  }

  private func changed(_ why: String) -> CopyError {
    CopyError(
      .sourceChanged, side: .source,
      message: "source \(volume.name) changed during the copy: \(why)",
      remedy: "stop what writes to it and run the copy again; it will start from the first byte",
      retryable: true)
  }
}

extension Volume {
  /// What a loop device, or the disk of this partition, lies on, as the kernel has it open: a file or device,
  /// by no name; and what that lies on. Empty for other volumes.
  var layers: [clinux_identity] {
    var layers: [clinux_identity] = []
    var (upper, facts): (Descriptor?, clinux_identity) = (descriptor, identity)
    while layers.count < BlockDevice.mostLayers, let device = upper, let lower = Self.lower(device, facts) {
      layers.append(lower)
      upper = lower.kind == S_IFBLK ? Self.device(lower.represents) : nil
      facts = lower
    }
    return layers
  }

  /// One that cannot be opened ends what is known.
  private static func device(_ number: UInt64) -> Descriptor? {
    let opened = clinux_open(-1, "/dev/\(BlockDevice(number: number).name)", .how(CLINUX_READ), false)
    guard opened >= 0 else { return nil }
    let device = Descriptor(opened)
    return device.identity()?.represents == number ? device : nil
  }

  /// Others than loop devices may pass the question on to what lies below a part of them.
  private static func lower(_ device: Descriptor, _ identity: clinux_identity) -> clinux_identity? {
    var facts = clinux_loop()
    guard identity.kind == S_IFBLK, BlockDevice(number: identity.represents).isOnLoop,
      clinux_loop_facts(device.number, &facts) == 0
    else { return nil }
    var identity = clinux_identity()
    identity.kind = facts.represents == 0 ? S_IFREG : S_IFBLK
    (identity.device, identity.inode, identity.represents) = (facts.device, facts.inode, facts.represents)
    return identity
  }

  /// The file that a loop device shows all of. Where it shows a part, others may write to the rest; where
  /// the file was removed or is hidden by a mount, its name says nothing.
  var loopFile: clinux_identity? {
    var facts = clinux_loop()
    guard let block, clinux_loop_facts(descriptor.number, &facts) == 0, facts.offset == 0 else { return nil }
    let device = BlockDevice(number: identity.represents)
    guard device.backingPath != nil, let file = device.backingFile, file.kind == S_IFREG,
      file.device == facts.device, file.inode == facts.inode,
      file.size >= size, file.size - UInt64(size) < UInt64(block.logical)
    else { return nil }
    return file
  }

  /// Size, times and inode in one text: two texts are equal only for an unchanged source.
  var sourceIdentity: String {
    let facts = identity
    guard isBlock else {
      return "file:\(facts.inode):\(facts.born_ns):\(size):\(facts.modified_ns):\(facts.changed_ns)"
    }
    let sectors = BlockDevice(number: facts.represents).sectorsWritten ?? -1
    let written = loopFile.map { ":\($0.modified_ns)" } ?? ""
    return "block:\(facts.represents):\(block!.sequence):\(Self.boot):\(size):\(sectors)\(written)"
  }

  /// Which file or device this is, whatever it holds.
  var targetIdentity: String {
    let facts = identity
    return isBlock
      ? "block:\(facts.represents):\(block!.sequence):\(Self.boot):\(size)"
      : "file:\(facts.device):\(facts.inode):\(facts.born_ns)"
  }

  /// Whether two texts of `targetIdentity` name one file, perhaps on a file system that was mounted anew
  /// under another number. Where files have no time of birth, another file may have the same inode there.
  static func isSameFile(_ one: String, _ other: String) -> Bool {
    func file(_ text: String) -> [Substring]? {
      let parts = text.split(separator: ":")
      guard parts.count == 4, parts[0] == "file" else { return nil }
      return parts[3] == "0" ? parts : Array(parts[2...])
    }
    return file(one) != nil && file(one) == file(other)
  }

  private static let boot = SystemFile.line("/proc/sys/kernel/random/boot_id") ?? ""
}
