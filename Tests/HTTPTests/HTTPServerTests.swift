import Foundation
import Synchronization
import Testing
import Transport

@testable import HTTP

private func get(_ path: String, _ more: String = "") -> String {
  "GET \(path) HTTP/1.1\r\nHost: gate\r\n\(more)\r\n"
}

/// The server on a real socket, asked by a plain one.
@Suite struct HTTPServerTests {
  /// Sends `bytes` and returns everything that comes back until the server closes.
  private func talk(
    to server: LiveServer, _ bytes: [UInt8], finish: Bool = false
  ) async throws -> String {
    let address = server.address
    return try await offPool {
      let client = try RawClient(address)
      client.send(bytes)
      if finish { client.finishSending() }
      return client.receiveAll()
    }
  }

  @Test func `pipelined requests are answered in order, whoever is ready first`() async throws {
    let server = try await LiveServer.start()
    let text = try await talk(
      to: server,
      Array((get("/slow?80") + get("/1") + get("/slow?1") + get("/2", "Connection: close\r\n")).utf8))
    #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 5)
    let order = ["slow 80", "GET /1 0", "slow 1", "GET /2 0"].map {
      text.range(of: $0)?.lowerBound ?? text.endIndex
    }
    #expect(order == order.sorted())
    await server.stop()
  }

  @Test func `a connection is kept, and a HEAD is answered without a body`() async throws {
    let server = try await LiveServer.start()
    let text = try await talk(
      to: server,
      Array(
        ("HEAD /echo HTTP/1.1\r\nHost: gate\r\n\r\n" + get("/empty") + get("/x", "Connection: close\r\n"))
          .utf8))
    #expect(text.contains("HTTP/1.1 204 No Content\r\n"))
    #expect(text.components(separatedBy: "content-length: ").count == 3)
    #expect(text.hasSuffix("connection: close\r\n\r\nGET /x 0"))
    await server.stop()
  }

