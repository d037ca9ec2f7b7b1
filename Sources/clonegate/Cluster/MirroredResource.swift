import Admission
import JSON
import Kubernetes

/// What is mirrored of a cluster, and which fields: those that Authorization and Admission read.
enum MirroredResource: String, CaseIterable, Sendable {
  case roles, clusterRoles, roleBindings, clusterRoleBindings
  case namespaces, claims, volumes, storageClasses, storageProfiles, dataSources, dataVolumes, pods

  var type: ResourceType {
    switch self {
    case .roles: .roles
    case .clusterRoles: .clusterRoles
    case .roleBindings: .roleBindings
    case .clusterRoleBindings: .clusterRoleBindings
    case .namespaces: .namespaces
    case .claims: .persistentVolumeClaims
    case .volumes: .persistentVolumes
    case .storageClasses: .storageClasses
    case .storageProfiles: .storageProfiles
    case .dataSources: .dataSources
    case .dataVolumes: .dataVolumes
    case .pods: .pods
    }
  }

  /// Items of a list come without their kind.
  var kind: String {
    switch self {
    case .roles: "Role"
    case .clusterRoles: "ClusterRole"
    case .roleBindings: "RoleBinding"
    case .clusterRoleBindings: "ClusterRoleBinding"
    case .namespaces: "Namespace"
    case .claims: "PersistentVolumeClaim"
    case .volumes: "PersistentVolume"
    case .storageClasses: "StorageClass"
    case .storageProfiles: "StorageProfile"
    case .dataSources: "DataSource"
    case .dataVolumes: "DataVolume"
    case .pods: "Pod"
    }
  }

  /// Part of the policy; the rest, but for Pods, is inventory.
  var isPolicy: Bool {
    switch self {
    case .roles, .clusterRoles, .roleBindings, .clusterRoleBindings: true
    default: false
    }
  }

  /// Its CRD may not be installed: then there are none, until it is.
  var isOptional: Bool { type.group == ResourceType.dataVolumes.group }

  /// Only warnings are made of it: reviews are judged without it too.
  var isAdvisory: Bool { self == .pods }

  static let policy = allCases.filter(\.isPolicy)
  static let inventory = allCases.filter { !$0.isPolicy && !$0.isAdvisory }

  /// The object as it is kept: compact JSON, read again when the next snapshot is made. Nil for a Pod
  /// that writes to no claim, which most do not.
  func kept(of object: JSONNode) -> [UInt8]? {
    if self == .pods { return PodDisks(object).flatMap(keptPod) }
    var kept = Self.trees[self]?.selected(from: object)?.object ?? [:]
    kept["apiVersion"] = .string(type.apiVersion)
    kept["kind"] = .string(kind)
    return JSONValue.object(kept).bytes
  }

  /// More claims than a node can attach; what one Pod may cost.
  private static let maxClaims = 256

  /// The smallest Pod that writes to the same claims.
  private func keptPod(_ disks: PodDisks) -> [UInt8]? {
    let claims = disks.claims.filter(\.value).keys.sorted().prefix(Self.maxClaims)
    guard !claims.isEmpty else { return nil }
    let volumes: [JSONValue] = claims.map {
      ["name": .string($0), "persistentVolumeClaim": ["claimName": .string($0)]]
    }
    let mounts: [JSONValue] = claims.map { ["name": .string($0)] }
    let pod: JSONValue = [
      "apiVersion": .string(type.apiVersion), "kind": .string(kind),
      "metadata": ["namespace": .string(disks.namespace), "name": .string(disks.name)],
      "spec": ["volumes": .array(volumes), "containers": [["volumeMounts": .array(mounts)]]],
    ]
    return pod.bytes
  }

  private static let trees = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, FieldTree($0.fields + identity)) })

  private static let identity = [["metadata", "name"], ["metadata", "namespace"]]

  private var fields: [[String]] {
    switch self {
    case .roles: [["rules"]]
    case .clusterRoles: [["rules"], ["aggregationRule"]]
    case .roleBindings, .clusterRoleBindings: [["roleRef"], ["subjects"]]
    case .namespaces, .pods: []
    case .claims: Self.claimFields
    case .volumes: Self.volumeFields
    case .storageClasses:
      [
        ["metadata", "creationTimestamp"],
        ["metadata", "annotations", "storageclass.kubernetes.io/is-default-class"],
        ["metadata", "annotations", "storageclass.kubevirt.io/is-default-virt-class"],
      ]
    case .storageProfiles: [["spec", "claimPropertySets"], ["status", "claimPropertySets"]]
    case .dataSources: [["spec", "source"], ["status", "source"]]
    case .dataVolumes: [["metadata", "uid"]]
    }
  }

  private static let claimFields =
    Claim.fillMarks.map { ["metadata", "annotations", $0.name] } + [
      ["metadata", "annotations", "cdi.kubevirt.io/createdForDataVolume"],
      ["metadata", "ownerReferences"], ["spec", "storageClassName"], ["spec", "accessModes"],
      ["spec", "volumeMode"], ["spec", "resources", "requests", "storage"], ["spec", "volumeName"],
      ["status", "capacity", "storage"],
    ]

  private static let volumeFields = [
    ["spec", "capacity", "storage"], ["spec", "volumeMode"], ["spec", "storageClassName"],
    ["spec", "accessModes"], ["spec", "local", "path"], ["spec", "hostPath", "path"],
    ["spec", "claimRef", "namespace"], ["spec", "claimRef", "name"],
  ]
}
