import Foundation
import Testing
import Transport

@testable import HTTP

/// A program of the system.
private struct Tool {
  let name: String

  var isThere: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }

  /// Runs it for at most a minute; returns its exit code and everything that it printed.
  func run(_ arguments: [String], input: String = "") async throws -> (code: Int32, output: String) {
    let name = name
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files, not pipes: Foundation's handles trap when a signal interrupts them.
    let (feed, printed) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
    try Data(input.utf8).write(to: feed)
    try Data().write(to: printed)
    let code = try await offPool {
      let process = Process(), output = try FileHandle(forWritingTo: printed)
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["timeout", "60", name] + arguments
      process.standardInput = try FileHandle(forReadingFrom: feed)
      process.standardOutput = output
      process.standardError = output
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    return (code, String(decoding: try Data(contentsOf: printed), as: UTF8.self))
  }
}

private let curl = Tool(name: "curl"), nghttp = Tool(name: "nghttp"), h2load = Tool(name: "h2load")
private let python = Tool(name: "python3"), openssl = Tool(name: "openssl")

/// Clients that others wrote, over real TLS. One at a time: Foundation crashes when two threads start a
/// process.
@Suite(.serialized) struct ToolTests {
  private func base(_ server: LiveServer) -> String { "https://localhost:\(server.address.port)" }
  private var trust: [String] { ["-sS", "--cacert", TestCertificates.shared.authority] }

