import Authorization

/// A kind of Kubernetes object that the harness knows, with everything that an API server's discovery would
/// say of it.
struct ObjectKind: Sendable, Hashable {
  /// What becomes of an object of this kind.
  enum Keeping: Sendable, Hashable {
    /// Sent to the gate; lives in the journal.
    case judged
    /// A YAML file of the standalone directory.
    case file
  }

  /// Which of Kubernetes' rules its name must keep.
  enum NameRule: Sendable, Hashable { case subdomain, label, pathSegment }

  let kind: String
  let group: String
  /// The first is the preferred one.
  let versions: [String]
  let resource: String
  var shortNames: [String] = []
  var isNamespaced = true
  var keeping = Keeping.file
  var nameRule = NameRule.subdomain

  var apiVersion: String { apiVersion(versions[0]) }

  func apiVersion(_ version: String) -> String { group.isEmpty ? version : group + "/" + version }

  /// As kubectl prints it: `datavolume.cdi.kubevirt.io`.
  var qualified: String { group.isEmpty ? kind.lowercased() : kind.lowercased() + "." + group }

  /// What is wrong with a name, in an API server's words.
  func nameProblems(_ name: String) -> [String] {
    switch nameRule {
    case .subdomain: KubernetesName.subdomainProblems(name)
    case .label: KubernetesName.labelProblems(name)
    case .pathSegment: KubernetesName.pathSegmentProblems(name)
    }
  }
}

extension ObjectKind {
  static let dataVolume = ObjectKind(
    kind: "DataVolume", group: "cdi.kubevirt.io", versions: ["v1beta1"], resource: "datavolumes",
    shortNames: ["dv", "dvs"], keeping: .judged)
  static let virtualMachine = ObjectKind(
    kind: "VirtualMachine", group: "kubevirt.io", versions: ["v1", "v1alpha3"], resource: "virtualmachines",
    shortNames: ["vm", "vms"], keeping: .judged)
  static let claim = ObjectKind(
    kind: "PersistentVolumeClaim", group: "", versions: ["v1"], resource: "persistentvolumeclaims",
    shortNames: ["pvc"])
  static let volume = ObjectKind(
    kind: "PersistentVolume", group: "", versions: ["v1"], resource: "persistentvolumes", shortNames: ["pv"],
    isNamespaced: false)

  static let all: [ObjectKind] = [
    dataVolume, virtualMachine, claim, volume,
    ObjectKind(
      kind: "Namespace", group: "", versions: ["v1"], resource: "namespaces", shortNames: ["ns"],
      isNamespaced: false,
      nameRule: .label),
    ObjectKind(
      kind: "ServiceAccount", group: "", versions: ["v1"], resource: "serviceaccounts", shortNames: ["sa"]),
    ObjectKind(
      kind: "StorageClass", group: "storage.k8s.io", versions: ["v1"], resource: "storageclasses",
      shortNames: ["sc"],
      isNamespaced: false),
    ObjectKind(
      kind: "StorageProfile", group: "cdi.kubevirt.io", versions: ["v1beta1"], resource: "storageprofiles",
      isNamespaced: false),
    ObjectKind(
      kind: "DataSource", group: "cdi.kubevirt.io", versions: ["v1beta1"], resource: "datasources",
      shortNames: ["das"]),
    rbac("Role", "roles"), rbac("RoleBinding", "rolebindings"),
    rbac("ClusterRole", "clusterroles", isNamespaced: false),
    rbac("ClusterRoleBinding", "clusterrolebindings", isNamespaced: false),
  ]

  private static func rbac(_ kind: String, _ resource: String, isNamespaced: Bool = true) -> ObjectKind {
    ObjectKind(
      kind: kind, group: "rbac.authorization.k8s.io", versions: ["v1"], resource: resource,
      isNamespaced: isNamespaced, nameRule: .pathSegment)
  }

  /// The kind with exactly this apiVersion.
  static func of(apiVersion: String, kind: String) -> ObjectKind? {
    all.first { known in
      known.kind == kind && known.versions.contains { known.apiVersion($0) == apiVersion }
    }
  }

  /// What a word on the command line means: a kind, a resource or a short name, with or without the group.
  static func named(_ word: String) -> ObjectKind? {
    let word = word.lowercased()
    return all.first { known in
      let names = [known.kind.lowercased(), known.resource] + known.shortNames
      return names.contains(word) || names.contains { $0 + "." + known.group == word }
    }
  }
}
