import JSON

/// YAML text to JSON values, as Kubernetes would read it, within limits. Stricter than kubectl in two
/// places, so that a file means one thing: a key given twice is refused, and so is a tag that JSON has no
/// value for.
struct YAMLReader {
  /// A document that is not empty, and the line on which its text starts.
  struct Document {
    let value: JSONValue
    let line: Int
  }

  /// What an anchor stands for, and how many values and levels that is when it is written out.
  private struct Anchored {
    let value: JSONValue
    let values: Int
    let levels: Int
  }

  private let events: YAMLEvents
  private let limits: YAMLLimits
  private var anchors: [String: Anchored] = [:]
  private var values = 0
  /// The deepest level reached by what is being read, with aliases written out.
  private var deepest = 0

  private init(_ bytes: [UInt8], limits: YAMLLimits) {
    events = YAMLEvents(bytes)
    self.limits = limits
  }

  /// All documents of a text, in order; empty documents are left out.
  static func documents(_ bytes: [UInt8], limits: YAMLLimits = .init()) throws(YAMLProblem) -> [Document] {
    guard bytes.count <= limits.maxBytes else {
      throw YAMLProblem("\(bytes.count) bytes are more than the \(limits.maxBytes) that one file may have")
    }
    var reader = YAMLReader(bytes.withoutByteOrderMark, limits: limits)
    var documents: [Document] = []
    while let document = try reader.document() {
      if !document.value.isNull { documents.append(document) }
    }
    return documents
  }

  private mutating func document() throws(YAMLProblem) -> Document? {
    guard case .documentStart = try events.next() else { return nil }
    anchors = [:]
    let first = try events.next()
    let line = events.line
    let value = try self.value(first, depth: 0)
    _ = try events.next()
    return Document(value: value, line: line)
  }

  private mutating func value(_ event: YAMLEvent, depth: Int) throws(YAMLProblem) -> JSONValue {
    if case .alias(let name) = event { return try expand(name, depth: depth) }
    try reach(depth)
    try count(1)
    let (valuesBefore, deepestBefore) = (values - 1, deepest)
    deepest = depth
    let (value, anchor) = try fresh(event, depth: depth)
    if let anchor {
      anchors[anchor] = Anchored(value: value, values: values - valuesBefore, levels: deepest - depth)
    }
    deepest = max(deepest, deepestBefore)
    return value
  }

  /// A value that is written here, not an alias, and the anchor it is given.
  private mutating func fresh(_ event: YAMLEvent, depth: Int) throws(YAMLProblem) -> (JSONValue, String?) {
    switch event {
    case .scalar(let scalar, let anchor):
      return (try json(scalar), anchor)
    case .sequenceStart(let tag, let anchor):
      try check(tag, is: "tag:yaml.org,2002:seq")
      return (try sequence(depth: depth + 1), anchor)
    case .mappingStart(let tag, let anchor):
      try check(tag, is: "tag:yaml.org,2002:map")
      return (try mapping(depth: depth + 1), anchor)
    case .alias, .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
      throw problem("a value was expected here")
    }
  }

  private mutating func sequence(depth: Int) throws(YAMLProblem) -> JSONValue {
    var elements: [JSONValue] = []
    while true {
      let event = try events.next()
      if case .sequenceEnd = event { return .array(elements) }
      elements.append(try value(event, depth: depth))
    }
  }

  private mutating func mapping(depth: Int) throws(YAMLProblem) -> JSONValue {
    var members = JSONObject()
    var merged: Set<String> = []
    while true {
      let event = try events.next()
      if case .mappingEnd = event { return .object(members) }
      if case .scalar(let scalar, _) = event, scalar.isPlain, scalar.text == "<<" {
        try merge(into: &members, merged: &merged, depth: depth)
        continue
      }
      let place = (line: events.line, column: events.column)
      let key = try self.key(try value(event, depth: depth))
      guard members[key] == nil || merged.remove(key) != nil else {
        throw YAMLProblem("the key `\(key)` is given twice", line: place.line, column: place.column)
      }
      members[key] = try value(try events.next(), depth: depth)
    }
  }

  /// `<<: *defaults`: members that the mapping does not give itself. A key before the merge and in it is
  /// refused, because readers differ on which of the two counts.
  private mutating func merge(
    into members: inout JSONObject, merged: inout Set<String>, depth: Int
  ) throws(YAMLProblem) {
    let value = try self.value(try events.next(), depth: depth)
    for source in value.array ?? [value] {
      guard let source = source.object else { throw problem("`<<` merges mappings only") }
      for key in source.keys where !merged.contains(key) {
        guard members[key] == nil else { throw problem("the key `\(key)` is given before `<<` and by it") }
        members[key] = source[key]
        merged.insert(key)
      }
    }
  }

  private func key(_ value: JSONValue) throws(YAMLProblem) -> String {
    switch value {
    case .string(let text), .number(let text): return text
    case .bool(let flag): return flag ? "true" : "false"
    case .null, .array, .object: throw problem("a key must be text, a number or a boolean")
    }
  }

  private mutating func expand(_ name: String, depth: Int) throws(YAMLProblem) -> JSONValue {
    guard let anchored = anchors[name] else {
      throw problem("the alias *\(name) stands for nothing before it")
    }
    try reach(depth + anchored.levels)
    try count(anchored.values)
    return anchored.value
  }

  private func json(_ scalar: YAMLScalar) throws(YAMLProblem) -> JSONValue {
    guard let value = scalar.value else {
      let tag = scalar.tag.map { " with the tag \($0)" } ?? ""
      throw problem("`\(scalar.text)`\(tag) has no value in JSON")
    }
    return value
  }

  private func check(_ tag: String?, is expected: String) throws(YAMLProblem) {
    guard tag == nil || tag == "!" || tag == expected else {
      throw problem("the tag \(tag!) is not understood")
    }
  }

  private mutating func reach(_ depth: Int) throws(YAMLProblem) {
    guard depth < limits.maxDepth else { throw problem("nested deeper than \(limits.maxDepth) levels") }
    deepest = max(deepest, depth)
  }

  private mutating func count(_ more: Int) throws(YAMLProblem) {
    values += more
    guard values <= limits.maxValues else {
      throw problem("more than \(limits.maxValues) values once its aliases are written out")
    }
  }

  private func problem(_ message: String) -> YAMLProblem {
    YAMLProblem(message, line: events.line, column: events.column)
  }
}

extension [UInt8] {
  /// The text of a file that some editors begin with U+FEFF, which says nothing in UTF-8; kubectl skips it.
  var withoutByteOrderMark: [UInt8] { starts(with: [0xEF, 0xBB, 0xBF]) ? Array(dropFirst(3)) : self }
}
