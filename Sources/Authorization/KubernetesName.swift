/// Kubernetes' rules for names, with its own sentences, from `apimachinery/pkg/util/validation` and
/// `apimachinery/pkg/api/validation/path`. Each function answers what is wrong; empty means valid.
package enum KubernetesName {
  /// A DNS subdomain's length, RFC 1123.
  static let subdomainLimit = 253
  /// A DNS label's length, RFC 1123; also of a label's value and of a qualified name's last part.
  static let labelLimit = 63

  /// What RBAC asks of a name: that it can be one segment of a URL path.
  package static func pathSegmentProblems(_ name: String) -> [String] {
    if name == "." || name == ".." { return ["may not be '\(name)'"] }
    return ["/", "%"].filter { mark in name.utf8.contains(mark.utf8.first!) }.map {
      "may not contain '\($0)'"
    }
  }

  /// Names of most objects: lower case, digits, '-' and '.', at most 253 bytes.
  package static func subdomainProblems(_ name: String) -> [String] {
    var problems: [String] = []
    if name.utf8.count > subdomainLimit {
      problems.append("must be no more than \(subdomainLimit) characters")
    }
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if !parts.allSatisfy({ isLowerLabel($0) }) {
      problems.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
          + "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
          + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    }
    return problems
  }

  /// Names of namespaces: lower case, digits and '-', at most 63 bytes.
  package static func labelProblems(_ name: String) -> [String] {
    var problems: [String] = []
    if name.utf8.count > labelLimit { problems.append("must be no more than \(labelLimit) characters") }
    if !isLowerLabel(Substring(name).utf8) {
      problems.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
          + "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
          + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")
    }
    return problems
  }

  /// A label's key: an optional DNS subdomain, a slash, and a name.
  static func labelKeyProblems(_ key: String) -> [String] {
    let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let last = parts.last, parts.count <= 2 else {
      return [
        "a qualified name \(labelRule) with an optional DNS subdomain prefix and '/' "
          + "(e.g. 'example.com/MyName')"
      ]
    }
    var problems: [String] = []
    if parts.count == 2 {
      let prefix = String(Substring(parts[0]))
      problems +=
        prefix.isEmpty
        ? ["prefix part must be non-empty"] : subdomainProblems(prefix).map { "prefix part \($0)" }
    }
    if last.isEmpty { problems.append("name part must be non-empty") }
    if last.count > labelLimit { problems.append("name part must be no more than \(labelLimit) characters") }
    if !isLabelText(last) { problems.append("name part \(labelRule)") }
    return problems
  }

  /// A label's value: empty, or like the last part of its key.
  static func labelValueProblems(_ value: String) -> [String] {
    var problems: [String] = []
    if value.utf8.count > labelLimit { problems.append("must be no more than \(labelLimit) characters") }
    if !value.isEmpty, !isLabelText(Substring(value).utf8) {
      problems.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
          + "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
          + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return problems
  }

  private static let labelRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  private static func isLowerLabel(_ bytes: Substring.UTF8View) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  private static func isLabelText(_ bytes: Substring.UTF8View) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
