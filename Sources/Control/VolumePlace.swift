internal import Admission
package import JSON

/// Where a PersistentVolume is: what kind of storage, and on which one node. The controller decides by it who
/// copies, the copier whether a volume is its own.
package struct VolumePlace: Sendable, Hashable {
  package enum Storage: Sendable, Hashable {
    /// `local` or `hostPath`: a path on its node.
    case path(String)
    /// Anything else, in words: `csi driver example.com`.
    case other(String)
  }

  package let storage: Storage
  /// The one node that the volume's affinity allows; nil when it allows several, or names none. The value of
  /// the label `kubernetes.io/hostname` is taken for the node's name.
  package let node: String?

  /// - Parameter volume: the PersistentVolume.
  package init(_ volume: JSONNode) {
    let spec = volume.field("spec")
    if let path = (spec?.field("local") ?? spec?.field("hostPath"))?.filled("path") {
      storage = .path(path)
    } else {
      storage = .other(Self.words(spec))
    }
    node = Self.node(spec)
  }

  private static func words(_ spec: JSONNode?) -> String {
    if let driver = spec?.field("csi")?.filled("driver") { return "csi driver \(BoundedText.plain(driver))" }
    return known.first { spec?.field($0) != nil } ?? "of an unknown kind"
  }

  /// Members of a PersistentVolume's spec that stand for other storage.
  static let known = [
    "nfs", "iscsi", "fc", "rbd", "cephfs", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk",
    "azureFile", "vsphereVolume", "cinder", "glusterfs", "flexVolume", "portworxVolume", "scaleIO",
    "storageos", "quobyte", "photonPersistentDisk",
  ]

  /// Terms are alternatives, so every one of them must lead to the same node; within a term all expressions
  /// hold, so one that names a single node is enough.
  private static func node(_ spec: JSONNode?) -> String? {
    let terms = spec?.field("nodeAffinity")?.field("required")?.field("nodeSelectorTerms")
    var nodes: Set<String?> = []
    terms?.forEachElement { nodes.insert(node(term: $0)) }
    return nodes.count == 1 ? nodes.first! : nil
  }

  private static func node(term: JSONNode) -> String? {
    var nodes: Set<String> = []
    for (list, key) in [("matchExpressions", "kubernetes.io/hostname"), ("matchFields", "metadata.name")] {
      term.field(list)?.forEachElement { expression in
        let values = expression.texts("values")
        guard expression.text("key") == key, expression.text("operator") == "In", values.count == 1 else {
          return
        }
        nodes.insert(values[0])
      }
    }
    return nodes.count == 1 ? nodes.first : nil
  }
}