  @Test func `HTTP/1.0 is answered and closed`() async throws {
    let server = try await LiveServer.start()
    let text = try await talk(to: server, Array("GET /x HTTP/1.0\r\n\r\n".utf8))
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("connection: close"))
    await server.stop()
  }

  @Test func `a client that has finished sending still gets its answers`() async throws {
    let server = try await LiveServer.start()
    let text = try await talk(to: server, Array((get("/slow?50") + get("/x")).utf8), finish: true)
    #expect(text.contains("slow 50") && text.hasSuffix("GET /x 0"))
    await server.stop()
  }

  @Test func `a client that waits for 100 is told to go on, one that does not is not`() async throws {
    let server = try await LiveServer.start()
    let address = server.address
    let text = try await offPool {
      let client = try RawClient(address)
      client.send("POST /echo HTTP/1.1\r\nHost: gate\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      let first = client.receive(until: "\r\n\r\n")
      client.send("ok" + get("/x", "Connection: close\r\n"))
      return first + "|" + client.receiveAll()
    }
    #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 200 OK"))
    let hasty = try await talk(
      to: server,
      Array(
        ("POST /echo HTTP/1.1\r\nHost: gate\r\nConnection: close\r\nExpect: 100-continue\r\n"
          + "Content-Length: 2\r\n\r\nok").utf8))
    #expect(hasty.hasPrefix("HTTP/1.1 200 OK"))
    await server.stop()
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "Host is missing"),
    ("POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 7340033\r\n\r\n", "413 Content Too Large", "7340032"),
    ("POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400 Bad Request", "chunked"),
    ("GET / HTTP/1.1\r\nHost: g\r\nX: " + String(repeating: "a", count: 17_000) + "\r\n\r\n", "431", "16384"),
    ("\u{16}\u{3}\u{1}\n", "400 Bad Request", "LF alone"),
  ]) func `a refusal is a Status that says what was wrong, and the end`(
    request: String, status: String, word: String
  ) async throws {
    let server = try await LiveServer.start()
    let text = try await talk(to: server, Array(request.utf8))
    #expect(text.hasPrefix("HTTP/1.1 \(status)"), "\(text)")
    #expect(text.contains("connection: close") && text.contains(word))
    let body = text.components(separatedBy: "\r\n\r\n").last ?? ""
    let status = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
    #expect(status?["kind"] as? String == "Status" && status?["status"] as? String == "Failure")
    #expect(server.events.all.count == 1)
    await server.stop()
  }

  @Test(arguments: [
    ("silent", "", ""), ("in the head", "GET / HT", "HTTP/1.1 408"),
    ("in the body", "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 408"),
    ("in a chunk", "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "HTTP/1.1 408"),
    ("after a request", get("/x"), "HTTP/1.1 200"),
  ]) func `a client that stops is cut off`(name: String, bytes: String, answer: String) async throws {
    let server = try await LiveServer.start {
      $0.deadlines.head = .milliseconds(100)
      $0.deadlines.body = .milliseconds(100)
      // What this client has to say may come late, on a machine that has much to do.
      $0.deadlines.idle = bytes.isEmpty ? .milliseconds(100) : .seconds(2)
    }
    let text = try await talk(to: server, Array(bytes.utf8))
    #expect(answer.isEmpty ? text.isEmpty : text.hasPrefix(answer), "\(name): \(text)")
    await server.stop()
  }

  @Test func `a client that trickles its head is cut off although it never stops`() async throws {
    let server = try await LiveServer.start { $0.deadlines.head = .milliseconds(200) }
    let address = server.address
    let text = try await offPool {
      let client = try RawClient(address)
      for byte in (get("/x", "X-Long: " + String(repeating: "a", count: 2000) + "\r\n")).utf8 {
        guard client.send([byte]) == 1 else { break }
        usleep(1000)
      }
      return client.receiveAll()
    }
    #expect(!text.contains("200 OK"))
    #expect(server.events.all.contains { $0.contains("408") })
    await server.stop()
  }

  @Test func `more than the cap in flight is answered 503 with Retry-After`() async throws {
    let server = try await LiveServer.start { $0.inFlight = 2 }
    let request = Array(get("/held", "Connection: close\r\n").utf8)
    let taken = (0..<2).map { _ in Task { try await talk(to: server, request) } }
    while server.server.inFlight < 2 { try await Task.sleep(for: .milliseconds(5)) }
    for _ in 0..<4 {
      let refused = try await talk(to: server, request)
      #expect(refused.hasPrefix("HTTP/1.1 503") && refused.contains("retry-after: 1\r\n"))
    }
    server.latch.open()
    for task in taken { #expect(try await task.value.hasPrefix("HTTP/1.1 200")) }
    #expect(server.server.inFlight == 0)
    await server.stop()
  }

  @Test func `a handler that does not answer in time is answered for, and the connection goes on`()
    async throws
  {
    let server = try await LiveServer.start { $0.deadlines.handler = .milliseconds(100) }
    let text = try await talk(
      to: server, Array((get("/slow?5000") + get("/x", "Connection: close\r\n")).utf8))
    #expect(text.hasPrefix("HTTP/1.1 504") && text.hasSuffix("GET /x 0"))
    await server.stop()
  }

  @Test func `bodies that together exceed the server's memory are refused, not kept`() async throws {
    let server = try await LiveServer.start { $0.limits.heldBytes = 256 * 1024 }
    let head = "POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\n"
    let text = try await talk(to: server, Array(head.utf8) + Array(repeating: 0x20, count: 500_000))
    #expect(text.hasPrefix("HTTP/1.1 503"))
    let small = "POST /echo HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"
    let kept = try await talk(to: server, Array(small.utf8) + Array(repeating: 0x20, count: 200_000))
    #expect(kept.hasPrefix("HTTP/1.1 200"))
    await server.stop()
  }

  @Test func `large answers to a pipelining client wait for it to read`() async throws {
    let server = try await LiveServer.start()
    let address = server.address
    let total = try await offPool {
      let client = try RawClient(address)
      client.send(String(repeating: get("/big?300000"), count: 50) + get("/x", "Connection: close\r\n"))
      usleep(200_000)
      return client.receiveAll().utf8.count
    }
    #expect(total > 50 * 300_000)
    await server.stop()
  }

  /// fixtures/api/webhook-answers.json: "idle-closed-by-webhook", "status-503-retry-after", "...-date".
  @Test func `the limits suit an API server`() {
    #expect(HTTPDeadlines().idle > .seconds(90), "it must be the one who closes an idle connection")
    #expect(HTTPDeadlines().handler >= .seconds(30), "a webhook's timeout is at most 30 s")
    let overloaded = HTTPResponse(refusal: .overloaded)
    #expect(overloaded.status == 503 && overloaded.headers["retry-after"].flatMap { Int($0) } == 1)
    #expect(HTTPResponse(refusal: .handlerTooSlow).headers["retry-after"] == nil)
  }
}
