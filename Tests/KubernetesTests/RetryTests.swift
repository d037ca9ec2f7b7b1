import HTTP
import JSON
import Testing
import Transport

@testable import Kubernetes

/// What an overloaded API server says, from a server of ours: a real one cannot be made to say it on demand.
@Suite struct RetryTests {
  private func withServer(
    limit: Duration = .seconds(20), _ answer: @escaping @Sendable (Int) -> HTTPReply,
    _ body: (KubernetesClient, Tally) async throws -> Void
  ) async throws {
    let loops = try LoopGroup(count: 1), asked = Tally()
    var settings = HTTPServerConfiguration(address: try SocketAddress("127.0.0.1:0"))
    settings.deadlines.drainLinger = .milliseconds(10)
    let server = HTTPServer(configuration: settings, tls: nil, loops: loops) { _ in
      asked.add()
      return answer(asked.value)
    }
    let port = try await server.start().port
    var configuration = ClusterConfiguration(
      server: ServerAddress(isTLS: false, host: "127.0.0.1", port: port, path: ""), trust: .plain,
      credential: .none)
    configuration.callLimit = limit
    let client = KubernetesClient(configuration, clients: HTTPClientFactory(loop: loops.loops[0]))
    do { try await body(client, asked) } catch { Issue.record(error) }
    await client.close()
    await server.drain(within: .seconds(1))
    await loops.stop()
  }

  @Test(arguments: [429, 503, 500]) func `a server that asks for patience gets it`(status: Int) async throws {
    try await withServer { count in
      count < 3 ? .now(.failure(status, "busy", retryAfter: 0)) : .now(.json(Array("{}".utf8)))
    } _: { client, asked in
      _ = try await client.version()
      #expect(asked.value == 3)
    }
  }

  @Test(arguments: [500, 503, 403]) func `a server that does not ask for it is believed`(status: Int)
    async throws
  {
    try await withServer { _ in
      .now(.failure(status, "no"))
    } _: { client, asked in
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.version() }
      #expect(error?.code == status && asked.value == 1)
    }
  }

  @Test func `patience ends with the deadline, at once when it cannot be enough`() async throws {
    try await withServer(limit: .seconds(50)) { _ in
      .now(.failure(429, "busy", retryAfter: 60))
    } _: {
      client, asked in
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.version() }
      #expect(error?.retryAfter == .seconds(60) && error?.isTransient == true && asked.value == 1)
    }
  }

  @Test func `a reader who wants to know is told that a type is gone`() async throws {
    for (wants, left) in [(true, 0), (false, 1)] {
      try await withServer { count in
        let list: JSONValue = [
          "metadata": ["resourceVersion": "5"], "items": [["metadata": ["name": "a", "namespace": "b"]]],
        ]
        return count == 1 ? .now(.json(list.bytes)) : .now(.failure(404, "404 page not found"))
      } _: { client, asked in
        let mirror = Mirror()
        let reflector = Reflector(
          .configMaps, client: client,
          chance: ReflectorChance(pause: { _ in try await Task.sleep(for: .milliseconds(5)) }),
          forgetsMissing: wants, project: { _ in () }, sink: { mirror.apply($0) })
        let task = Task { await reflector.run() }
        #expect(await eventually { reflector.current.failures >= 2 })
        #expect(mirror.versions.count == left && reflector.current.isMissing)
        task.cancel()
        await task.value
      }
    }
  }

  @Test func `patience ends after ten answers`() async throws {
    try await withServer { _ in
      .now(.failure(503, "busy", retryAfter: 0))
    } _: { client, asked in
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.version() }
      #expect(error?.reason == .serviceUnavailable && asked.value == KubernetesLimits.attempts)
    }
  }

  @Test func `a server that does not answer is not waited for past the deadline`() async throws {
    try await withServer(limit: .milliseconds(100)) { _ in
      .later {
        try? await Task.sleep(for: .seconds(30))
        return .json([])
      }
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.version() }
      #expect(error?.reason == .deadlineExceeded)
    }
  }

  @Test func `what the server said before it fell silent is not lost`() async throws {
    let status = #"{"kind":"Status","status":"Failure","message":"etcdserver: no leader","code":503}"#
    try await withServer(limit: .seconds(3)) { count in
      guard count > 1 else {
        return .now(HTTPResponse(status: 503, headers: ["retry-after": "0"], body: Array(status.utf8)))
      }
      return .later {
        try? await Task.sleep(for: .seconds(30))
        return .json([])
      }
    } _: { client, asked in
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.version() }
      #expect(error?.reason == .deadlineExceeded && asked.value == 2)
      #expect(error?.message.contains("after an answer with 503: etcdserver: no leader") == true)
    }
  }

  @Test func `a cancelled call says so`() async throws {
    try await withServer { _ in
      .later {
        try? await Task.sleep(for: .seconds(30))
        return .json([])
      }
    } _: { client, asked in
      let call = Task { () -> KubernetesError? in
        do throws(KubernetesError) {
          _ = try await client.version()
          return nil
        } catch {
          return error
        }
      }
      #expect(await eventually { asked.value == 1 })
      call.cancel()
      #expect(await call.value?.reason == .cancelled)
    }
  }

  @Test(arguments: ["", "<html>", "[1,", "{}"]) func `an answer that is no list is an error`(body: String)
    async throws
  {
    try await withServer { _ in
      .now(HTTPResponse(status: 200, body: Array(body.utf8)))
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.list(.pods) }
      #expect(error?.reason == .malformed)
    }
  }
}
