internal import JSON

/// A StorageClass: its name and whether it is a default.
struct StorageClass: Sendable {
  let name: String
  /// `storageclass.kubernetes.io/is-default-class`
  let isDefault: Bool
  /// `storageclass.kubevirt.io/is-default-virt-class`
  let isVirtualizationDefault: Bool
  /// RFC 3339 in UTC, so that text order is time order.
  let created: String
}

extension StorageClass {
  init(name: String, metadata: JSONNode) {
    let annotations = metadata.field("annotations")
    func isTrue(_ key: String) -> Bool { annotations?.text(key) == "true" }
    self.init(
      name: name, isDefault: isTrue("storageclass.kubernetes.io/is-default-class"),
      isVirtualizationDefault: isTrue("storageclass.kubevirt.io/is-default-virt-class"),
      created: metadata.text("creationTimestamp") ?? "")
  }
}
