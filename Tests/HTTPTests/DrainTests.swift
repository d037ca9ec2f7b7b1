import Foundation
import Synchronization
import Testing
import Transport

@testable import HTTP

/// Leaving without losing a request.
@Suite struct DrainTests {
  @Test func `what is in flight is answered with a close, idle connections end, and nobody is let in`()
    async throws
  {
    let server = try await LiveServer.start()
    let address = server.address
    let idle = Sent(try RawClient(address))
    idle.client.send("GET /x HTTP/1.1\r\nHost: g\r\n\r\n")
    _ = try await offPool { idle.client.receive(until: "GET /x 0") }
    let busy = Task {
      try await offPool {
        let client = try RawClient(address)
        client.send("GET /held HTTP/1.1\r\nHost: g\r\n\r\n")
        return client.receiveAll()
      }
    }
    while server.server.inFlight == 0 { try await Task.sleep(for: .milliseconds(5)) }
    let drained = Task { await server.server.drain(within: .seconds(10)) }
    while !server.server.isDraining { try await Task.sleep(for: .milliseconds(1)) }
    server.latch.open()
    #expect(await drained.value == 0)
    let answer = try await busy.value
    #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("connection: close"))
    #expect(idle.client.receiveAll().isEmpty)
    #expect(throws: POSIXError.self) { try RawClient(address) }
    await server.loops.stop()
  }

  @Test func `a request that arrives during the drain is answered`() async throws {
    let server = try await LiveServer.start { $0.deadlines.drainLinger = .seconds(5) }
    let client = Sent(try RawClient(server.address))
    client.client.send("GET /x HTTP/1.1\r\nHost: g\r\n\r\n")
    _ = try await offPool { client.client.receive(until: "GET /x 0") }
    let drained = Task { await server.server.drain(within: .seconds(10)) }
    while !server.server.isDraining { try await Task.sleep(for: .milliseconds(1)) }
    client.client.send("GET /y HTTP/1.1\r\nHost: g\r\n\r\n")
    let answer = try await offPool { client.client.receiveAll() }
    #expect(answer.contains("connection: close") && answer.hasSuffix("GET /y 0"))
    #expect(await drained.value == 0)
    await server.loops.stop()
  }

  @Test func `while it retires newcomers are answered, and no answer leaves a connection open`() async throws
  {
    let server = try await LiveServer.start()
    let kept = Sent(try RawClient(server.address))
    kept.client.send("GET /x HTTP/1.1\r\nHost: g\r\n\r\n")
    _ = try await offPool { kept.client.receive(until: "GET /x 0") }
    let retired = Task { await server.server.retire(for: .seconds(600)) }
    while !server.server.isRetiring { try await Task.sleep(for: .milliseconds(1)) }
    kept.client.send("GET /y HTTP/1.1\r\nHost: g\r\n\r\n")
    let newcomer = Sent(try RawClient(server.address))
    newcomer.client.send("GET /z HTTP/1.1\r\nHost: g\r\n\r\n")
    for (client, answer) in [(kept, "GET /y 0"), (newcomer, "GET /z 0")] {
      let text = try await offPool { client.client.receiveAll() }
      #expect(text.contains("connection: close") && text.hasSuffix(answer))
    }
    retired.cancel()
    await retired.value
    #expect(await server.server.drain(within: .seconds(10)) == 0)
    #expect(throws: POSIXError.self) { try RawClient(server.address) }
    await server.loops.stop()
  }

  @Test func `what does not end is cut off at the limit`() async throws {
    let server = try await LiveServer.start()
    let client = try RawClient(server.address)
    client.send("GET /slow?60000 HTTP/1.1\r\nHost: g\r\n\r\n")
    while server.server.inFlight == 0 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(await server.server.drain(within: .milliseconds(300)) == 1)
    await server.loops.stop()
  }

  /// The server is drained while clients ask over kept connections; who finds it gone asks its successor. A
  /// request that was sent and not answered would be an error.
  @Test(arguments: [false, true]) func `a rolling restart under load loses no request`(tls: Bool) async throws
  {
    let old = try await LiveServer.start(tls: tls, threads: 2) { $0.deadlines.drainLinger = .seconds(2) }
    let new = try await LiveServer.start(tls: tls, threads: 2)
    let (fromOld, fromNew, workers) = (Counter(), Counter(), 8)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<workers {
        group.addTask {
          try await Self.ask(try old.client(tls: tls), count: .max, fromOld)
          try await Self.ask(try new.client(tls: tls), count: 20, fromNew)
        }
      }
      while fromOld.value < 10 * workers { try await Task.sleep(for: .milliseconds(1)) }
      #expect(await old.server.drain(within: .seconds(10)) == 0)
      try await group.waitForAll()
    }
    #expect(fromNew.value == 20 * workers)
    await old.loops.stop()
    await new.stop()
  }

  /// Asks until the server is gone, or so many times.
  private static func ask(_ client: HTTPClient, count: Int, _ answered: Counter) async throws {
    var index = 0
    while index < count {
      let path = index % 2 == 0 ? "/echo" : "/later"
      let request = HTTPRequest(method: "POST", path: path, body: Array("body \(index)".utf8))
      guard let response = try await answer(client, request) else { return }
      #expect(response.status == 200 && response.body == request.body)
      answered.add(1)
      index += 1
    }
  }

  /// nil when nobody listens any more.
  private static func answer(_ client: HTTPClient, _ request: HTTPRequest) async throws -> HTTPResponse? {
    do {
      return try await client.send(request)
    } catch {
      if error.code == .unreachable { return nil }
      throw error
    }
  }
}

/// Hands a client to one other thread at a time.
struct Sent: @unchecked Sendable {  // the test awaits that thread before it touches the client again
  let client: RawClient
  init(_ client: RawClient) { self.client = client }
}
