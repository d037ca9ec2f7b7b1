internal import CLinux
private import Glibc

/// An opened volume: a regular file or a block device, whatever its path claimed; anything else was
/// refused.
final class Volume: Sendable {
  let descriptor: Descriptor
  let side: CopySide
  /// What messages call it.
  let name: String
  let size: Int64
  let identity: clinux_identity
  /// Facts of a block device; `nil` for a file.
  let block: clinux_block?
  /// The way past the page cache, for a block device that is written.
  let direct: Descriptor?

  init(
    _ descriptor: Descriptor, side: CopySide, name: String, isWritten: Bool = false
  ) throws(CopyError) {
    var identity = clinux_identity()
    let result = clinux_identify(descriptor.number, &identity)
    guard result == 0 else {
      throw SystemFault.error("look at", side, name, call: "statx", result: Int64(result))
    }
    self.descriptor = descriptor
    self.side = side
    self.name = name
    self.identity = identity
    if identity.kind == S_IFBLK {
      var facts = clinux_block()
      let result = clinux_block_facts(descriptor.number, &facts)
      guard result == 0 else {
        throw SystemFault.error("measure", side, name, call: "ioctl", result: Int64(result))
      }
      guard facts.size > 0 else { throw Self.empty(side, name) }
      block = facts
      size = try Self.checked(facts.size, side, name)
      direct = isWritten ? Self.direct(descriptor) : nil
    } else {
      block = nil
      size = try Self.checked(identity.size, side, name)
      direct = nil
    }
  }

  /// Ends of ranges must stay numbers. File systems let a file without blocks say that it is larger.
  private static let mostBytes: UInt64 = 1 << 62

  private static func checked(_ size: UInt64, _ side: CopySide, _ name: String) throws(CopyError) -> Int64 {
    guard size <= mostBytes else {
      throw CopyError(
        .notAVolume, side: side,
        message: "\(side.rawValue) \(name) says that it has \(size) bytes: more than any disk",
        remedy: "give it the size of the disk that it holds, at most \(mostBytes) bytes")
    }
    return Int64(size)
  }

  /// A loop device without a file, a network device without its server: no disk is there yet.
  private static func empty(_ side: CopySide, _ name: String) -> CopyError {
    CopyError(
      .notFound, side: side, message: "\(side.rawValue) \(name) has no storage: it measures 0 bytes",
      remedy: "attach what it stands for", retryable: true)
  }

  var isBlock: Bool { block != nil }
  /// The smallest range that the volume can zero by itself.
  var alignment: Int64 { Int64(block?.logical ?? UInt32(CopyLimits.granuleBytes)) }

  /// Opens a volume that must exist. Nothing but a regular file or a block device is ever opened: a path is
  /// looked at first (O_PATH wakes no device and no fifo), then that very object is opened.
  static func open(
    _ location: VolumeLocation, side: CopySide, how: Int32 = .how(CLINUX_READ)
  ) throws(CopyError) -> Volume {
    let place = try VolumePath(location, side: side)
    return try open(place, side: side, how: how)
  }

  static func open(_ place: VolumePath, side: CopySide, how: Int32) throws(CopyError) -> Volume {
    let found = clinux_open(
      place.directory?.number ?? -1, place.name, .how(CLINUX_PATH_ONLY), place.isConfined)
    guard found >= 0 else {
      throw SystemFault.error("open", side, place.text, call: "openat2", result: Int64(found))
    }
    let path = Descriptor(found)
    try refuseOddities(path, place, side)
    let opened = clinux_reopen(path.number, how)
    guard opened >= 0 else {
      throw SystemFault.error("open", side, place.text, call: "open", result: Int64(opened))
    }
    let isWritten = how & .how(CLINUX_WRITE) != 0
    return try Volume(Descriptor(opened), side: side, name: place.text, isWritten: isWritten)
  }

  private static func refuseOddities(_ path: Descriptor, _ place: VolumePath, _ side: CopySide)
    throws(CopyError)
  {
    let kind = path.identity()?.kind ?? 0
    let wanted = place.kind == .device ? S_IFBLK : S_IFREG
    guard kind != wanted else { return }
    let names: [UInt32: String] = [
      S_IFLNK: "a symbolic link", S_IFIFO: "a fifo", S_IFSOCK: "a socket", S_IFDIR: "a directory",
      S_IFCHR: "a character device", S_IFBLK: "a block device", S_IFREG: "a regular file",
    ]
    let expected = wanted == S_IFBLK ? "a block device" : "a regular file"
    throw CopyError(
      .notAVolume, side: side,
      message: "\(side.rawValue) \(place.text) is \(names[kind] ?? "of an unknown kind"), not \(expected)",
      remedy: "a volume is a directory with \(VolumeLocation.imageName), a raw image file, or a block device")
  }
}
