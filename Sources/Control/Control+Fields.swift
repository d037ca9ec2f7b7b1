/// What of each object a decision looks at, so that a mirror of a cluster need not keep more.
extension Control {
  /// Paths of fields by kind; a path that ends at an object means all of it.
  package static let fields: [String: [[String]]] = [
    "DataVolume": metadata([
      "creationTimestamp", "generateName", "deletionTimestamp", "labels", "annotations",
    ]) + [["spec"], ["status"]],
    "PersistentVolumeClaim": metadata(["deletionTimestamp", "annotations", "ownerReferences"])
      + spec(["storageClassName", "accessModes", "volumeMode", "volumeName", "selector"]) + [
        ["spec", "resources", "requests", "storage"], ["status", "phase"], ["status", "capacity", "storage"],
      ],
    "PersistentVolume": metadata(["deletionTimestamp"])
      + spec(["volumeMode", "storageClassName", "accessModes", "nodeAffinity", "claimRef"])
      + VolumePlace.known.map { ["spec", $0] } + [
        ["spec", "capacity", "storage"], ["spec", "local", "path"], ["spec", "hostPath", "path"],
        ["spec", "csi", "driver"], ["status", "phase"],
      ],
    "StorageClass": metadata(["creationTimestamp"])
      + annotations([
        "storageclass.kubernetes.io/is-default-class", "storageclass.kubevirt.io/is-default-virt-class",
      ]) + [["volumeBindingMode"]],
    "StorageProfile": metadata([]) + annotations(["cdi.kubevirt.io/minimumSupportedPvcSize"]) + [
      ["spec", "claimPropertySets"], ["status", "claimPropertySets"],
    ],
    "VolumeCopy": metadata(["creationTimestamp", "deletionTimestamp", "finalizers"]) + [
      ["spec"], ["status"],
    ],
  ]

  private static func metadata(_ names: [String]) -> [[String]] {
    (["name", "namespace", "uid", "resourceVersion"] + names).map { ["metadata", $0] }
  }

  private static func spec(_ names: [String]) -> [[String]] { names.map { ["spec", $0] } }

  private static func annotations(_ names: [String]) -> [[String]] {
    names.map { ["metadata", "annotations", $0] }
  }
}
