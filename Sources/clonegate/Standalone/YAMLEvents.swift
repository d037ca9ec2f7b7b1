internal import CYaml

/// What libyaml sees next in a text.
enum YAMLEvent {
  case documentStart, documentEnd, streamEnd
  case alias(String)
  case scalar(YAMLScalar, anchor: String?)
  case sequenceStart(tag: String?, anchor: String?)
  case sequenceEnd
  case mappingStart(tag: String?, anchor: String?)
  case mappingEnd
}

/// libyaml's parser over a text that is kept alive beside it. Events rather than Yams' node tree, because a
/// tree is built before its size can be known: aliases inside a key make Yams hash the expanded value,
/// which never ends.
final class YAMLEvents {
  private let text: UnsafeMutableBufferPointer<UInt8>
  private var parser = yaml_parser_t()
  private(set) var line = 1
  private(set) var column = 1

  init(_ bytes: [UInt8]) {
    text = .allocate(capacity: bytes.count)
    _ = text.initialize(from: bytes)
    yaml_parser_initialize(&parser)
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(&parser)
    text.deallocate()
  }

  /// The next event, skipping the start of the stream; `streamEnd` for ever once the text is used up.
  func next() throws(YAMLProblem) -> YAMLEvent {
    while true {
      var raw = yaml_event_t()
      guard yaml_parser_parse(&parser, &raw) == 1 else { throw failure() }
      defer { yaml_event_delete(&raw) }
      line = raw.start_mark.line + 1
      column = raw.start_mark.column + 1
      if let event = Self.translate(raw) { return event }
    }
  }

  private static func translate(_ raw: yaml_event_t) -> YAMLEvent? {
    switch raw.type {
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_ALIAS_EVENT: .alias(string(raw.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT: .scalar(scalar(raw), anchor: string(raw.data.scalar.anchor))
    case YAML_SEQUENCE_START_EVENT:
      .sequenceStart(
        tag: string(raw.data.sequence_start.tag), anchor: string(raw.data.sequence_start.anchor))
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      .mappingStart(tag: string(raw.data.mapping_start.tag), anchor: string(raw.data.mapping_start.anchor))
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_STREAM_START_EVENT: nil
    default: .streamEnd
    }
  }

  private static func scalar(_ raw: yaml_event_t) -> YAMLScalar {
    let scalar = raw.data.scalar
    let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    return YAMLScalar(
      text: String(decoding: bytes, as: UTF8.self), tag: string(scalar.tag),
      isPlain: scalar.plain_implicit != 0 && scalar.style == YAML_PLAIN_SCALAR_STYLE)
  }

  private static func string(_ text: UnsafePointer<yaml_char_t>?) -> String? {
    text.map { String(decodingCString: $0, as: UTF8.self) }
  }

  private func failure() -> YAMLProblem {
    let mark = parser.problem_mark
    let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
    let context = parser.context.map { String(cString: $0) + ", " } ?? ""
    let isReader = parser.error == YAML_READER_ERROR
    return isReader
      ? YAMLProblem("\(problem) at byte \(parser.problem_offset)")
      : YAMLProblem(context + problem, line: mark.line + 1, column: mark.column + 1)
  }
}
