internal import JSON

/// A VirtualMachine as it was sent: its disk templates and the account it runs as.
struct VirtualMachine {
  let node: JSONNode
  /// Empty for a `generateName` that has no name yet.
  let name: String
  let namespace: String
  let uid: String?
  let templates: [JSONNode]

  init(_ object: JSONNode, review: Review) {
    let metadata = object.field("metadata")
    node = object
    name = metadata?.filled("name") ?? review.name
    namespace = metadata?.filled("namespace") ?? review.namespace
    uid = metadata?.filled("uid")
    templates = object.field("spec")?.field("dataVolumeTemplates")?.elements ?? []
  }

  /// One that an API server has stored: its own metadata says everything.
  init(stored object: JSONNode) {
    let metadata = object.field("metadata")
    node = object
    name = metadata?.filled("name") ?? ""
    namespace = metadata?.filled("namespace") ?? ""
    uid = metadata?.filled("uid")
    templates = object.field("spec")?.field("dataVolumeTemplates")?.elements ?? []
  }

  private var machineSpec: JSONNode? { node.field("spec")?.field("template")?.field("spec") }

  /// KubeVirt (v1.9): the machine's own field, else its first ServiceAccount volume, else `default`.
  var serviceAccount: String {
    if let name = machineSpec?.filled("serviceAccountName") { return name }
    var fromVolume: String?
    machineSpec?.field("volumes")?.forEachElement { volume in
      fromVolume = fromVolume ?? volume.field("serviceAccount")?.filled("serviceAccountName")
    }
    return fromVolume ?? "default"
  }

  /// Whether one of the machine's volumes uses the disk of that name.
  func refers(to name: String) -> Bool {
    var found = false
    machineSpec?.field("volumes")?.forEachElement { volume in
      if volume.field("dataVolume")?["name"]?.equals(name) == true { found = true }
      if volume.field("persistentVolumeClaim")?["claimName"]?.equals(name) == true { found = true }
    }
    return found
  }

  func dataVolume(_ index: Int) -> DataVolume {
    DataVolume(template: templates[index], index: index, namespace: namespace)
  }
}
