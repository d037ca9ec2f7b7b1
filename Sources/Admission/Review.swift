internal import Authorization
internal import JSON

/// The request of one AdmissionReview, read as far as it is needed.
struct Review {
  enum Operation: String { case create = "CREATE", update = "UPDATE", delete = "DELETE", connect = "CONNECT" }

  /// `admission.k8s.io/v1` or `v1beta1`: the answer is written in the same.
  let apiVersion: String
  let uid: String
  let operation: Operation
  let kind: String
  let group: String
  let version: String
  let resource: String
  let subresource: String
  /// Empty for a `generateName` that has no name yet, and for deletecollection.
  let name: String
  let namespace: String
  let user: UserInfo
  let isDryRun: Bool
  let object: JSONNode?
  let oldObject: JSONNode?
}

/// A body that is no review: answered with 400 and no AdmissionReview.
struct MalformedReview: Error {
  let message: String
}

extension Review {
  static let versions = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]

  init(parsing body: [UInt8]) throws(MalformedReview) {
    let document: JSONDocument
    do {
      document = try JSONDocument(parsing: body)
    } catch {
      throw MalformedReview(message: "the body is not a JSON document that can be judged: \(error.message)")
    }
    try self.init(document.root)
  }

  private init(_ root: JSONNode) throws(MalformedReview) {
    guard let kind = root.text("kind"), kind == "AdmissionReview" else {
      throw MalformedReview(message: "the body is no AdmissionReview: kind is not AdmissionReview")
    }
    guard let apiVersion = root.text("apiVersion"), Review.versions.contains(apiVersion) else {
      let known = Review.versions.joined(separator: ", ")
      throw MalformedReview(message: "the AdmissionReview's apiVersion is none of \(known)")
    }
    guard let request = root.field("request"), request.kind == .object else {
      throw MalformedReview(message: "the AdmissionReview has no request")
    }
    guard let uid = request.filled("uid"), uid.utf8.count <= Admission.maxUID else {
      throw MalformedReview(
        message: "the AdmissionReview's request has no usable uid, so it cannot be answered")
    }
    let fields = ReviewFields(node: request, path: "request")
    guard let operation = Operation(rawValue: try fields.text("operation")) else {
      throw MalformedReview(message: "request.operation is none of CREATE, UPDATE, DELETE, CONNECT")
    }
    let resource = ReviewFields(node: try fields.object("resource"), path: "request.resource")
    self.apiVersion = apiVersion
    self.uid = uid
    self.operation = operation
    self.kind = try fields.object("kind")?.text("kind") ?? ""
    group = try resource.text("group")
    version = try resource.text("version")
    self.resource = try resource.text("resource")
    subresource = try fields.text("subResource")
    name = try fields.text("name")
    namespace = try fields.text("namespace")
    user = try fields.user()
    isDryRun = try fields.flag("dryRun")
    object = try fields.object("object")
    oldObject = try fields.object("oldObject")
  }
}

/// Reads the request's own fields, whose types are the API server's promise: another type is refused, never
/// guessed.
private struct ReviewFields {
  /// Nil: every field is absent.
  let node: JSONNode?
  let path: String

  func text(_ name: String) throws(MalformedReview) -> String {
    guard let node = node?.field(name) else { return "" }
    guard let text = node.string else { throw wrongType(name, "a string") }
    return text
  }

  func flag(_ name: String) throws(MalformedReview) -> Bool {
    guard let node = node?.field(name) else { return false }
    guard let flag = node.bool else { throw wrongType(name, "true or false") }
    return flag
  }

  func object(_ name: String) throws(MalformedReview) -> JSONNode? {
    guard let node = node?.field(name) else { return nil }
    guard node.kind == .object else { throw wrongType(name, "an object") }
    return node
  }

  func user() throws(MalformedReview) -> UserInfo {
    guard let info = try object("userInfo") else { return UserInfo(name: "") }
    let fields = ReviewFields(node: info, path: "request.userInfo")
    return UserInfo(
      name: try fields.text("username"), uid: try fields.text("uid"), groups: try fields.groups(),
      extra: try fields.extra())
  }

  private func groups() throws(MalformedReview) -> [String] {
    let groups = try texts(node?.field("groups"), "groups")
    guard groups.count <= Admission.maxGroups else {
      throw MalformedReview(message: "\(path).groups has more than \(Admission.maxGroups) entries")
    }
    return groups
  }

  private func extra() throws(MalformedReview) -> [String: [String]] {
    guard let extra = try object("extra") else { return [:] }
    let fields = ReviewFields(node: extra, path: "request.userInfo.extra")
    var result: [String: [String]] = [:]
    for (key, value) in extra.members ?? [] {
      result[key] = try fields.texts(value.isNull ? nil : value, key)
    }
    return result
  }

  private func texts(_ node: JSONNode?, _ name: String) throws(MalformedReview) -> [String] {
    guard let node else { return [] }
    var texts: [String] = []
    var isWrong = node.kind != .array
    node.forEachElement { element in
      if let text = element.string { texts.append(text) } else { isWrong = true }
    }
    if isWrong { throw wrongType(name, "a list of strings") }
    return texts
  }

  private func wrongType(_ name: String, _ wanted: String) -> MalformedReview {
    MalformedReview(message: "\(path).\(BoundedText.plain(name)) is not \(wanted)")
  }
}
