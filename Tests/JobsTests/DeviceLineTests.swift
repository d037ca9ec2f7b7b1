import Foundation
import Testing
import VolumeCopy

@testable import Jobs

@Suite struct `The line for a device` {
  private let a = Device(number: 1)
  private let b = Device(number: 2)

  private func line(_ most: Int?) -> DeviceLine {
    let line = DeviceLine()
    line.follow(WorkerLimits(parallelPerDevice: most))
    return line
  }

  @Test func `has no end where there is no limit`() {
    let line = line(nil)
    for job in 0..<100 { #expect(line.enter(Int64(job), [a]) == nil) }
  }

  @Test func `serves the oldest job first, whoever asked first`() {
    let line = line(1)
    #expect(line.enter(1, [a]) == nil)
    for job: Int64 in [4, 2, 3] { #expect(line.enter(job, [a]) == a) }
    #expect(line.order.next == [] && line.order.later == [2, 3, 4])
    line.leave(1)
    #expect(line.order.next == [2] && line.order.later == [3, 4])
    #expect(line.enter(3, [a]) == a)
    #expect(line.enter(2, [a]) == nil)
    #expect(line.order.next == [] && line.order.later == [3, 4])
  }

  @Test func `lets jobs on another device pass`() {
    let line = line(1)
    #expect(line.enter(1, [a]) == nil)
    #expect(line.enter(2, [a]) == a)
    #expect(line.enter(3, [b]) == nil)
  }

  @Test func `lets nobody overtake a job that needs two devices`() {
    let line = line(1)
    #expect(line.enter(1, [a]) == nil)
    #expect(line.enter(2, [a, b]) == a)
    // b is idle, but a stream of such jobs would keep 2 waiting for ever.
    #expect(line.enter(3, [b]) == b)
    line.leave(1)
    #expect(line.order.next == [2] && line.order.later == [3])
    #expect(line.enter(2, [a, b]) == nil)
    line.leave(2)
    #expect(line.order.next == [3])
  }

  @Test func `closes up behind a job that is gone`() {
    let line = line(1)
    #expect(line.enter(1, [a]) == nil)
    #expect(line.enter(2, [a, b]) == a)
    #expect(line.enter(3, [b]) == b)
    line.keep(only: [3])
    #expect(line.order.next == [3] && line.order.later == [])
  }

  @Test func `follows a new limit, and ends no copy for it`() {
    let line = line(1)
    #expect(line.enter(1, [a]) == nil)
    for job: Int64 in 2...5 { #expect(line.enter(job, [a]) == a) }
    line.follow(WorkerLimits(parallelPerDevice: 3))
    #expect(line.order.next == [2, 3])
    #expect(line.enter(2, [a]) == nil && line.enter(3, [a]) == nil)
    line.follow(WorkerLimits(parallelPerDevice: 2))
    line.leave(1)
    #expect(line.order.next == [])
    line.leave(2)
    #expect(line.order.next == [4])
    line.follow(WorkerLimits())
    #expect(line.order.next == [4, 5])
  }

  @Test func `gives the copies on one device one bandwidth`() {
    let line = line(nil)
    line.follow(WorkerLimits(bytesPerSecondPerDevice: 1000))
    _ = line.enter(1, [a, b])
    _ = line.enter(2, [a])
    let shared = line.limiters([a])[0]
    #expect(line.limiters([a, b]).count == 2 && line.limiters([a, b]).contains { $0 === shared })
    #expect(line.limiters([b])[0] !== shared)
    #expect(shared.bytesPerSecond == 1000)
    line.follow(WorkerLimits(bytesPerSecondPerDevice: 50))
    #expect(shared.bytesPerSecond == 50)
    line.leave(1)
    #expect(line.limiters([a])[0] === shared)
    line.follow(WorkerLimits())
    #expect(shared.bytesPerSecond == 0)
  }

  @Test func `knows what a volume sits on`() throws {
    let folder = TemporaryDirectory()
    let device = try #require(Device(at: folder.path))
    let file = folder.path + "/file"
    try Data([1]).write(to: URL(filePath: file))
    #expect(Device(at: file) == device)
    #expect(try #require(Device(at: "/proc")) != device)
    #expect(Device(at: folder.path + "/none") == nil)
    let places = CopyPlaces(
      source: .file(file), target: .directory(folder.path),
      binding: Binding(path: folder.path, kind: .directory))
    let disks = BlockDevice(number: UInt64(device.number)).disks.map { Device(number: UInt($0)) }
    #expect(Device.beneath(places) == Set(disks))
    #expect(Device(number: 0x801).description.isEmpty == false)
    #expect(Device(number: 0xFFF_FF).description == "4095:255")
  }
}
