import Foundation
import Testing

@testable import Transport

@Suite struct LimitTests {
  private func limits(_ change: (inout TransportLimits) -> Void) -> TransportLimits {
    var limits = TransportLimits()
    change(&limits)
    return limits
  }

  /// A server that answers the first byte with `count` bytes.
  private func flood(_ count: Int, _ limits: TransportLimits) async throws -> Server {
    try await Server.start(limits: limits) { _, log in
      Scripted(log) {
        $0.onReceived = { _, connection in connection.write([UInt8](repeating: 1, count: count)) }
      }
    }
  }

  @Test func `a peer that does not read is cut off`() async throws {
    let server = try await flood(16 << 20, limits { $0.stall = .milliseconds(50) })
    let client = try PlainClient(server.address)
    await client.send("x")
    #expect(await server.log.first("closed") == "closed the peer does not read")
    await server.stop()
  }

  @Test func `a peer that reads a trickle is cut off too`() async throws {
    let server = try await flood(
      16 << 20,
      limits {
        $0.stall = .milliseconds(200)
        $0.stallProgress = 64 << 20
      })
    let client = try PlainClient(server.address)
    await client.send("x")
    async let reading: Void = client.trickle(watching: server.log)
    #expect(await server.log.first("closed") == "closed the peer does not read")
    await reading
    await server.stop()
  }

  @Test func `a peer that reads slowly but steadily gets everything`() async throws {
    let server = try await flood(4 << 20, limits { $0.stall = .seconds(60) })
    let client = try PlainClient(server.address)
    await client.send("x")
    var total = 0
    while total < 4 << 20 {
      let bytes = await client.receive(min(256 << 10, 4 << 20 - total))
      if bytes.isEmpty { break }
      total += bytes.count
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(total == 4 << 20)
    await server.stop()
  }

  @Test func `more queued output than the limit ends the connection`() async throws {
    let server = try await flood(9 << 20, limits { $0.outputLimit = 8 << 20 })
    let client = try PlainClient(server.address)
    await client.send("x")
    #expect(await server.log.first("closed") == "closed more output queued than the limit")
    #expect(await client.receive(1).isEmpty)
    await server.stop()
  }

  @Test func `a peer that sends but does not read makes the server stop reading`() async throws {
    let server = try await Server.start()
    let client = try PlainClient(server.address)
    let bytes = [UInt8](repeating: 7, count: 24 << 20)
    async let sent: Void = client.send(bytes)
    // The echo fills both kernels and then our high-water mark: memory stays near it, whatever is sent.
    let loop = server.loops.loops[0]
    #expect(
      await eventually {
        let pending = Pending()
        await loop.forEachConnection { pending.bytes = max(pending.bytes, $0.pendingOutput) }
        return pending.bytes > 256 << 10
      })
    try await Task.sleep(for: .milliseconds(50))
    let pending = Pending()
    await loop.forEachConnection { pending.bytes = $0.pendingOutput }
    #expect(pending.bytes < 1 << 20)
    #expect(await client.receive(bytes.count) == bytes)
    await sent
    await server.stop()
  }

  /// Small pieces fit the kernel at once and large ones do not: both must call the handler back.
  @Test(arguments: [1_000, 4 << 20])
  func `a handler that waits for room is called until it has said everything`(_ piece: Int) async throws {
    let rounds = 20
    let server = try await Server.start { _, log in
      Scripted(log) { handler in
        var left = rounds
        let say: (Connection) -> Void = { connection in
          guard left > 0 else { return connection.close() }
          left -= 1
          connection.write([UInt8](repeating: 1, count: piece))
          connection.awaitWritable()
        }
        handler.onReceived = { _, connection in say(connection) }
        handler.onWritable = say
      }
    }
    let client = try PlainClient(server.address)
    await client.send("x")
    #expect(await client.receive(rounds * piece + 1).count == rounds * piece)
    await server.stop()
  }

  /// What is left may be little, and there may be more to write: a handler that is asked whenever little is
  /// left would keep its loop turning.
  @Test func `a peer that takes nothing is waited for, not tried again and again`() async throws {
    let limits = limits {
      $0.outputHighWater = 64 << 20
      $0.outputLowWater = 48 << 20
    }
    let server = try await Server.start(limits: limits) { _, log in
      Scripted(log) { handler in
        handler.onReceived = { _, connection in connection.write([UInt8](repeating: 1, count: 16 << 20)) }
        handler.onWritable = { connection in
          log.note("writable")
          connection.requestFlush()
        }
      }
    }
    let client = try PlainClient(server.address)
    await client.send("x")
    try await Task.sleep(for: .milliseconds(200))
    #expect(server.log.all.count { $0 == "writable" } < 100)
    #expect(await client.receive(16 << 20).count == 16 << 20)
    await server.stop()
  }

