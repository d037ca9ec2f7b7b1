import Foundation
import HTTP
import JSON
import Testing

/// The recorded answers of an API server.
enum Recorded {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/api")

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: try bytes(name)) }

  struct Answer: Sendable, CustomTestStringConvertible {
    let file: String
    let status: Int
    let retryAfter: String?

    var response: HTTPResponse {
      get throws {
        var headers = HTTPHeaders.json
        if let retryAfter { headers.add("retry-after", retryAfter) }
        return HTTPResponse(status: status, headers: headers, body: try Recorded.bytes(file))
      }
    }
    var testDescription: String { "\(file) (\(status))" }
  }

  /// Every answer in the index whose body is kept.
  static let answers: [Answer] = {
    let index = try? json("index.json").array
    return (index ?? []).compactMap { entry in
      guard let file = entry["file"]?.string, let status = entry["response"]?["status"]?.int,
        FileManager.default.fileExists(atPath: folder.appending(path: file).path)
      else { return nil }
      let header = entry["response"]?["headers"]?.array?.first { $0.array?.first?.string == "Retry-After" }
      return Answer(file: file, status: Int(status), retryAfter: header?.array?.last?.string)
    }
  }()
}
