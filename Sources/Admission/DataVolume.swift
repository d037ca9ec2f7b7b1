package import JSON

/// A DataVolume as it was sent, on its own or as a template of a VirtualMachine. Fields are read when they
/// are asked for.
package struct DataVolume {
  /// The DataVolume, or the template.
  package let node: JSONNode
  package let spec: JSONNode?
  /// Empty for a `generateName` that has no name yet.
  package let name: String
  /// Where the disk will be.
  package let namespace: String
  /// Nil for a DataVolume of its own.
  let template: Int?

  init(_ object: JSONNode, review: Review) {
    let metadata = object.field("metadata")
    node = object
    spec = object.field("spec")
    name = metadata?.filled("name") ?? review.name
    namespace = metadata?.filled("namespace") ?? review.namespace
    template = nil
  }

  /// One that an API server stores: it has its name and namespace.
  package init(stored object: JSONNode) {
    let metadata = object.field("metadata")
    node = object
    spec = object.field("spec")
    name = metadata?.filled("name") ?? ""
    namespace = metadata?.filled("namespace") ?? ""
    template = nil
  }

  init(template object: JSONNode, index: Int, namespace: String) {
    node = object
    spec = object.field("spec")
    name = object.field("metadata")?.text("name") ?? ""
    self.namespace = namespace
    template = index
  }

  package var id: NamespacedName { NamespacedName(namespace: namespace, name: name) }

  /// `DataVolume a/b`, safe to print.
  var description: String { "DataVolume \(BoundedText.plain(namespace))/\(BoundedText.plain(name))" }

  package func annotation(_ key: String) -> String? {
    node.field("metadata")?.field("annotations")?.text(key)
  }

  /// JSON path of a field of the spec, for people: `spec.pvc`, `spec.dataVolumeTemplates[0].spec.pvc`.
  func field(_ path: String) -> String {
    let spec = template.map { "spec.dataVolumeTemplates[\($0)].spec" } ?? "spec"
    return path.isEmpty ? spec : "\(spec).\(path)"
  }

  /// JSON path of a field of the metadata, for people.
  func metadataField(_ name: String) -> String {
    (template.map { "spec.dataVolumeTemplates[\($0)]." } ?? "") + "metadata.\(name)"
  }

  /// JSON pointer of a field of the spec, for the patch.
  func pointer(_ path: String) -> String {
    (template.map { "/spec/dataVolumeTemplates/\($0)/spec/" } ?? "/spec/") + path
  }
}

/// What the spec says about the disk to be made.
extension DataVolume {
  /// `pvc` or `storage`: the same fields, other rules.
  package enum ClaimKind: String {
    case pvc, storage
    /// How CDI's messages call it.
    var title: String { self == .pvc ? "PVC" : "Storage" }
  }

  /// The claim to be made. Nil unless exactly one of `pvc` and `storage` is there.
  package var claim: (kind: ClaimKind, node: JSONNode)? {
    let pvc = spec?.field("pvc")
    let storage = spec?.field("storage")
    if let pvc, storage == nil { return (.pvc, pvc) }
    if let storage, pvc == nil { return (.storage, storage) }
    return nil
  }

  /// The text of `contentType`; an empty one means kubevirt.
  package var contentTypeText: String { spec?.filled("contentType") ?? ContentType.kubevirt.rawValue }
  package var contentType: ContentType? { ContentType(rawValue: contentTypeText) }

  /// The size asked for, when it is there and a quantity.
  package var requested: Quantity? { claim?.node.field("resources")?.field("requests")?.quantity("storage") }

  /// Content comes from a Kubernetes populator, not from a source of CDI's.
  package var isExternallyPopulated: Bool {
    [spec?.field("pvc"), spec?.field("storage")].contains { claim in
      claim?.field("dataSource") != nil || claim?.field("dataSourceRef") != nil
    }
  }
}

/// Annotations that change how a DataVolume is judged. Their presence counts, whatever the value.
extension DataVolume {
  static let prePopulated = "cdi.kubevirt.io/storage.prePopulated"
  static let checkStaticVolume = "cdi.kubevirt.io/storage.checkStaticVolume"
  static let allowClaimAdoption = "cdi.kubevirt.io/allowClaimAdoption"

  package func has(_ annotation: String) -> Bool {
    node.field("metadata")?.field("annotations")?.field(annotation) != nil
  }

  package var isPrePopulated: Bool { has(DataVolume.prePopulated) }
  package var isStaticVolume: Bool { has(DataVolume.checkStaticVolume) }
}
