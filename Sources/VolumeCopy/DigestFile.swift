internal import CLinux
private import Glibc

/// The file of a `DigestList`. Opening one to write claims its name, before anything else is done that would
/// be in vain without it.
package struct DigestFile {
  private let target: CopyTarget
  private let partial: PartialFile

  /// Refuses a name that is taken, by a file, a link or whatever else.
  package init(_ path: String) throws(CopyError) {
    target = try CopyTarget(.file(path), key: nil)
    partial = target.partial!
    if try partial.published() != nil { throw target.exists }
  }

  /// The file appears whole and flushed, or not at all.
  package func write(_ list: DigestList) throws(CopyError) {
    let file = try partial.create()
    do {
      try write(Array(list.text.utf8), to: file)
      try partial.publish(file, .system)
    } catch {
      try? partial.discard()
      throw error
    }
  }

  private func write(_ text: [UInt8], to file: Volume) throws(CopyError) {
    let result: Result<Void, CopyError> = text.withUnsafeBytes { bytes in
      Result { () throws(CopyError) in try file.write(bytes.baseAddress!, bytes.count, at: 0, .system) }
    }
    try result.get()
    try file.flush(.system)
  }

  // MARK: - Reading

  /// Reads a list of regular size from a regular file; a link is not followed.
  package static func read(_ path: String) throws(CopyError) -> DigestList {
    let file = try open(path)
    let text = try contents(file, path)
    do throws(DigestList.Problem) {
      return try DigestList(text: text)
    } catch {
      throw refusal("\(path), line \(error.line): \(error.message)", "make the list again from a good copy")
    }
  }

  /// Looked at before it is opened: that wakes no fifo and no device.
  private static func open(_ path: String) throws(CopyError) -> Descriptor {
    let place = Descriptor(try checked(clinux_open(-1, path, .how(CLINUX_PATH_ONLY), false), "openat2", path))
    guard place.identity()?.kind == S_IFREG else {
      throw refusal("\(path): it is not a regular file", "name the file itself: links are not followed")
    }
    return Descriptor(try checked(clinux_reopen(place.number, .how(CLINUX_READ)), "open", path))
  }

  private static func contents(_ file: Descriptor, _ path: String) throws(CopyError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      var result: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: CopyLimits.requestBytes) { buffer, count in
        result = Int32(clinux_read(file.number, buffer.baseAddress!, buffer.count, Int64(bytes.count)))
        count = max(0, Int(result))
      }
      if result == -EINTR { continue }
      _ = try checked(result, "pread", path)
      guard !chunk.isEmpty else { return bytes }
      bytes += chunk
      guard bytes.count <= DigestList.mostTextBytes else {
        throw refusal(
          "\(path): it is larger than \(DigestList.mostTextBytes) bytes",
          "name a file that was made with --write-digests")
      }
    }
  }

  private static func checked(_ result: Int32, _ call: String, _ path: String) throws(CopyError) -> Int32 {
    guard result < 0 else { return result }
    let why = "\(SystemFault.text(-result)) (\(call): \(SystemFault.name(-result)))"
    throw refusal("\(path): \(why)", "check the path of the list", errno: -result, call: call)
  }

  private static func refusal(
    _ what: String, _ remedy: String, errno: Int32 = 0, call: String? = nil
  ) -> CopyError {
    CopyError(
      .digestList, side: .source, call: call, errno: errno, message: "cannot read the digests \(what)",
      remedy: remedy)
  }
}