  @Test(
    .enabled(if: curl.isThere, "curl is not installed"), arguments: [("--http1.1", "1.1"), ("--http2", "2")])
  func `curl posts, keeps its connection, and is answered`(flag: String, version: String) async throws {
    let server = try await LiveServer.start(tls: true)
    let words = ["-d", #"{"a":1}"#, "-w", " v%{http_version} %{http_code} n%{num_connects}\n"]
    let urls = ["\(base(server))/echo", "\(base(server))/later"]
    let (code, output) = try await curl.run(trust + [flag] + words + urls)
    #expect(code == 0)
    #expect(output == "{\"a\":1} v\(version) 200 n1\n{\"a\":1} v\(version) 200 n0\n")
    await server.stop()
  }

  @Test(
    .enabled(if: curl.isThere, "curl is not installed"),
    arguments: [
      ["--http1.1", "-H", "Expect: 100-continue"], ["--http1.1", "-H", "Transfer-Encoding: chunked"],
      ["--http1.1", "-H", "Expect:"], ["--http2"],
    ])
  func `curl sends three MiB, however it frames them`(flags: [String]) async throws {
    let server = try await LiveServer.start(tls: true)
    let body = String(repeating: "0123456789abcdef", count: 3 * 65536)
    let (code, output) = try await curl.run(
      trust + flags + ["--data-binary", "@-", "\(base(server))/echo"], input: body)
    #expect(code == 0 && output == body)
    await server.stop()
  }

  @Test(.enabled(if: curl.isThere, "curl is not installed"), arguments: ["--http1.1", "--http2"])
  func `curl is told when a body is too large`(flag: String) async throws {
    let server = try await LiveServer.start(tls: true)
    let body = String(repeating: "x", count: HTTPLimits().bodyBytes + 1)
    let (_, output) = try await curl.run(
      trust + [flag, "--data-binary", "@-", "-w", " %{http_code}", "\(base(server))/echo"], input: body)
    #expect(output.contains(#""reason":"RequestEntityTooLarge","code":413"#), "\(output)")
    await server.stop()
  }

  @Test(.enabled(if: nghttp.isThere, "nghttp is not installed"))
  func `nghttp asks many times on one connection`() async throws {
    let server = try await LiveServer.start(tls: true)
    let (code, output) = try await nghttp.run(["-nas", "-m", "40", "\(base(server))/x"])
    #expect(code == 0)
    #expect(output.components(separatedBy: " 200 ").count - 1 == 40, "\(output)")
    #expect(server.events.all.isEmpty)
    await server.stop()
  }

  @Test(
    .enabled(if: h2load.isThere, "h2load is not installed"),
    arguments: [["-c4", "-m50"], ["-c16", "-m100"], ["--h1", "-c25"]])
  func `h2load loses no request`(flags: [String]) async throws {
    let server = try await LiveServer.start(tls: true, threads: 2) { $0.inFlight = 2000 }
    for path in ["x", "later"] {
      let (code, output) = try await h2load.run(["-n", "4000"] + flags + ["\(base(server))/\(path)"])
      #expect(code == 0)
      #expect(output.contains("4000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(output)")
    }
    #expect(server.events.all.isEmpty, "\(server.events.all)")
    await server.stop()
  }

  @Test(.enabled(if: openssl.isThere, "openssl is not installed"))
  func `openssl s_client without ALPN is answered in HTTP/1.1`() async throws {
    let server = try await LiveServer.start(tls: true)
    let (_, output) = try await openssl.run(
      [
        "s_client", "-quiet", "-verify_return_error", "-CAfile", TestCertificates.shared.authority,
        "-connect",
        "localhost:\(server.address.port)",
      ], input: "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    #expect(output.contains("HTTP/1.1 200 OK\r\n") && output.hasSuffix("GET /x 0"), "\(output)")
    await server.stop()
  }

  private static let script = """
    import http.client, ssl, sys
    trust = ssl.create_default_context(cafile=sys.argv[2])
    c = http.client.HTTPSConnection("localhost", int(sys.argv[1]), context=trust)
    for i in range(50):
        c.request("POST", "/echo" if i % 2 else "/later", body=b"x" * i * 100,
                  headers={"Content-Type": "application/json"})
        r = c.getresponse()
        assert r.status == 200 and r.read() == b"x" * i * 100
        assert not r.will_close
    c.request("POST", "/echo", body=iter([b"one ", b"two"]), encode_chunked=True,
              headers={"Transfer-Encoding": "chunked"})
    r = c.getresponse()
    assert r.read() == b"one two"
    c.request("HEAD", "/x")
    r = c.getresponse()
    assert r.status == 200 and r.read() == b"" and r.getheader("content-length") == "9"
    c.request("GET", "/x", headers={"Connection": "close"})
    r = c.getresponse()
    assert r.read() == b"GET /x 0" and r.will_close
    print("fine")
    """

  @Test(.enabled(if: python.isThere, "python3 is not installed"))
  func `Python's http.client keeps a connection through every kind of request`() async throws {
    let server = try await LiveServer.start(tls: true)
    let (code, output) = try await python.run(
      ["-c", Self.script, "\(server.address.port)", TestCertificates.shared.authority])
    #expect(code == 0 && output == "fine\n", "\(output)")
    await server.stop()
  }

  /// Floods a server over TLS and prints the error code of the GOAWAY that it gets before the end.
  private static let flood = """
    import socket, ssl, struct, sys
    trust = ssl.create_default_context(cafile=sys.argv[2])
    trust.set_alpn_protocols(["h2"])
    s = trust.wrap_socket(socket.create_connection(("localhost", int(sys.argv[1])), timeout=20),
                          server_hostname="localhost")
    def frame(kind, flags, stream, payload=b""):
        head = struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream)
        return head + payload
    # GET https / with the static table of HPACK and :authority "a"
    block = bytes([0x82, 0x87, 0x84, 0x41, 1, 0x61])
    floods = {
        "reset": lambda i: frame(1, 5, 2 * i + 1, block) + frame(3, 0, 2 * i + 1, b"\\0\\0\\0\\x08"),
        "ping": lambda i: frame(6, 0, 0, b"12345678"),
        "settings": lambda i: frame(4, 0, 0),
        "continuation": lambda i: frame(9, 0, 1, b"\\0\\1x\\1y") if i else frame(1, 1, 1, block),
    }
    make = floods[sys.argv[3]]
    received = b""
    try:
        s.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + frame(4, 0, 0))
        for i in range(0, 20000, 50):
            s.sendall(b"".join(make(j) for j in range(i, i + 50)))
    except OSError:
        pass
    try:
        while True:
            more = s.recv(65536)
            if not more: break
            received += more
    except OSError:
        pass
    codes, at = [], 0
    while at + 9 <= len(received):
        length = int.from_bytes(received[at:at + 3], "big")
        if received[at + 3] == 7: codes.append(int.from_bytes(received[at + 13:at + 17], "big"))
        at += 9 + length
    print("ended", codes)
    """

  @Test(
    .enabled(if: python.isThere, "python3 is not installed"),
    arguments: ["reset", "ping", "settings", "continuation"])
  func `a flood over TLS ends its own connection and nobody else's`(kind: String) async throws {
    let server = try await LiveServer.start(tls: true)
    let neighbour = try server.client(tls: true)
    #expect(try await neighbour.send(HTTPRequest(method: "GET", path: "/x")).status == 200)
    let (code, output) = try await python.run(
      ["-c", Self.flood, "\(server.address.port)", TestCertificates.shared.authority, kind])
    #expect(code == 0 && output.hasPrefix("ended"), "\(output)")
    // The reset that follows an end under fire may overtake the GOAWAY; what counts is the end.
    #expect(server.events.all.contains { $0.contains("cutOff") }, "\(output) \(server.events.all)")
    #expect(try await neighbour.send(HTTPRequest(method: "GET", path: "/x")).status == 200)
    #expect(server.server.connectionCount == 1)
    await server.stop()
  }
}
