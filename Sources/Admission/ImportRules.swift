internal import JSON

/// Sources that are fetched from elsewhere: http, s3, gcs, imageio, vddk. CDI's rows 18, 19, 22 and 23. The
/// gate never opens the URL; it only looks at the text.
struct ImportRules {
  let dataVolume: DataVolume
  /// The member of `spec.source`.
  let kind: String
  let source: JSONNode

  private static let schemes = ["http", "https", "gs"]
  /// Hexadecimal digits of a hash.
  private static let hashes = [("md5", 32), ("sha1", 40), ("sha256", 64), ("sha512", 128)]

  var refusal: Refusal? {
    switch kind {
    case "http":
      let refusals = [urlRefusal, checksumRefusal].compactMap(\.self)
      return refusals.isEmpty ? nil : .joined(refusals)
    case "imageio": return missing(["secretRef", "diskId"]) ?? certificateRefusal ?? urlRefusal
    case "vddk": return missing(["secretRef", "uuid", "backingFile", "thumbprint"]) ?? urlRefusal
    default: return urlRefusal
    }
  }

  private func field(_ name: String) -> String { dataVolume.field("source.\(kind).\(name)") }

  private func missing(_ names: [String]) -> Refusal? {
    guard let name = names.first(where: { source.filled($0) == nil }) else { return nil }
    return .invalid(
      field(name), "\(name) is missing; an import with \(kind) needs \(names.joined(separator: ", "))",
      .required)
  }

  private var certificateRefusal: Refusal? {
    if source.filled("certConfigMap") != nil || source["insecureSkipVerify"]?.bool == true { return nil }
    return .invalid(
      field("certConfigMap"), "the server's certificate cannot be checked; name a ConfigMap with its CA",
      .required)
  }

  private var urlRefusal: Refusal? {
    guard let text = source.filled("url") else {
      return .invalid(field("url"), "the source URL is empty", .required)
    }
    guard let url = SourceURL(text, absolute: true) else {
      return .invalid(field("url"), "\(BoundedText.quotedURL(text)) is not a URL")
    }
    guard Self.schemes.contains(url.scheme) else {
      let known = Self.schemes.joined(separator: ", ")
      return .invalid(field("url"), "the scheme of \(BoundedText.quotedURL(text)) is none of \(known)")
    }
    return nil
  }

  private var checksumRefusal: Refusal? {
    guard let written = source.filled("checksum") else { return nil }
    let text = written.lowercased().trimmed
    guard !text.isEmpty else { return nil }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let shown = BoundedText.quoted(written)
    guard parts.count == 2 else {
      return .invalid(
        field("checksum"), "\(shown) is no checksum; write algorithm:hash, for example sha256:…")
    }
    guard let (name, digits) = Self.hashes.first(where: { $0.0 == parts[0].trimmed }) else {
      let known = Self.hashes.map(\.0).joined(separator: ", ")
      return .invalid(field("checksum"), "the algorithm of \(shown) is none of \(known)")
    }
    let hash = parts[1].trimmed
    guard hash.utf8.count == digits, hash.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
      return .invalid(
        field("checksum"), "a \(name) hash has \(digits) hexadecimal digits, which \(shown) has not")
    }
    return nil
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
