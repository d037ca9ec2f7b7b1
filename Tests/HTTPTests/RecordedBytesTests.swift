import Foundation
import Testing

@testable import HTTP

/// The decrypted bytes that a real API server sent, through the codecs.
@Suite struct RecordedBytesTests {
  private struct Recorded: Decodable {
    struct Request: Decodable {
      let method: String
      let path: String
      let headers: [[String]]
      let body_bytes: Int
    }
    let file: String
    let requests: [Request]
  }

  private struct Connections: Decodable {
    let first: Recorded
    let second: Recorded
    let http2: Recorded
    enum CodingKeys: String, CodingKey {
      case first = "http1-1"
      case second = "http1-2"
      case http2 = "h2-1"
    }
  }

  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/wire")

  private static func bytes(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent(file)))
  }

  private static func expected(_ connection: String) throws -> (bytes: [UInt8], requests: [String]) {
    let data = try Data(contentsOf: folder.appendingPathComponent("connections.json"))
    let all = try JSONDecoder().decode(Connections.self, from: data)
    let recorded = try #require([all.first, all.second, all.http2].first { $0.file.hasPrefix(connection) })
    let bytes = try bytes(recorded.file)
    let requests = recorded.requests.map { request in
      let fields = request.headers.filter { !$0[0].hasPrefix(":") || $0[0] == ":authority" }
        .map { "\($0[0] == ":authority" ? "host" : $0[0].lowercased())=\($0[1])" }.joined(separator: "|")
      return "\(request.method) \(request.path) [\(fields)] \(request.body_bytes)"
    }
    return (bytes, requests)
  }

  private func summary(_ request: String) -> String {
    let cut = request.range(of: "] ")!
    return request[..<cut.upperBound] + "\(request[cut.upperBound...].utf8.count)"
  }

  @Test(arguments: ["http1-client-bytes-1", "http1-client-bytes-2"])
  func `HTTP/1.1 requests of an API server are read in every split`(
    connection: String
  ) throws {
    let (bytes, expected) = try Self.expected(connection)
    let whole = events([bytes]).filter { $0.hasPrefix("POST") }
    #expect(whole.map { summary(String($0.dropLast(" keeps=true".count))) } == expected)
    for split in splits(bytes) { #expect(events(split).filter { $0.hasPrefix("POST") } == whole) }
  }

  @Test func `HTTP/2 requests of an API server are read and answered in every split`() throws {
    let (bytes, expected) = try Self.expected("h2-client-bytes-1")
    let whole = RawServer()
    let answers = whole.frames(for: bytes).filter { $0.hasPrefix("HEADERS") || $0.hasPrefix("DATA") }
    #expect(whole.requests.map(summary) == expected)
    #expect(answers.count == expected.count * 2 && whole.isOpen)
    for split in splits(bytes) {
      let server = RawServer()
      var output: [UInt8] = []
      for piece in split { output += server.feed(piece) }
      #expect(server.requests == whole.requests)
      #expect(
        RawFrames.describe(output).filter { $0.hasPrefix("HEADERS") || $0.hasPrefix("DATA") }.sorted()
          == answers.sorted())
    }
  }
}
