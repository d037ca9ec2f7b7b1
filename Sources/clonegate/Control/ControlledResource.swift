import Control
import JSON
import Kubernetes

/// What the controller follows of a cluster, and which fields of it are kept. Pods are followed too, but only
/// the claims that they use are kept.
enum ControlledResource: String, CaseIterable, Sendable {
  case dataVolumes, orders, claims, volumes, storageClasses, storageProfiles, dataSources, namespaces

  var type: ResourceType {
    switch self {
    case .dataVolumes: .dataVolumes
    case .orders: .volumeCopies
    case .claims: .persistentVolumeClaims
    case .volumes: .persistentVolumes
    case .storageClasses: .storageClasses
    case .storageProfiles: .storageProfiles
    case .dataSources: .dataSources
    case .namespaces: .namespaces
    }
  }

  /// Its CRD may not be installed: then there are none, until it is.
  var isOptional: Bool { self == .storageProfiles || self == .dataSources }

  /// Items of a list come without their kind.
  private var kind: String {
    switch self {
    case .dataVolumes: "DataVolume"
    case .orders: "VolumeCopy"
    case .claims: "PersistentVolumeClaim"
    case .volumes: "PersistentVolume"
    case .storageClasses: "StorageClass"
    case .storageProfiles: "StorageProfile"
    case .dataSources: "DataSource"
    case .namespaces: "Namespace"
    }
  }

  /// The object as it is kept: compact JSON without what nobody here reads.
  func kept(of object: JSONNode) -> [UInt8] {
    var kept = Self.trees[self]?.selected(from: object)?.object ?? [:]
    kept["apiVersion"] = .string(type.apiVersion)
    kept["kind"] = .string(kind)
    return JSONValue.object(kept).bytes
  }

  private static let trees = Dictionary(uniqueKeysWithValues: allCases.map { ($0, FieldTree($0.fields)) })

  private var fields: [[String]] {
    switch self {
    case .namespaces: [["metadata", "name"]]
    case .dataSources:
      [["metadata", "name"], ["metadata", "namespace"], ["spec", "source"], ["status", "source"]]
    default: Control.fields[kind] ?? []
    }
  }
}

extension ResourceType {
  /// Orders to the copiers, in clonegate's own namespace.
  static let volumeCopies = ResourceType("clonegate.dev", "v1alpha1", "volumecopies", namespaced: true)
}
