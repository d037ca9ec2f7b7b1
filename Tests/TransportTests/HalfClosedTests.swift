import Foundation
import Testing

@testable import Transport

@Suite struct HalfClosedTests {
  @Test func `a client that has finished sending still gets its answer`() async throws {
    let server = try await Server.start { _, log in
      Scripted(log) { handler in
        var text = ""
        handler.onReceived = { bytes, _ in text += String(decoding: bytes, as: UTF8.self) }
        handler.onPeerFinished = { connection in
          let handle = connection.handle, answer = "you said \(text)"
          handle.loop.task { loop in
            try? await Task.sleep(for: .milliseconds(5))
            loop.with(handle) {
              $0.write(Array(answer.utf8))
              $0.close()
            }
          }
        }
      }
    }
    let client = try PlainClient(server.address)
    await client.send("goodbye")
    client.finish()
    #expect(await client.receiveText(100) == "you said goodbye")
    #expect(await server.log.first("closed") == "closed closed here")
    await server.stop()
  }

  @Test func `an answer given while the client still sends is not lost to a reset`() async throws {
    let server = try await Server.start { _, log in
      Scripted(log) {
        $0.onReceived = { _, connection in
          connection.write(Array("too much".utf8))
          connection.close()
        }
      }
    }
    for _ in 0..<20 {
      let client = try PlainClient(server.address)
      await client.send([UInt8](repeating: 0, count: 2 << 20))
      #expect(await client.receiveText(100) == "too much")
    }
    await server.stop()
  }

  @Test func `a peer that stays after our close is let go when the linger is over`() async throws {
    var limits = TransportLimits()
    limits.linger = .milliseconds(30)
    let server = try await Server.start(limits: limits) { _, log in
      Scripted(log) { $0.onOpened = { $0.close() } }
    }
    let client = try PlainClient(server.address)
    #expect(await client.receive(1).isEmpty)
    #expect(await eventually { server.loops.connectionCount == 0 })
    await server.stop()
  }

  @Test func `a reset is reported as a lost connection`() async throws {
    let server = try await Server.start { _, log in Scripted(log) }
    let client = try PlainClient(server.address)
    _ = await server.log.first("opened")
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(client.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    client.close()
    #expect(await server.log.first("closed")?.hasPrefix("closed connection lost: Connection reset") == true)
    await server.stop()
  }

  @Test func `nothing is read while reading is paused`() async throws {
    let server = try await Server.start { _, log in
      Scripted(log) {
        $0.onReceived = { bytes, connection in
          log.note("read \(bytes.count)")
          connection.pauseReading()
        }
      }
    }
    let client = try PlainClient(server.address)
    await client.send("a")
    #expect(await server.log.first("read 1") != nil)
    await client.send("bcd")
    try await Task.sleep(for: .milliseconds(30))
    #expect(server.log.all == ["opened", "read 1"])
    await server.loops.loops[0].forEachConnection { $0.resumeReading() }
    #expect(await server.log.first("read 3") != nil)
    await server.stop()
  }
}
