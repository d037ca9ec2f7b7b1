import Glibc
import Testing
import VolumeCopy

@Suite struct `The ladder of strategies` {
  let scratch = Scratch()

  private func image(in folder: String) throws -> String {
    let image = scratch.image(
      "s", size: 16 << 20, [(4096, Noise.bytes(3 << 20)), (9 << 20, Noise.bytes(4 << 20))])
    let inside = folder + "/s"
    try Shell.run("cp", ["--sparse=always", image, inside])
    return inside
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot), arguments: ["xfs", "btrfs"])
  func `begins with a reflink, which shares every block`(kind: String) throws {
    guard Machine.has("mkfs.\(kind)") else { return withKnownIssue("mkfs.\(kind) is not installed") {} }
    let mount = try scratch.mount(kind, megabytes: 400)
    let image = try image(in: mount)
    let recorder = Recorder()
    let report = try copy(.file(image), .file(mount + "/t"), calls: recorder.calls)
    #expect(report.strategy == .reflink && report.progress.reflinked == 16 << 20)
    #expect(recorder.operations == ["clone 0+0", "flush 0+0", "flush 0+0"])
    #expect(Scratch.areEqual(image, mount + "/t"))
    // Proof on request, although a reflink reads nothing.
    let proven = try copy(.file(image), .file(mount + "/u")) { $0.verification = .read }
    #expect(try proven.verifiedByReading && proven.digest == Reference.treeDigest(image))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `goes on with reflinks of ranges, then copy_file_range, then threads, and says why`() throws {
    guard Machine.has("mkfs.xfs") else { return withKnownIssue("mkfs.xfs is not installed") {} }
    let mount = try scratch.mount("xfs", megabytes: 400)
    let image = try image(in: mount)
    let refusals: [(Recorder, CopyReport.Strategy)] = [
      (Recorder(.init(call: "clone", errno: EINVAL)), .reflinkRanges),
      (Recorder(.init(call: "clone", errno: EOPNOTSUPP)), .copyFileRange),
      (
        Recorder(
          .init(call: "clone", errno: EINVAL), .init(call: "clone-range", errno: EINVAL),
          .init(call: "copy-range", errno: EIO)), .threads
      ),
    ]
    for (index, (recorder, strategy)) in refusals.enumerated() {
      let target = mount + "/t\(index)"
      let report = try copy(.file(image), .file(target), calls: recorder.calls) { $0.verification = .off }
      #expect(report.strategy == strategy)
      #expect(Scratch.areEqual(image, target))
      #expect(report.skipped.map(\.strategy).contains(.reflink))
      #expect(report.skipped.count == index + 1)
      #expect(recorder.operations("read-source").isEmpty == (strategy != .threads))
    }
  }

  @Test func `does not reflink a target that should have blocks of its own`() throws {
    let image = scratch.image("s", size: 1 << 20, [(0, Noise.bytes(4096))])
    let report = try copy(.file(image), .file(scratch.file("t"))) { $0.preallocation = .unwritten }
    #expect(report.skipped.first?.reason == "preallocation asks for blocks of the target's own")
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `reads only what the file behind a loop device holds`() throws {
    let image = scratch.image("s", size: 64 << 20, [(9 << 20, Noise.bytes(1 << 20))])
    let device = try scratch.loop(image)
    let recorder = Recorder()
    _ = try copy(.device(device), .file(scratch.file("t")), calls: recorder.calls)
    #expect(recorder.bytes("read-source") == 1 << 20)
    #expect(Scratch.areEqual(image, scratch.file("t")))
  }
}
