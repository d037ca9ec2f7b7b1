import Foundation
import Testing

@testable import JSON

/// The reviews that a real API server sent, kept beside the repository.
@Suite struct FixtureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/fixtures/admission").standardized
  static let files =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
      $0.hasSuffix(".json")
    }.sorted()

  @Test(
    .enabled(if: !files.isEmpty, "the recordings are not beside this clone (../shared/fixtures/admission)"))
  func `every recorded review reads, and reads the same after writing`() throws {
    #expect(Self.files.count > 100)
    for file in Self.files {
      let bytes = Array(try Data(contentsOf: Self.folder.appending(path: file)))
      let node = try JSONDocument(parsing: bytes).root
      let value = node.value
      #expect(try JSONValue(parsing: value.bytes) == value, "\(file)")
      #expect(try JSONValue(parsing: value.prettyBytes) == value, "\(file)")
      #expect(JSONNode(value).value == value, "\(file)")
    }
  }
}
