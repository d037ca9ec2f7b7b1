internal import JSON

/// A VirtualMachine as it was sent: its disk templates and the account it runs as.
struct VirtualMachine {
  let node: JSONNode
  /// Empty for a `generateName` that has no name yet.
  let name: String
  let namespace: String
  let uid: String?
  let templates: [JSONNode]
  let volumes: MachineVolumes
  private let ownServiceAccount: String?

  init(_ object: JSONNode, review: Review) {
    self.init(object, name: review.name, namespace: review.namespace)
  }

  private init(_ object: JSONNode, name: String, namespace: String) {
    let metadata = object.field("metadata")
    node = object
    self.name = metadata?.filled("name") ?? name
    self.namespace = metadata?.filled("namespace") ?? namespace
    uid = metadata?.filled("uid")
    let spec = object.field("spec")
    let machine = spec?.field("template")?.field("spec")
    templates = spec?.field("dataVolumeTemplates")?.elements ?? []
    // Read once, and only when there is something to judge: a machine may have many volumes.
    volumes = MachineVolumes(templates.isEmpty ? nil : machine?.field("volumes"))
    ownServiceAccount = machine?.filled("serviceAccountName")
  }

  /// One that an API server has stored: its own metadata says everything.
  init(stored object: JSONNode) { self.init(object, name: "", namespace: "") }

  /// KubeVirt (v1.9): the machine's own field, else its first ServiceAccount volume, else `default`.
  var serviceAccount: String { ownServiceAccount ?? volumes.serviceAccount ?? "default" }

  func dataVolume(_ index: Int) -> DataVolume {
    DataVolume(template: templates[index], index: index, namespace: namespace)
  }
}

/// What the volumes of a machine say about its disks and its account.
struct MachineVolumes {
  /// Names of the DataVolumes and claims that are used.
  private(set) var disks: Set<String> = []
  /// The first ServiceAccount volume's account.
  private(set) var serviceAccount: String?

  init(_ volumes: JSONNode?) {
    guard let volumes else { return }
    var disks: Set<String> = []
    var account: String?
    volumes.forEachElement { volume in
      if let name = volume.field("dataVolume")?.text("name") { disks.insert(name) }
      if let name = volume.field("persistentVolumeClaim")?.text("claimName") { disks.insert(name) }
      account = account ?? volume.field("serviceAccount")?.filled("serviceAccountName")
    }
    self.disks = disks
    serviceAccount = account
  }
}
