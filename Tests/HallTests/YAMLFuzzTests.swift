import Authorization
import Foundation
import Fuzzing
import JSON
import Testing

@testable import clonegate

/// The standalone directory's YAML, damaged. The rules behind the objects are fuzzed as JSON by the `rbac`
/// target of Tests/Fuzz; this is the way there.
@Suite struct YAMLFuzzTests {
  /// Enough to meet every branch of the reader many times; some seconds in a debug build.
  private static let runs = 3000
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/fuzz/yaml").standardized

  private static let target = FuzzTarget(
    name: "yaml",
    words: [
      "kind: RoleBinding\n", "apiVersion: v1\n", "rules:\n", "- ", "  ", "verbs: [\"*\"]\n", "namespace: ",
      "name: ",
      "---\n", "...\n", "&a ", "*a", "<<: *a\n", "!!str ", "!!binary ", "|\n", ">-\n", "\"", "'", "# ", "{",
      "}", "[",
      "]", ": ", "null", "~", "0x10", "1_000", ".inf", "yes", "? ", "%YAML 1.1\n", "\\u0000", "\t", "- - - ",
    ]
  ) { bytes in
    let manifests: [Manifest]
    do throws(ManifestProblem) { manifests = try Manifest.read(bytes, file: "input.yaml") } catch {
      return String(error.message.prefix(30))
    }
    for manifest in manifests { try writtenReadsTheSame(manifest) }
    let (_, problems) = Policy.build(from: manifests.map { JSONNode($0.value) })
    return "\(manifests.count) \(problems.count)"
  }

  private static func writtenReadsTheSame(_ manifest: Manifest) throws {
    let text = YAMLWriter.text(manifest.value)
    do {
      let again = try Manifest.read(Array(text.utf8), file: "again.yaml")
      try BrokenRule.check(again.map(\.value) == [manifest.value], "reads differently when written: \(text)")
    } catch let problem as ManifestProblem {
      throw BrokenRule("what was written is refused: \(problem)\n\(text)")
    }
  }

  @Test func `damaged YAML is refused or read, and what was read is written so that it reads the same`()
    throws
  {
    var runner = FuzzRunner(target: Self.target, corpus: try Corpus(folder: Self.folder), seed: 1)
    try runner.run(times: Self.runs, until: .now + .seconds(60))
    #expect(runner.features > 10)
  }
}
