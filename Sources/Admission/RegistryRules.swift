internal import JSON

/// A disk from a container image. CDI's row 21.
struct RegistryRules {
  let dataVolume: DataVolume
  let source: JSONNode

  private static let schemes = ["docker", "oci-archive"]
  private static let pullMethods = ["pod", "node"]

  var refusal: Refusal? {
    if dataVolume.contentType == .archive {
      return .invalid(
        dataVolume.field("contentType"), "an image of a registry holds no archive; use contentType kubevirt")
    }
    return originRefusal ?? urlRefusal ?? methodRefusal ?? streamRefusal
  }

  private func field(_ name: String) -> String { dataVolume.field("source.registry.\(name)") }

  private var originRefusal: Refusal? {
    let hasURL = source.field("url") != nil
    guard hasURL == (source.field("imageStream") != nil) else { return nil }
    let what = hasURL ? "both name the image; keep one" : "are missing; add one"
    return .invalid(dataVolume.field("source.registry"), "url and imageStream \(what)")
  }

  private var urlRefusal: Refusal? {
    guard let node = source.field("url") else { return nil }
    let text = node.string ?? ""
    guard let url = SourceURL(text, absolute: false) else {
      return .invalid(field("url"), "\(BoundedText.quotedURL(text)) is not a URL")
    }
    guard Self.schemes.contains(url.scheme) else {
      let known = Self.schemes.joined(separator: ", ")
      return .invalid(field("url"), "the scheme of \(BoundedText.quotedURL(text)) is none of \(known)")
    }
    return nil
  }

  private var methodRefusal: Refusal? {
    guard let node = source.field("pullMethod") else { return nil }
    let text = node.string ?? ""
    if Self.pullMethods.contains(text) { return nil }
    return .invalid(
      field("pullMethod"), "\(BoundedText.quoted(text)) is no pull method; use pod or node", .notSupported)
  }

  private var streamRefusal: Refusal? {
    guard let node = source.field("imageStream") else { return nil }
    if (node.string ?? "").isEmpty {
      return .invalid(field("imageStream"), "the name of the image stream is empty", .required)
    }
    guard source.text("pullMethod") != "node" else { return nil }
    return .invalid(
      field("pullMethod"), "an image stream can only be pulled by the node; set pullMethod to node")
  }
}
