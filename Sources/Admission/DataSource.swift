internal import JSON

/// Where a DataSource points. Namespaces are as written; nil or empty is for the reader to fill.
struct DataSource: Sendable {
  enum Target: Sendable {
    case claim(namespace: String?, name: String)
    case snapshot(namespace: String?, name: String)
    case dataSource(namespace: String?, name: String)
  }
  let target: Target?
  /// `status.source`: what CDI's controller resolved a reference to.
  let resolved: Target?
}

extension DataSource {
  init(_ object: JSONNode) {
    let spec = object.field("spec")?.field("source")
    let status = object.field("status")?.field("source")
    self.init(target: spec.flatMap { Target($0) }, resolved: status.flatMap { Target($0) })
  }
}

extension DataSource.Target {
  /// The order is CDI's: a claim before a snapshot before a reference.
  init?(_ source: JSONNode) {
    if let claim = source.field("pvc") {
      self = .claim(namespace: claim.text("namespace"), name: claim.text("name") ?? "")
    } else if let snapshot = source.field("snapshot") {
      self = .snapshot(namespace: snapshot.text("namespace"), name: snapshot.text("name") ?? "")
    } else if let reference = source.field("dataSource") {
      self = .dataSource(namespace: reference.text("namespace"), name: reference.text("name") ?? "")
    } else {
      return nil
    }
  }
}
