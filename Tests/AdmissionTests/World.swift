import Admission
import Authorization
import Foundation
import JSON
import Yams

/// A judge over objects that a test writes down, and the places where recorded ones lie.
enum World {
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let recordings = package.appending(path: "Tests/Fixtures/admission")
  static let cases = package.appending(path: "Tests/AdmissionTests/Cases")
  static let peer = package.deletingLastPathComponent().appending(path: "shared/peer")

  static func judge(_ yaml: String = "", settings: AdmissionSettings = AdmissionSettings()) throws -> Judge {
    judge(try objects(yaml), settings: settings)
  }

  static func judge(_ objects: [JSONNode], settings: AdmissionSettings = AdmissionSettings()) -> Judge {
    let inventory = Inventory.build(from: objects).inventory
    let pods = objects.filter { $0.text("kind") == "Pod" }.compactMap { PodDisks($0) }
    return Judge(
      policy: Policy.build(from: objects).policy, inventory: inventory.used(by: pods), settings: settings)
  }

  static func bytes(_ file: URL) throws -> [UInt8] { Array(try Data(contentsOf: file)) }

  static func json(_ file: URL) throws -> JSONValue { try JSONValue(parsing: bytes(file)) }

  /// Objects of a multi-document YAML text.
  static func objects(_ yaml: String) throws -> [JSONNode] {
    try Yams.compose_all(yaml: yaml).map { value($0) }.filter { !$0.isNull }.map { JSONNode($0) }
  }

  static func value(yaml: String) throws -> JSONValue { try Yams.compose(yaml: yaml).map(value) ?? .null }

  private static func value(_ node: Yams.Node) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      var object = JSONObject()
      for (key, member) in mapping { object[key.string!] = value(member) }
      return .object(object)
    case .sequence(let sequence): return .array(sequence.map(value))
    case .scalar, .alias:
      if node.tag == Tag(.null) { return .null }
      if node.tag == Tag(.bool), let flag = node.bool { return .bool(flag) }
      if node.tag == Tag(.int), let number = node.int { return .number(String(number)) }
      return .string(node.string!)
    }
  }

  /// The names of the files or folders of a folder, in order; none when it is absent.
  static func names(in folder: URL) -> [String] {
    let entries = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (entries ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }
}
