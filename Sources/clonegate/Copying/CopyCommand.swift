import ArgumentParser
import JSON
import VolumeCopy

extension Preallocation: ExpressibleByArgument {}

/// What `copy` and `verify` share.
struct VolumeOptions: ParsableArguments {
  @Option(help: "Most bytes in a second, such as 200MiB/s, or off.", transform: ByteRate.reading)
  var limit = ByteRate(argument: "off")!
  @Option(
    help: """
      Threads at work, 1 to 64. Default: one for each processor, at most 4; half as many again to copy a
      device with a digest.
      """)
  var threads: Int?
  @Option(help: "auto, bar, json (one object a line) or off.")
  var progress = ProgressChoice.auto
  @Option(name: .shortAndLong, help: "text, or json for one object.")
  var output = Form.text

  enum Form: String, ExpressibleByArgument { case text, json }

  /// Whether standard output is read by a program, which is then told of a failure there too.
  private var isForProgram: Bool { output == .json || progress == .json }

  /// What the command ends with. The program has had its last line by then.
  func failure(_ error: CopyError) -> CommandFailure {
    if isForProgram { Console.out(error.json) }
    return CommandFailure(error)
  }

  var limits: [RateLimiter] {
    limit.bytesPerSecond.map { [RateLimiter(bytesPerSecond: $0)] } ?? []
  }
}

/// `copy`: one volume to another by hand.
struct CopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy one volume to another.",
    discussion: """
      A volume is a directory that holds disk.img, a block device, or a raw image file. The target file must \
      not exist; it gets its name only when every byte is flushed. A source that is \
      open for writing is refused.
      """)

  @Argument(help: "The volume to copy.") var source: String
  @Argument(help: "Where to copy it to.") var target: String
  @OptionGroup var options: VolumeOptions
  @Option(help: "Blocks of the target: off (sparse), unwritten (reserved), full (written).")
  var preallocate = Preallocation.off
  @Option(help: "off, digest (of what was read), read (the target is read back and compared with it).")
  var verify = Verification.digest
  @Option(
    help: .init("Also write digests into this new file, for 'verify VOLUME digests:FILE'.", valueName: "file")
  )
  var writeDigests: String?
  @Flag(help: "Also print the SHA-256 of the whole image, as sha256sum would.") var sha256 = false
  @Flag(help: "Copy the bytes even where the file system could share them.") var noReflink = false
  @Flag(help: "Put zeroes where the source cannot be read, and list the ranges.") var skipBadRanges = false
  @Flag(help: "Go on without the preallocation that the target cannot do.") var allowDowngrade = false

  @OptionGroup var configurationFile: ConfigurationOption

  func run() throws {
    Interrupt.watch()
    let display = ProgressDisplay(options.progress)
    do throws(CopyError) {
      let file = try writeDigests.map { (path) throws(CopyError) in try DigestFile(path) }
      let report = try copy(display)
      display.end()
      Console.out(options.output == .json ? report.json : report.text)
      if let file, let list = report.digests { try write(list, file) }
    } catch {
      display.end()
      throw options.failure(error)
    }
  }

  /// The copy stands by now, and its target cannot be copied to again: the way on is another.
  private func write(_ list: DigestList, _ file: DigestFile) throws(CopyError) {
    do {
      try file.write(list)
    } catch {
      throw CopyError(
        error.code, side: .target, call: error.call, errno: error.errno,
        message: "the copy is done, but not its list of digests: \(error.message)",
        remedy: "make the list with 'clonegate verify \(target) --write-digests FILE'")
    }
  }

  private func copy(_ display: ProgressDisplay) throws(CopyError) -> CopyReport {
    var wanted = CopyOptions()
    wanted.preallocation = preallocate
    wanted.allowsPreallocationDowngrade = allowDowngrade
    wanted.verification = verify
    wanted.listsDigests = writeDigests != nil
    wanted.wholeImageSHA256 = sha256
    wanted.threads = options.threads
    wanted.limits = options.limits
    wanted.allowsReflink = !noReflink
    wanted.skipsBadRanges = skipBadRanges
    let copier = try Copier(
      source: VolumeArgument.location(source), target: VolumeArgument.location(target), options: wanted)
    return try copier.run(
      events: CopyEvents(progress: { display.show($0) }, isCancelled: { Interrupt.wasAsked }))
  }
}

extension CopyReport {
  /// For people.
  var text: String {
    let total = ByteText.short(progress.total)
    let rate = seconds > 0 ? " (\(ByteText.short(CopyProgress.rate(progress.total, in: seconds)))/s)" : ""
    let milliseconds = Int64(seconds * 1000)
    var lines = [
      "copied \(total) in \(milliseconds / 1000).\(Self.three(milliseconds % 1000)) s\(rate), \(how)"
    ]
    lines += skipped.map { "not by \($0.strategy.rawValue): \($0.reason)" }
    if let achieved = allocation.achieved {
      let asked = allocation.requested.rawValue
      let size = ByteText.short(allocation.allocatedBytes)
      lines.append("allocated \(size); preallocation asked for: \(asked), measured: \(achieved.rawValue)")
    }
    if let digest {
      lines.append("digest \(digest)\(verifiedByReading ? ", equal to what the target holds" : "")")
    }
    if let sha256 { lines.append("sha256 \(sha256)") }
    lines += badRanges.map {
      "could not read \($0.length) bytes at offset \($0.offset): they are zero in the target"
    }
    lines += notes.map { "note: \($0)" }
    return lines.joined(separator: "\n")
  }

  private var how: String {
    strategy == .reflink
      ? "by reflink"
      : "by \(strategy.rawValue): read \(ByteText.short(progress.read)),"
        + " wrote \(ByteText.short(progress.written)),"
        + " \(ByteText.short(progress.zero)) are zero"
  }

  private static func three(_ number: Int64) -> String {
    String(repeating: "0", count: 3 - "\(number)".count) + "\(number)"
  }

  /// For programs.
  var json: String {
    let value: JSONValue = [
      "event": "done", "strategy": .string(strategy.rawValue),
      "skipped": .array(
        skipped.map { ["strategy": .string($0.strategy.rawValue), "reason": .string($0.reason)] }),
      "bytes": .number("\(progress.total)"), "read": .number("\(progress.read)"),
      "written": .number("\(progress.written)"), "zero": .number("\(progress.zero)"),
      "reflinked": .number("\(progress.reflinked)"), "milliseconds": .number("\(Int64(seconds * 1000))"),
      "digest": digest.map { .string($0) } ?? .null, "sha256": sha256.map { .string($0) } ?? .null,
      "verifiedByReading": .bool(verifiedByReading),
      "preallocation": [
        "requested": .string(allocation.requested.rawValue),
        "achieved": allocation.achieved.map { .string($0.rawValue) } ?? .null,
        "allocated": .number("\(allocation.allocatedBytes)"),
        "unwritten": .number("\(allocation.unwrittenBytes)"),
      ],
      "badRanges": .array(
        badRanges.map { ["offset": .number("\($0.offset)"), "length": .number("\($0.length)")] }),
      "notes": .array(notes.map { .string($0) }),
    ]
    return String(decoding: value.bytes, as: UTF8.self)
  }
}