  @Test func `connections over the limit are refused and the others go on`() async throws {
    let server = try await Server.start(limits: limits { $0.connections = 2 })
    let first = try PlainClient(server.address), second = try PlainClient(server.address)
    #expect(await eventually { server.log.all.count == 2 })
    let third = try PlainClient(server.address)
    #expect(await third.receive(1).isEmpty)
    #expect(await server.log.first("refused") == "refused refused: too many connections")
    await first.send("still here")
    #expect(await first.receiveText(10) == "still here")
    second.close()
    #expect(await eventually { server.loops.connectionCount == 1 })
    let fourth = try PlainClient(server.address)
    await fourth.send("welcome")
    #expect(await fourth.receiveText(7) == "welcome")
    await server.stop()
  }

  /// What strangers do at one door (the gate's) is not felt at the other (the probes').
  @Test func `a listener that is full leaves the loops' others alone`() async throws {
    let server = try await Server.start(
      limits: limits {
        $0.connections = 3
        $0.connectionsPerLoop = 2
      })
    let other = try await Listener.start(
      on: SocketAddress("127.0.0.1:0"), loops: server.loops, tls: nil,
      limits: limits {
        $0.connections = 2
        $0.connectionsPerLoop = 2
      }, makeHandler: { _ in Echo(server.log) })
    let strangers = try (0..<5).map { _ in try PlainClient(server.address) }
    #expect(await server.log.first("refused") == "refused refused: too many connections")
    let probes = try (0..<2).map { _ in try PlainClient(other.address) }
    for probe in probes {
      await probe.send("alive?")
      #expect(await probe.receiveText(6) == "alive?")
    }
    let third = try PlainClient(other.address)
    #expect(await third.receive(1).isEmpty)
    for client in strangers + probes { client.close() }
    #expect(await eventually { server.loops.connectionCount == 0 })
    // Each has left its seat.
    let again = try PlainClient(server.address), later = try PlainClient(other.address)
    for client in [again, later] {
      await client.send("welcome")
      #expect(await client.receiveText(7) == "welcome")
    }
    await other.stop()
    await server.stop()
  }

  @Test func `descriptors that are spared are left to the other listener`() async {
    await #expect(processExitsWith: .success) {
      // 128 are left to everything else, and of 8 for connections a quarter to the other listener.
      var limit = rlimit(rlim_cur: 136, rlim_max: 136)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      var sparing = TransportLimits()
      sparing.spared = 100
      let server = try await Server.start(limits: sparing)
      let other = try await Listener.start(
        on: SocketAddress("127.0.0.1:0"), loops: server.loops, tls: nil,
        makeHandler: { _ in Echo(server.log) })
      let strangers = try (0..<20).map { _ in try PlainClient(server.address) }
      let refusal = await server.log.first("refused")
      precondition(refusal == "refused refused: too many connections")
      let probe = try PlainClient(other.address)
      await probe.send("alive?")
      let answer = await probe.receiveText(6)
      exit(answer == "alive?" && server.loops.connectionCount == 7 && strangers.count == 20 ? 0 : 1)
    }
  }

  @Test func `without descriptors the listener pauses instead of spinning, and comes back`() async {
    await #expect(processExitsWith: .success) {
      let server = try await Server.start()
      let client = try PlainClient(server.address)  // in the backlog or accepted
      await client.send("a")
      let echoed = await client.receiveText(1)
      precondition(echoed == "a")
      var hoard: [Int32] = []
      var limit = rlimit(rlim_cur: 256, rlim_max: 256)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let late = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      while case let descriptor = dup(0), descriptor >= 0 { hoard.append(descriptor) }
      _ = server.address.withSystemAddress { connect(late, $0, $1) }
      @Sendable func isTold() -> Bool {
        server.log.all.contains { $0.hasPrefix("refused refused: Too many open files") }
      }
      await aside { for _ in 0..<10_000 where !isTold() { usleep(1000) } }
      let before = processorTime()
      await aside { _ = usleep(500_000) }  // not Task.sleep, which may itself need a descriptor
      let used = processorTime() - before
      for descriptor in hoard { close(descriptor) }
      send(late, "late", 4, 0)
      var answer = [UInt8](repeating: 0, count: 4)
      let count = recv(late, &answer, 4, Int32(MSG_WAITALL))
      // Half a second of accepting in vain would be half a second of processor time.
      exit(count == 4 && used < .milliseconds(250) && isTold() ? 0 : 1)
    }
  }
}

/// What this process has used of the processor so far.
private func processorTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// What a closure on the loop found.
private final class Pending: @unchecked Sendable {
  // Unchecked: written on the loop, read after the call to the loop has returned.
  var bytes = 0
}
