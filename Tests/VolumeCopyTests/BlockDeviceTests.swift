import Glibc
import Testing
import VolumeCopy

@Suite struct `A block device` {
  let scratch = Scratch()

  private func facts(_ path: String) throws -> stat {
    var facts = stat()
    try #require(stat(path, &facts) == 0, "\(path): errno \(errno)")
    return facts
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `lies on a disk, through partitions and loop devices`() throws {
    let file = scratch.image("disk", size: 8 << 20)
    try Shell.run("sh", ["-c", "echo '2048,4096,L' | sfdisk --quiet --label dos '\(file)'"])
    let device = try scratch.loop(file)
    try Shell.run("partx", ["--add", "--nr", "1", device])
    let name = device.split(separator: "/").last!
    let numbers = try Shell.line("cat", ["/sys/block/\(name)/\(name)p1/dev"]).split(separator: ":")
      .map { UInt64($0)! }
    let partition = BlockDevice(number: numbers[0] << 8 | numbers[1] & 0xFF | (numbers[1] & ~0xFF) << 12)

    let disk = BlockDevice(number: UInt64(try facts(file).st_dev))
    #expect(partition.disks == disk.disks)
    #expect(BlockDevice(number: UInt64(try facts(device).st_rdev)).disks == disk.disks)
    #expect(disk.disks.isEmpty == false)
    // Where udev runs it may still be looking at it.
    try Shell.run(
      "sh", ["-c", "for i in $(seq 50); do partx --delete --nr 1 \(device) && exit; sleep 0.2; done; exit 1"])
  }

  @Test func `that the kernel tells nothing of is its own disk`() {
    #expect(BlockDevice(number: 0xFFF_FF).disks == [0xFFF_FF])
  }
}
