internal import JSON

/// Proof, on a stored DataVolume, that the gate accepted this very clone: a message authentication code over
/// who asked, when, for which disk and under which name. In a cluster the gate has no side effects; the
/// controller copies only for a DataVolume that bears a valid stamp.
///
/// The text of the annotation is `v1 CODE {…}`: the code in hexadecimal digits, and the JSON that it covers,
/// for people to read. The key is a Secret's and never part of it.
package struct AcceptanceStamp: Sendable, Hashable {
  /// What is stamped is only ever this annotation of a DataVolume.
  package static let annotation = "clonegate.dev/accepted"
  /// Seconds by which the object's creation may differ from the stamp's time. An API server answers a
  /// request within a minute; CDI's token lives five. An old stamp on a new object is somebody's copy.
  package static let leeway: Int64 = 300
  /// Bytes of the annotation's text: every name in it has its own, smaller bound.
  static let maxBytes = 4096
  /// Bytes of a requester's name that are kept; it is for people, and part of no decision.
  static let maxRequester = 256

  /// The DataVolume's own name, or the prefix that the API server makes one from.
  package enum Target: Sendable, Hashable {
    case name(String)
    case generateName(String)
  }

  /// Which key of the ring made the code.
  package let keyID: String
  /// When it was accepted, seconds since 1970.
  package let time: Int64
  package let requester: String
  /// The disk that may be read: of a `sourceRef` what it stood for when the clone was accepted.
  package let source: CloneSource
  /// The DataSource that the spec names instead of a disk; nil when it names the disk.
  package let reference: NamespacedName?
  package let namespace: String
  package let target: Target

  init(
    keyID: String, time: Int64, requester: String, source: CloneSource, reference: NamespacedName?,
    namespace: String, target: Target
  ) {
    self.keyID = keyID
    self.time = time
    self.requester = BoundedText.message(requester, limit: Self.maxRequester)
    self.source = source
    self.reference = reference
    self.namespace = namespace
    self.target = target
  }
}

// MARK: - Text

extension AcceptanceStamp {
  private static let version = "v1"
  /// So that a code of this key can never be one for something else.
  private static let purpose = Array("clonegate.dev/accepted v1 ".utf8)

  /// The annotation's text.
  /// - Parameter code: the message authentication code of the bytes, by the key `keyID`.
  func text(code: ([UInt8]) -> [UInt8]) -> String {
    let payload = json.bytes
    let digits = Self.hexadecimal(code(Self.purpose + payload))
    return "\(Self.version) \(digits) \(String(decoding: payload, as: UTF8.self))"
  }

  /// The stamp of a text, with what its code was made of; the code is not checked here.
  static func read(
    _ text: String
  ) throws(Malformed) -> (stamp: AcceptanceStamp, covered: [UInt8], code: [UInt8]) {
    guard text.utf8.count <= maxBytes else { throw Malformed("it is over \(maxBytes) bytes long") }
    let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == version, let code = bytes(hexadecimal: parts[1]) else {
      throw Malformed("it does not have the form `\(version) CODE {…}`")
    }
    let payload = Array(parts[2].utf8)
    guard let document = try? JSONDocument(parsing: payload), let stamp = AcceptanceStamp(document.root)
    else {
      throw Malformed("what it covers cannot be read")
    }
    return (stamp, purpose + payload, code)
  }

  struct Malformed: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private var json: JSONValue {
    var json: JSONObject = [
      "key": .string(keyID), "time": .number(String(time)), "requester": .string(requester),
      "source": [
        "kind": .string(source.kind.rawValue), "namespace": .string(source.id.namespace),
        "name": .string(source.id.name),
      ],
    ]
    if let reference {
      json["sourceRef"] = ["namespace": .string(reference.namespace), "name": .string(reference.name)]
    }
    json["namespace"] = .string(namespace)
    switch target {
    case .name(let name): json["name"] = .string(name)
    case .generateName(let prefix): json["generateName"] = .string(prefix)
    }
    return .object(json)
  }

  private init?(_ node: JSONNode) {
    guard let keyID = node.filled("key"), let time = node["time"]?.int,
      let requester = node.text("requester"), let source = node.field("source"),
      let kind = source.text("kind").flatMap(CloneSource.Kind.init(rawValue:)),
      let sourceNamespace = source.filled("namespace"), let sourceName = source.filled("name"),
      let namespace = node.filled("namespace")
    else { return nil }
    switch (node.filled("name"), node.filled("generateName")) {
    case (let name?, nil): target = .name(name)
    case (nil, let prefix?): target = .generateName(prefix)
    default: return nil
    }
    reference = node.field("sourceRef").map {
      NamespacedName(namespace: $0.text("namespace") ?? "", name: $0.text("name") ?? "")
    }
    self.keyID = keyID
    self.time = time
    self.requester = requester
    self.source = CloneSource(kind: kind, namespace: sourceNamespace, name: sourceName)
    self.namespace = namespace
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
    let values = text.utf8.compactMap { digits.firstIndex(of: $0).map { UInt8($0) } }
    guard values.count == text.utf8.count, values.count.isMultiple(of: 2), !values.isEmpty else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }
}
