internal import CLinux
private import Glibc

/// Who uses a volume: a process, a mount, or another block device.
struct Holder: CustomStringConvertible, Equatable {
  let description: String

  /// Processes that have the file or device open for writing. Without root only processes of the same user
  /// show.
  static func writers(of identity: clinux_identity) -> [Holder] { writers(ofAny: [identity]) }

  /// Whoever has this device open for writing, or what is written with it.
  ///
  /// - Parameter exceptSelf: descriptors of this very process do not count.
  static func writers(ofDevice volume: Volume, exceptSelf: Bool = false) -> [Holder] {
    let device = BlockDevice(number: volume.identity.represents)
    let excused = [device.server, exceptSelf ? ownName : nil].compactMap(\.self)
    let all = [volume.identity] + device.kin + volume.layers
    return writers(ofAny: all, except: excused)
  }

  /// What `/proc` calls this process: another number than `getpid` gives, where it is that of another
  /// namespace.
  private static var ownName: String? {
    SystemFile.link("/proc/self")?.split(separator: "/").last.map(String.init)
  }

  private static func writers(ofAny identities: [clinux_identity], except excused: [String] = []) -> [Holder]
  {
    SystemFile.names(in: "/proc").filter { pid in
      guard pid.allSatisfy(\.isNumber), !excused.contains(pid) else { return false }
      return SystemFile.names(in: "/proc/\(pid)/fd").contains { descriptor in
        let path = "/proc/\(pid)/fd/\(descriptor)"
        // In this order: what is read only on a file system that hangs is never looked at.
        return isWritable("/proc/\(pid)/fdinfo/\(descriptor)") && isAny(of: identities, path)
      } || identities.contains { mapsForWriting(pid, $0) }
    }.map(process)
  }

  static func list(_ holders: [Holder]) -> String { holders.map(\.description).joined(separator: ", ") }

  static func process(_ pid: String) -> Holder {
    Holder(description: "process \(pid) (\(SystemFile.line("/proc/\(pid)/comm") ?? "unknown"))")
  }

  private static func isAny(of identities: [clinux_identity], _ path: String) -> Bool {
    var facts = clinux_identity()
    guard clinux_look(path, &facts) == 0 else { return false }
    return identities.contains { $0.isSame(facts) }
  }

  private static func isWritable(_ path: String) -> Bool {
    let flags = SystemFile.text(path)?.split(separator: "\n").first { $0.hasPrefix("flags:") }
    guard let text = flags?.split(separator: "\t").last, let number = Int32(text, radix: 8) else {
      return false
    }
    return number & O_ACCMODE != O_RDONLY
  }

  /// A shared writable mapping outlives its descriptor.
  private static func mapsForWriting(_ pid: String, _ identity: clinux_identity) -> Bool {
    guard identity.kind == S_IFREG, let maps = SystemFile.text("/proc/\(pid)/maps") else { return false }
    let inode = " \(identity.inode) "
    return maps.split(separator: "\n").contains { line in
      guard line.contains("-s ") || line.contains("ws ") || line.contains("xs ") else { return false }
      let fields = line.split(separator: " ", maxSplits: 5)
      guard fields.count >= 5, line.contains(inode), fields[1].contains("w"), fields[1].hasSuffix("s") else {
        return false
      }
      return fields[4] == "\(identity.inode)" && fields[3] == deviceText(identity.device)
    }
  }

  private static func deviceText(_ device: UInt64) -> String {
    func hex(_ number: UInt32) -> String {
      let text = String(number, radix: 16)
      return text.count < 2 ? "0" + text : text
    }
    return "\(hex(clinux_major(device))):\(hex(clinux_minor(device)))"
  }

  /// The holder of a `flock` lock.
  static func lock(on identity: clinux_identity) -> Holder? {
    let wanted = ":\(identity.inode)"
    for line in (SystemFile.text("/proc/locks") ?? "").split(separator: "\n") where line.contains("FLOCK") {
      let fields = line.split(separator: " ")
      guard fields.count >= 6, fields[5].hasSuffix(wanted), fields[4].allSatisfy(\.isNumber) else { continue }
      return process(String(fields[4]))
    }
    return nil
  }
}
