import JSON

/// A YAML scalar as it was written, and the JSON that Kubernetes makes of it.
///
/// Rule source: sigs.k8s.io/yaml reads with the resolver of go-yaml v2: the booleans of YAML 1.1 (`yes`,
/// `on`, `n`, ...), integers in Go's notation (`0777` and `0o777` octal, `0x`, `0b`, underscores), floats,
/// `~` and `null`; base 60 numbers and timestamps stay strings.
struct YAMLScalar: Hashable {
  let text: String
  /// The tag as libyaml expands it (`tag:yaml.org,2002:int`); nil when none was written.
  let tag: String?
  /// Written without quotes and not as a block, so that the text decides the kind.
  let isPlain: Bool

  /// Nil when the tag is none of the core ones, the text does not fit the tag, or JSON has no such value
  /// (`.nan`).
  var value: JSONValue? {
    guard let tag else { return isPlain ? Self.resolve(text) : .string(text) }
    let resolved = Self.resolve(text)
    switch tag {
    case "tag:yaml.org,2002:str": return .string(text)
    case "tag:yaml.org,2002:bool": return resolved?.bool == nil ? nil : resolved
    case "tag:yaml.org,2002:null": return resolved?.isNull == true ? .null : nil
    case "tag:yaml.org,2002:int": return YAMLNumber.integer(text).map { .number($0) }
    case "tag:yaml.org,2002:float": return if case .number? = resolved { resolved } else { nil }
    default: return nil
    }
  }

  private static func resolve(_ text: String) -> JSONValue? {
    if let known = words[text] { return known }
    if unwritable.contains(text) { return nil }
    return YAMLNumber.text(of: text).map { .number($0) } ?? .string(text)
  }

  private static let words: [String: JSONValue] = {
    var words: [String: JSONValue] = [:]
    for text in ["", "~", "null", "Null", "NULL"] { words[text] = .null }
    for text in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
      words[text] = true
    }
    for text in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
      words[text] = false
    }
    return words
  }()

  /// Floats that YAML has and JSON has not.
  private static let unwritable: Set<String> = [
    ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
  ]
}
