import Glibc
import Testing
import VolumeCopy

/// Exactly what is done, not only what comes out.
@Suite struct `The operations of a copy` {
  let scratch = Scratch()

  @Test func `to a new file are reads of the data and writes of the granules that hold something`() throws {
    let data = Noise.bytes(8192) + [UInt8](repeating: 0, count: 8192) + Noise.bytes(4096, seed: 2)
    let image = scratch.image("s", size: 1 << 20, [(256 << 10, data)])
    let recorder = Recorder()
    _ = try copy(.file(image), .file(scratch.file("t")), calls: recorder.calls) {
      $0.allowsReflink = false
      $0.threads = 1
    }
    #expect(
      recorder.operations == [
        "resize 0+1048576", "read-source 262144+20480", "write 262144+8192", "write 278528+4096",
        "start 0+1048576", "wait 0+1048576", "flush 0+0", "flush 0+0",
      ])
  }

  @Test func `for an empty image read and write nothing, however large it is`() throws {
    let image = scratch.image("s", size: 1 << 42)
    let recorder = Recorder()
    let report = try copy(.file(image), .file(scratch.file("t")), calls: recorder.calls) {
      $0.allowsReflink = false
    }
    #expect(recorder.operations == ["resize 0+\(Int64(1) << 42)", "flush 0+0", "flush 0+0"])
    #expect(report.progress.zero == 1 << 42 && Scratch.allocated(scratch.file("t")) == 0)
  }

  /// All but its ends is passed over at once, faster than a number of bytes a second can say.
  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `for the largest image are those for its data`() throws {
    try scratch.mountMemory("tmpfs", "m")
    let size = Int64(1) << 62
    let image = scratch.image("m/s", size: size, [(0, Noise.bytes(4096)), (size - 4096, Noise.bytes(4096))])
    let recorder = Recorder()
    let report = try copy(.file(image), .file(scratch.file("m/t")), calls: recorder.calls) {
      $0.allowsReflink = false
    }
    #expect(recorder.bytes("read-source") == 8192 && report.progress.finished == size)
    let outcome = try Comparison.compare(.file(image), .file(scratch.file("m/t")))
    #expect(outcome.difference == nil && outcome.bytes == size)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `to a device punch everything once, and write the head last`() throws {
    let image = scratch.image("s", size: 8 << 20, [(0, Noise.bytes(4096)), (6 << 20, Noise.bytes(4096))])
    let device = try scratch.loop(scratch.image("d", size: 9 << 20))
    let recorder = Recorder()
    _ = try copy(.file(image), .device(device), calls: recorder.calls) { $0.threads = 1 }
    #expect(
      recorder.operations.filter { !$0.hasPrefix("start") && !$0.hasPrefix("wait") } == [
        "flush 0+0", "write 0+262144", "write 262144+262144", "write 524288+262144",
        "write 786432+262144", "flush 0+0", "punch 0+8388608", "punch 8388608+1048576", "read-source 0+4096",
        "read-source 6291456+4096",
        "write 6291456+4096", "flush 0+0", "write 0+262144", "write 262144+262144", "write 524288+262144",
        "write 786432+262144", "flush 0+0",
      ])
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `fall back for a range that cannot be punched, for that range alone, and try it again`() throws {
    let old = [UInt8](repeating: 0xEE, count: 12 << 20)
    let device = try scratch.loop(scratch.image("d", size: 12 << 20, [(0, old)]))
    let data = Noise.bytes(4 << 20)
    let image = scratch.image("s", size: 12 << 20, [(2 << 20, data)])
    let recorder = Recorder(
      .init(call: "punch", errno: EOPNOTSUPP, times: 1), .init(call: "blockZero", errno: EIO, times: 0))
    let report = try copy(.file(image), .device(device), calls: recorder.calls)
    #expect(scratch.bytes(device) == scratch.bytes(image))
    #expect(recorder.operations("punch").count > 1, "it was not tried again")
    #expect(report.notes.isEmpty)
  }

  @Test func `with full preallocation write every byte but read only the data`() throws {
    let image = scratch.image("s", size: 10 << 20, [(1 << 20, Noise.bytes(8192))])
    let recorder = Recorder()
    let report = try copy(.file(image), .file(scratch.file("t")), calls: recorder.calls) {
      $0.preallocation = .full
    }
    #expect(recorder.bytes("write") == 10 << 20 && recorder.bytes("read-source") == 8192)
    #expect(report.allocation.achieved == .full && report.allocation.unwrittenBytes == 0)
    #expect(Scratch.allocated(scratch.file("t")) >= 10 << 20)
    #expect(recorder.operations("clone").isEmpty)
  }

  @Test func `with unwritten preallocation reserve every block and write only the data`() throws {
    let image = scratch.image("s", size: 10 << 20, [(1 << 20, Noise.bytes(8192))])
    let report = try copy(.file(image), .file(scratch.file("t"))) { $0.preallocation = .unwritten }
    #expect(report.allocation.achieved == .unwritten)
    #expect(report.allocation.unwrittenBytes == (10 << 20) - 8192)
    #expect(Scratch.allocated(scratch.file("t")) >= 10 << 20)
    #expect(scratch.bytes(scratch.file("t")) == scratch.bytes(image))
  }

  @Test func `never ask the file system for holes it is not trusted with`() throws {
    let image = scratch.image("s", size: 1 << 20, [(0, Noise.bytes(4096))])
    let recorder = Recorder()
    _ = try copy(.file(image), .file(scratch.file("t")), calls: recorder.calls) {
      $0.allowsReflink = false
      $0.trustsHoles = false
    }
    #expect(recorder.bytes("read-source") == 1 << 20)
    #expect(Scratch.allocated(scratch.file("t")) == 4096)
  }
}
