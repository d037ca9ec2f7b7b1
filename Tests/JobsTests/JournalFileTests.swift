import Foundation
import GRDB
import Testing
import VolumeCopy

@testable import Jobs

@Suite struct `The journal's file` {
  let data = TemporaryDirectory()
  private var file: String { data.path + "/data/journal.sqlite" }
  private var directory: String { data.path + "/data" }

  private func open() throws -> Journal { try Journal.open(directory: directory) }

  private func expect(_ code: JournalError.Code, _ words: String...) {
    #expect {
      let journal = try open()
      journal.close()
    } throws: { error in
      guard let error = error as? JournalError else { return false }
      #expect(error.code == code)
      for word in words { #expect(error.message.contains(word), "\(error.message)") }
      return true
    }
  }

  private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func `belongs to its owner alone`() async throws {
    let journal = try open()
    _ = try await journal.record([.sample("a")])
    #expect(try mode(directory) == 0o700)
    for suffix in ["", "-wal", "-shm"] { #expect(try mode(file + suffix) == 0o600) }
    journal.close()
  }

  @Test func `is flushed at each commit`() async throws {
    let journal = try open()
    defer { journal.close() }
    let (mode, sync) = try await journal.write { db in
      (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
    }
    #expect(mode == "wal" && sync == 2)
  }

  @Test(arguments: ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.lock"])
  func `is not opened through a link`(name: String) throws {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let elsewhere = data.path + "/elsewhere"
    try "precious".write(toFile: elsewhere, atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: "\(directory)/\(name)", withDestinationPath: elsewhere)
    expect(.unsafe, name)
    #expect(try String(contentsOfFile: elsewhere, encoding: .utf8) == "precious")
  }

  @Test func `a hard link and a file that others can read are refused`() throws {
    try open().close()
    #expect(link(file, data.path + "/second-name") == 0)
    expect(.unsafe, "is a link")
    unlink(data.path + "/second-name")
    chmod(file, 0o644)
    expect(.unsafe, "chmod 600")
  }

  @Test func `a data directory that is a link or open to others is refused`() throws {
    try FileManager.default.createDirectory(atPath: data.path + "/real", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: directory, withDestinationPath: data.path + "/real")
    expect(.unsafe, "links are not followed")
    unlink(directory)
    mkdir(directory, 0o777)
    chmod(directory, 0o777)
    expect(.unsafe, "chmod go-w")
  }

  @Test func `a data directory is made with those above it, or the system's words say why not`() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "clonegate-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    _ = try Journal.open(directory: root.path + "/a/b")
    #expect {
      _ = try Journal.open(directory: "/proc/nowhere/a")
    } throws: {
      ($0 as? JournalError)?.cause == "No such file or directory"
    }
  }

  @Test func `a damaged file is reported and not touched`() async throws {
    let journal = try open()
    for number in 0..<200 { _ = try await journal.record([.sample("dv-\(number)")]) }
    journal.close()
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes.replaceSubrange(8192..<12288, with: Data(repeating: 0xA5, count: 4096))
    try bytes.write(to: URL(filePath: file))
    chmod(file, 0o600)
    expect(.corrupt, "damaged", "move journal.sqlite*")
    #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
  }

  @Test func `text is not a journal, and neither is another program's database`() throws {
    try open().close()
    try Data("this is no database, however long one looks at it".utf8).write(to: URL(filePath: file))
    chmod(file, 0o600)
    expect(.corrupt, "not a journal")
    try Data(String(repeating: "a page of text, no database ----", count: 128).utf8).write(
      to: URL(filePath: file))
    chmod(file, 0o600)
    expect(.corrupt, "not a journal")
    unlink(file)
    let other = try DatabaseQueue(path: file)
    try other.write { try $0.execute(sql: "CREATE TABLE recipes(name TEXT)") }
    try other.close()
    chmod(file, 0o600)
    expect(.corrupt, "another program")
  }

  @Test func `a newer version's file is refused by name`() async throws {
    let journal = try open()
    try await journal.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    journal.close()
    expect(.newer, "schema 99")
  }

  @Test(arguments: 0..<Schema.steps.count)
  func `an older version's file is brought up to date with what it holds`(version: Int) async throws {
    mkdir(directory, 0o700)
    try makeFile(version: version)
    let journal = try open()
    defer { journal.close() }
    #expect(try await journal.jobs().map(\.key) == (version > 0 ? ["old"] : []))
    _ = try await journal.record([.sample("new")])
    #expect(try await journal.totals().jobs[.accepted] == (version > 0 ? 2 : 1))
  }

  private func makeFile(version: Int) throws {
    let older = try DatabaseQueue(path: file)
    try older.write { db in
      try Schema.migrate(db, steps: Array(Schema.steps.prefix(version)))
      if version > 0 { try JobTable.insert(db, key: "old", uid: "old", .sample("old")) }
    }
    try older.close()
    chmod(file, 0o600)
  }

  @Test func `a checkpoint that was damaged on the disk is not believed`() async throws {
    let journal = try Journal.open(directory: directory)
    defer { journal.close() }
    _ = try await journal.record([.sample("a")])
    let job = try #require(try await journal.jobs().first)
    let queue = JobQueue(journal: journal, instance: "test")
    let told = CopyCheckpoint(
      source: "s", target: "t", extents: [FinishedExtent(offset: 0, length: 1 << 26, digest: [7])])
    try queue.save(told, job)
    #expect(try queue.checkpoint(job) == told)
    try await journal.write { try $0.execute(sql: "UPDATE extents SET start = start | 134217728") }
    #expect(try queue.checkpoint(job) == told.withoutExtents)
  }

  @Test func `a released step of the schema never changes`() {
    // Written down when the step was released; a changed step would leave older journals with other tables.
    #expect(
      Schema.steps.map(Self.checksum) == [
        17_913_428_228_676_076_901, 2_757_219_770_739_802_916, 16_487_749_870_620_951_676,
        11_736_922_348_665_962_264,
      ])
  }

  /// FNV-1a.
  private static func checksum(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a small file system needs root"))
  func `a full disk refuses new jobs, keeps the old ones, and recovers`() async throws {
    mkdir(directory, 0o700)
    try run("mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", directory)
    defer { try? run("umount", "-l", directory) }
    let journal = try open()
    defer { journal.close() }
    var kept = 0
    let ballast = directory + "/ballast"
    var refusal: JournalError?
    while refusal == nil && kept < 10_000 {
      do throws(JournalError) {
        _ = try await journal.record([.sample("dv-\(kept)")])
        kept += 1
        if kept == 20 { _ = FileManager.default.createFile(atPath: ballast, contents: Data(count: 1 << 20)) }
      } catch { refusal = error }
    }
    #expect(refusal?.code == .full, "\(String(describing: refusal))")
    #expect(kept >= 20)
    #expect(try await journal.jobs().count == kept)
    unlink(ballast)
    #expect(try await journal.record([.sample("after")]).first?.outcome == .new)
    #expect(try await journal.jobs().count == kept + 1)
  }

  private func run(_ words: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(words.joined(separator: " "))")
  }
}
