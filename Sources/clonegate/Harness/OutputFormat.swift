import ArgumentParser
import JSON

/// `-o`: for programs instead of for people.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case json, yaml

  func text(_ value: JSONValue) -> String {
    switch self {
    case .json: String(decoding: value.prettyBytes, as: UTF8.self)
    case .yaml: YAMLWriter.text(value)
    }
  }

  /// One object as it is, several as a List.
  func text(_ values: [JSONValue], isList: Bool) -> String {
    if !isList, values.count == 1 { return text(values[0]) }
    return text(["apiVersion": "v1", "kind": "List", "metadata": [:], "items": .array(values)])
  }
}
