import Foundation
import Synchronization
import Testing

@testable import Transport

/// Counts on a loop, with awaits between reading and writing. Its executor is the loop's.
private actor Counter {
  private let loop: Loop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }
  private(set) var value = 0
  init(_ loop: Loop) { self.loop = loop }
  func bump() async {
    value += 1
    await Task.yield()
    value += 1
  }
}

@Suite struct LoopTests {
  /// Swift 6.3.1 has miscompiled actors under -O (README, "Decisions"): run in release mode, this is the
  /// test that would see it. Debug builds cannot.
  @Test func `counting on a loop under contention is exact`() async throws {
    let loop = try Loop()
    let counter = Counter(loop)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<20_000 { await counter.bump() } }
      }
    }
    #expect(await counter.value == 8 * 20_000 * 2)
    await loop.stop()
  }

  @Test func `a task begun by a handler waits elsewhere and answers from the loop`() async throws {
    let server = try await Server.start { connection, log in
      Scripted(log) { handler in
        handler.onReceived = { bytes, connection in
          let handle = connection.handle, text = String(decoding: bytes, as: UTF8.self)
          handle.loop.task { loop in
            try? await Task.sleep(for: .milliseconds(5))
            loop.with(handle) { $0.write(Array("waited for \(text)".utf8)) }
          }
        }
      }
    }
    let client = try PlainClient(server.address)
    await client.send("you")
    #expect(await client.receiveText(14) == "waited for you")
    await server.stop()
  }

  @Test func `a handle reaches nobody once its connection is gone`() async throws {
    let log = Journal()
    let handles = Mutex<[ConnectionHandle]>([])
    let server = try await Server.start { connection, _ in
      Scripted(log) { $0.onOpened = { connection in handles.withLock { $0.append(connection.handle) } } }
    }
    let first = try PlainClient(server.address)
    _ = await log.first("opened")
    first.close()
    _ = await log.first("closed")
    // The newcomer takes the same slot and, very likely, the same descriptor.
    let second = try PlainClient(server.address)
    #expect(await eventually { handles.withLock { $0.count } == 2 })
    let old = handles.withLock { $0[0] }, new = handles.withLock { $0[1] }
    #expect(old != new)
    #expect(await old.loop.with(old) { $0.peer } == nil)
    #expect(await new.loop.with(new) { $0.peer.host } == "127.0.0.1")
    second.close()
    await server.stop()
  }

  @Test func `bytes written in one turn leave together, after the handler was asked to gather`() async throws
  {
    let server = try await Server.start { connection, log in
      Scripted(log) { handler in
        var queued = ""
        handler.onReceived = { _, connection in
          queued += "one "
          connection.requestFlush()
          queued += "two "
          connection.requestFlush()
          connection.close()
        }
        handler.onWillFlush = { connection in
          connection.write(Array(queued.utf8))
          queued = ""
        }
      }
    }
    let client = try PlainClient(server.address)
    await client.send("x")
    #expect(await client.receiveText(100) == "one two ")
    await server.stop()
  }

  @Test func `deadlines fire in their time, once, and the last one set counts`() async throws {
    let server = try await Server.start { connection, log in
      Scripted(log) { handler in
        handler.onOpened = { connection in
          connection.setDeadline(after: .milliseconds(1), "too early")
          connection.setDeadline(after: .milliseconds(30), "time is up")
        }
        handler.onDeadline = { reason, connection in
          log.note(reason)
          connection.close()
        }
      }
    }
    let client = try PlainClient(server.address)
    #expect(await client.receive(1).isEmpty)
    _ = await server.log.first("closed")
    #expect(server.log.all == ["opened", "time is up", "closed closed here"])
    await server.stop()
  }

  @Test func `calls to a stopped loop still return, in order, and find no connection`() async throws {
    let loop = try Loop()
    await loop.stop()
    await loop.stop()
    let seen = Mutex<[Int]>([])
    for number in 0..<100 { await loop.run { _ in seen.withLock { $0.append(number) } } }
    #expect(seen.withLock { $0 } == Array(0..<100))
  }

  @Test func `stopping cuts connections off and tells their handlers`() async throws {
    let server = try await Server.start(threads: 2)
    let clients = try (0..<8).map { _ in try PlainClient(server.address) }
    #expect(await eventually { server.log.all.count == 8 })
    #expect(server.loops.loops.map { $0.load.load(ordering: .relaxed) } == [4, 4])
    await server.stop()
    #expect(server.log.all.filter { $0 == "closed the event loop was stopped" }.count == 8)
    for client in clients { #expect(await client.receive(1).isEmpty) }
  }

  @Test func `starting and stopping leaves no descriptor and no thread behind`() async {
    await #expect(processExitsWith: .success) {
      func list(_ what: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(what)")) ?? []
      }
      func loopThreads() -> Int {
        list("task").filter {
          (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "clonegate-loop\n"
        }
        .count
      }
      func once() async throws {
        let server = try await Server.start(threads: 3)
        let client = try PlainClient(server.address)
        await client.send("hello")
        let echoed = await client.receiveText(5)
        precondition(echoed == "hello")
        client.close()
        await server.stop()
      }
      for _ in 0..<3 { try await once() }
      try await Task.sleep(for: .milliseconds(1))  // Swift's own timer has descriptors too
      let descriptors = list("fd").count
      for _ in 0..<50 { try await once() }
      let isClean = await eventually { list("fd").count <= descriptors && loopThreads() == 0 }
      exit(isClean ? 0 : 1)
    }
  }
}
