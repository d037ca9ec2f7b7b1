// Reads what the gate reads of a review, with this house's parser and with Foundation's, in turns, and
// prints the medians.
//
//   swift run -c release JSONBenchmark [rounds]
//
// Only the ratio counts: both run in one process, on the same bytes, one round after the other.

import Foundation
import JSON

@main
enum JSONBenchmark {
  /// The bytes that one round of one parser reads; about 10 to 100 ms.
  private static let bytesPerRound = 8 << 20

  static func main() throws {
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 15
    print("document          bytes   JSON room   MB/s   JSONSerialization   ratio   check")
    for (name, bytes) in try documents() {
      let data = Data(bytes)
      let count = max(1, bytesPerRound / bytes.count)
      var (ours, theirs): ([Double], [Double]) = ([], [])
      var (seen, expected) = (0, 0)
      for _ in 0..<rounds {
        ours.append(try time(count) { seen = try readWithRoom(bytes) })
        theirs.append(try time(max(1, count / 8)) { expected = try readWithFoundation(data) })
      }
      guard seen == expected else { throw Mismatch(name: name, room: seen, foundation: expected) }
      report(name, bytes.count, median(ours), median(theirs), seen)
    }
  }

  private struct Mismatch: Error { let name: String, room: Int, foundation: Int }

  private static func report(_ name: String, _ bytes: Int, _ ours: Double, _ theirs: Double, _ check: Int) {
    let row = [
      name.padding(toLength: 14, withPad: " ", startingAt: 0), String(format: "%8d", bytes),
      String(format: "%9.2f µs", ours * 1e6), String(format: "%6.0f", Double(bytes) / ours / 1e6),
      String(format: "%17.1f µs", theirs * 1e6), String(format: "%7.1f", theirs / ours), "  \(check)",
    ]
    print(row.joined(separator: " "))
  }

  /// Seconds for one call, over `count` of them.
  private static func time(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    for _ in 0..<count { try body() }
    let took = ContinuousClock.now - start
    return (Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18) / Double(count)
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// A clone of 3 KB, a machine of 16 KB, and one of 200 KB made of its templates.
  private static func documents() throws -> [(name: String, bytes: [UInt8])] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Fixtures/fuzz/review").standardized
    let small = Array(try Data(contentsOf: folder.appending(path: "vm-mixed-templates.json")))
    let large = Array(try Data(contentsOf: folder.appending(path: "vm-50-templates.json")))
    var value = try JSONValue(parsing: large)
    var request = value["request"] ?? .null
    request["oldObject"] = .array(Array(repeating: request["object"] ?? .null, count: 12))
    value["request"] = request
    return [("3 KB review", small), ("16 KB review", large), ("200 KB review", value.bytes)]
  }
}

/// What a decision reads: who asks, for what, and the templates' sources.
private func readWithRoom(_ bytes: [UInt8]) throws -> Int {
  let root = try JSONDocument(parsing: bytes).root
  guard let request = root["request"] else { return 0 }
  var sum = 0
  for name in ["uid", "operation", "namespace", "name"] { sum += request[name]?.string?.utf8.count ?? 0 }
  sum += request["userInfo"]?["username"]?.string?.utf8.count ?? 0
  for group in request["userInfo"]?["groups"]?.elements ?? [] { sum += group.string?.utf8.count ?? 0 }
  for template in request["object"]?["spec"]?["dataVolumeTemplates"]?.elements ?? [] {
    sum += template["metadata"]?["name"]?.string?.utf8.count ?? 0
    let source = template["spec"]?["source"]?["pvc"]
    sum += source?["namespace"]?.string?.utf8.count ?? 0
    sum += source?["name"]?.string?.utf8.count ?? 0
  }
  return sum
}

/// The same with Foundation.
private func readWithFoundation(_ data: Data) throws -> Int {
  let root = try JSONSerialization.jsonObject(with: data)
  func member(_ value: Any?, _ names: String...) -> Any? {
    names.reduce(value) { ($0 as? [String: Any])?[$1] }
  }
  func length(_ value: Any?) -> Int { (value as? String)?.utf8.count ?? 0 }
  guard let request = member(root, "request") else { return 0 }
  var sum = 0
  for name in ["uid", "operation", "namespace", "name"] { sum += length(member(request, name)) }
  sum += length(member(request, "userInfo", "username"))
  for group in member(request, "userInfo", "groups") as? [Any] ?? [] { sum += length(group) }
  for template in member(request, "object", "spec", "dataVolumeTemplates") as? [Any] ?? [] {
    sum += length(member(template, "metadata", "name"))
    sum += length(member(template, "spec", "source", "pvc", "namespace"))
    sum += length(member(template, "spec", "source", "pvc", "name"))
  }
  return sum
}
