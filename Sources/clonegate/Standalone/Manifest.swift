import JSON

/// One Kubernetes object read from a file, and where it stands there.
struct Manifest: Sendable, Hashable {
  let value: JSONValue
  /// Path of the file, relative to the directory.
  let file: String
  /// Line on which the object's document begins.
  let line: Int

  var apiVersion: String { value["apiVersion"]?.string ?? "" }
  var kind: String { value["kind"]?.string ?? "" }
  var namespace: String { value["metadata"]?["namespace"]?.string ?? "" }
  var name: String { value["metadata"]?["name"]?.string ?? "" }

  /// What the object is, whatever its version: the directory holds each only once.
  var identity: ManifestIdentity {
    let group = apiVersion.split(separator: "/").count > 1 ? String(apiVersion.split(separator: "/")[0]) : ""
    return ManifestIdentity(group: group, kind: kind, namespace: namespace, name: name)
  }
}

/// Group, kind, namespace and name.
struct ManifestIdentity: Sendable, Hashable, CustomStringConvertible {
  let group: String
  let kind: String
  let namespace: String
  let name: String

  var description: String { namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)" }
}

/// What is wrong with a file of the directory, in a sentence that begins with its name.
struct ManifestProblem: Error, Sendable, Hashable, CustomStringConvertible {
  let file: String
  let message: String
  var line = 0

  var description: String { line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)" }
}

extension Manifest {
  /// The objects of a text, Lists taken apart, each with an apiVersion, a kind and a name.
  static func read(
    _ bytes: [UInt8], file: String, limits: YAMLLimits = .init()
  ) throws(ManifestProblem) -> [Manifest] {
    let documents = try documents(bytes, file: file, limits: limits)
    var manifests: [Manifest] = []
    for document in documents {
      for value in flatten(document.value) {
        manifests.append(try Manifest(checking: value, file: file, line: document.line))
      }
    }
    return manifests
  }

  /// JSON is read as JSON, because YAML has no surrogate pairs; whatever else begins with a brace is YAML's
  /// flow style.
  private static func documents(
    _ bytes: [UInt8], file: String, limits: YAMLLimits
  ) throws(ManifestProblem) -> [YAMLReader.Document] {
    let bytes = bytes.withoutByteOrderMark
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    if bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{"), let value = try? JSONValue(parsing: bytes) {
      return [YAMLReader.Document(value: value, line: 1)]
    }
    do throws(YAMLProblem) {
      return try YAMLReader.documents(bytes, limits: limits)
    } catch {
      throw ManifestProblem(file: file, message: error.message, line: error.line)
    }
  }

  /// The members of a List (`kind: List`, or `SomethingList` whose items may leave out their kind), else
  /// the object.
  private static func flatten(_ value: JSONValue) -> [JSONValue] {
    guard let items = value["items"]?.array, let kind = value["kind"]?.string, kind.hasSuffix("List") else {
      return [value]
    }
    let itemKind = String(kind.dropLast("List".count))
    return items.flatMap { item -> [JSONValue] in
      guard item.object != nil, !itemKind.isEmpty, item["kind"] == nil else { return flatten(item) }
      var item = item
      item["kind"] = .string(itemKind)
      if item["apiVersion"] == nil { item["apiVersion"] = value["apiVersion"] }
      return [item]
    }
  }

  private init(checking value: JSONValue, file: String, line: Int) throws(ManifestProblem) {
    self.init(value: value, file: file, line: line)
    if let problem { throw ManifestProblem(file: file, message: problem, line: line) }
  }

  /// Why this is no object that could be named.
  private var problem: String? {
    guard value.object != nil else { return "an object with apiVersion, kind and metadata was expected" }
    for key in ["apiVersion", "kind"] {
      if let problem = Self.problem(value[key], key) { return problem }
      if value[key]?.string?.isEmpty ?? true { return "\(key) is missing" }
    }
    let metadata = value["metadata"]
    for key in ["name", "generateName", "namespace"] {
      if let problem = Self.problem(metadata?[key], "metadata.\(key)") { return "\(kind): \(problem)" }
    }
    return name.isEmpty && metadata?["generateName"]?.string == nil
      ? "\(kind): metadata.name is missing" : nil
  }

  /// YAML makes a number of `5` and a boolean of `on`, and a name of neither.
  private static func problem(_ value: JSONValue?, _ path: String) -> String? {
    switch value {
    case nil, .null, .string: nil
    case .number(let text): "\(path) must be a string, not a number: write \"\(text)\""
    case .bool: "\(path) must be a string, not a boolean: put it in quotes"
    case .array, .object: "\(path) must be a string"
    }
  }
}
