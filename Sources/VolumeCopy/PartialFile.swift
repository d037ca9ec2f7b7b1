internal import CLinux
internal import COpenSSL
private import Glibc

/// The target file while bytes are missing: a hidden name beside the final one, which it is given only when
/// every byte is flushed. No half disk ever stands under the final name.
struct PartialFile: Sendable {
  private let place: VolumePath
  let directory: Descriptor
  let name: String
  private static let keyBytes = 8

  init(_ place: VolumePath, key: String?) {
    self.place = place
    directory = place.directory!
    name = Self.prefix(place) + (key.map(Self.short) ?? "by-hand")
  }

  private static func prefix(_ place: VolumePath) -> String { ".\(place.name).clonegate-" }

  /// A key may hold any character; a file name may not.
  private static func short(_ key: String) -> String {
    Hexadecimal.text(Array(Sha256.digest(of: Array(key.utf8)).prefix(keyBytes)))
  }

  /// Whether a file of this name is the partial of a copy onto the same place by another key.
  func isAnother(_ name: String) -> Bool {
    let prefix = Self.prefix(place)
    guard name != self.name, name.hasPrefix(prefix) else { return false }
    let key = name.dropFirst(prefix.count)
    guard let bytes = Hexadecimal.bytes(key), bytes.count == Self.keyBytes else { return false }
    return Hexadecimal.text(bytes) == key
  }

  /// The file under the final name, if there is one. Opened for reading: asking for more would break the
  /// lease of a copy that reads it.
  func published() throws(CopyError) -> Volume? {
    try existing(place.name, .how(CLINUX_READ))
  }

  /// What an earlier run left behind.
  func left() throws(CopyError) -> Volume? {
    try existing(name, .how(CLINUX_WRITE))
  }

  private func existing(_ name: String, _ how: Int32) throws(CopyError) -> Volume? {
    var place = place
    place.name = name
    do {
      return try Volume.open(place, side: .target, how: how)
    } catch  where error.code == .notFound {
      return nil
    }
  }

  /// A new, empty partial. Owner and permissions are those of the source, if it is a file: a virtual machine
  /// must be able to open its disk.
  func create(like source: Volume) throws(CopyError) -> Volume {
    let made = try create()
    if !source.isBlock { clinux_copy_owner(source.descriptor.number, made.descriptor.number) }
    return try Volume(made.descriptor, side: .target, name: place.text)
  }

  /// A new, empty partial of our own; an older one goes away.
  func create() throws(CopyError) -> Volume {
    try discard()
    let result = clinux_open(directory.number, name, .how(CLINUX_WRITE, CLINUX_CREATE), true)
    guard result >= 0 else {
      throw SystemFault.error("create", .target, place.text, call: "openat2", result: Int64(result))
    }
    return try Volume(Descriptor(result), side: .target, name: place.text)
  }

  func discard() throws(CopyError) {
    let result = clinux_unlink(directory.number, name)
    guard result == 0 || result == -ENOENT else {
      throw SystemFault.error(
        "remove the partial of", .target, place.text, call: "unlinkat", result: Int64(result))
    }
  }

  /// Gives the file its final name, never over another file, and makes the name itself durable. What has the
  /// partial's name must be the file that was written and flushed.
  func publish(_ written: Volume, _ calls: DiskCalls) throws(CopyError) {
    guard let found = try left(), found.targetIdentity == written.targetIdentity else {
      throw CopyError(
        .writeFailed, side: .target,
        message: "the unfinished file of target \(place.text) was removed or replaced during the copy",
        remedy: "find out who did that, then run the copy again", retryable: true)
    }
    let result = clinux_rename_new(directory.number, name, place.name)
    guard result == 0 else {
      throw SystemFault.error("name", .target, place.text, call: "renameat2", result: Int64(result))
    }
    try flushName(calls)
  }

  /// Makes the file's name durable.
  func flushName(_ calls: DiskCalls) throws(CopyError) {
    let flushed = calls.flush(directory.number)
    guard flushed == 0 else {
      throw SystemFault.error("flush the directory of", .target, place.text, call: "fsync", result: flushed)
    }
  }
}
