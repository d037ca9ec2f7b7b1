import Admission
import Control
import JSON

/// A cluster small enough to reason about: what an API server, the volume binder and a copier would make of
/// the controller's actions. Objects are JSON, as the controller sees them.
struct ClusterModel {
  static let uid = "7d1f2c1e-0000-4000-8000-000000000001"
  static let start = UTCTime("2026-11-23T06:00:00Z")!
  static let gibibyte: Int64 = 1 << 30

  var now = ClusterModel.start
  var dataVolume: JSONValue? = ClusterModel.dataVolume()
  var source: CloneSource? = CloneSource(namespace: "images", name: "disk")
  var acceptance = CloneAcceptance.stamped(requester: "alice")
  var sourceNamespaceExists = true
  var sourceClaim: JSONValue? = ClusterModel.claim("images", "disk", uid: "c-source", volume: "pv-source")
  var sourceVolume: JSONValue? = ClusterModel.volume("pv-source", for: ("images", "disk", "c-source"))
  var sourceOwner: JSONValue?
  var targetClaim: JSONValue?
  /// Every volume but the source's.
  var volumes: [JSONValue] = [ClusterModel.volume("pv-free")]
  var storageClasses: [JSONValue] = [ClusterModel.storageClass()]
  var profiles: [JSONValue] = []
  var pods: [PodDisks] = []
  var order: JSONValue?
  /// When the controller saw it change; nil: only its own times count.
  var orderHeard: UTCTime?
  var nodeExists: Bool? = true
  var trouble: CloneTrouble?
  var settings = ControlSettings(namespace: "clonegate")
  /// Of the next object that is written.
  var version = 100
  var events: [CloneEvent] = []

  var situation: CloneSituation {
    var situation = CloneSituation(
      now: now, dataVolume: kept(dataVolume ?? [:], "DataVolume"), source: source, acceptance: acceptance,
      settings: settings)
    situation.sourceNamespaceExists = sourceNamespaceExists
    situation.sourceClaim = sourceClaim.map { kept($0, "PersistentVolumeClaim") }
    situation.sourceVolume = sourceVolume.map { kept($0, "PersistentVolume") }
    situation.sourceOwner = sourceOwner.map { kept($0, "DataVolume") }
    situation.targetClaim = targetClaim.map { kept($0, "PersistentVolumeClaim") }
    let name = targetClaim?["spec"]?["volumeName"]?.string
    let bound = volumes.first { name != nil && $0["metadata"]?["name"]?.string == name }
    situation.targetVolume = bound.map { kept($0, "PersistentVolume") }
    situation.storageClasses = storageClasses.map { kept($0, "StorageClass") }
    situation.storageProfiles = profiles.map { kept($0, "StorageProfile") }
    situation.volumes = volumes.map { kept($0, "PersistentVolume") }
    situation.pods = pods
    situation.order = order.map { kept($0, "VolumeCopy") }
    situation.orderHeard = orderHeard
    situation.nodeExists = nodeExists
    situation.trouble = trouble
    return situation
  }

  var plan: ClonePlan { Control.decide(situation) }
  var status: JSONValue? { dataVolume?["status"] }
  var phase: String? { status?["phase"]?.string }

  /// What a mirror keeps of an object: a decision must need no more.
  private func kept(_ object: JSONValue, _ kind: String) -> JSONNode {
    var kept: JSONValue = [:]
    for path in Control.fields[kind]! { Self.copy(path[...], from: object, to: &kept) }
    return JSONNode(kept)
  }

  private static func copy(_ path: ArraySlice<String>, from: JSONValue, to: inout JSONValue) {
    guard let name = path.first, let value = from[name] else { return }
    if path.count == 1 {
      to[name] = value
    } else if value.object != nil {
      if to[name] == nil { to[name] = [:] }
      copy(path.dropFirst(), from: value, to: &to[name]!)
    }
  }
}

/// Objects.
extension ClusterModel {
  static func dataVolume(
    spec: JSONValue = [
      "source": ["pvc": ["namespace": "images", "name": "disk"]],
      "pvc": [
        "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
        "resources": ["requests": ["storage": "1Gi"]],
      ],
    ], annotations: JSONValue = [:], labels: JSONValue = [:]
  ) -> JSONValue {
    [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
      "metadata": [
        "name": "copy", "namespace": "vms", "uid": .string(uid), "annotations": annotations,
        "labels": labels,
      ], "spec": spec,
    ]
  }

  /// A claim; bound when it names a volume.
  static func claim(
    _ namespace: String, _ name: String, uid: String, volume: String? = nil, mode: String = "Filesystem",
    bytes: Int64 = gibibyte, owner: String? = nil, annotations: JSONValue = [:]
  ) -> JSONValue {
    var claim: JSONValue = [
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": .string(uid),
        "annotations": annotations,
      ],
      "spec": [
        "accessModes": ["ReadWriteOnce"], "storageClassName": "local", "volumeMode": .string(mode),
        "resources": ["requests": ["storage": .string(String(bytes))]],
      ],
      "status": ["phase": "Pending"],
    ]
    if let owner {
      claim["metadata"]!["ownerReferences"] = [
        ["controller": true, "kind": "DataVolume", "name": .string(name), "uid": .string(owner)]
      ]
    }
    if let volume {
      claim["spec"]!["volumeName"] = .string(volume)
      claim["status"] = ["phase": "Bound", "capacity": ["storage": .string(String(bytes))]]
    }
    return claim
  }

  static func volume(
    _ name: String, for claim: (String, String, String)? = nil, node: String? = "node-a",
    bytes: Int64 = gibibyte, mode: String = "Filesystem"
  ) -> JSONValue {
    var volume: JSONValue = [
      "metadata": ["name": .string(name), "uid": .string("uid-" + name), "resourceVersion": "1"],
      "spec": [
        "capacity": ["storage": .string(String(bytes))], "volumeMode": .string(mode),
        "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
        "local": ["path": .string("/disks/" + name)],
      ],
      "status": ["phase": .string(claim == nil ? "Available" : "Bound")],
    ]
    if let node { volume["spec"]!["nodeAffinity"] = affinity(node) }
    if let claim {
      volume["spec"]!["claimRef"] = [
        "namespace": .string(claim.0), "name": .string(claim.1), "uid": .string(claim.2),
      ]
    }
    return volume
  }

  static func affinity(_ node: String) -> JSONValue {
    let expression: JSONValue = [
      "key": "kubernetes.io/hostname", "operator": "In", "values": [.string(node)],
    ]
    return ["required": ["nodeSelectorTerms": [["matchExpressions": [expression]]]]]
  }

  static func storageClass(_ name: String = "local", waits: Bool = false) -> JSONValue {
    [
      "metadata": ["name": .string(name)],
      "volumeBindingMode": waits ? "WaitForFirstConsumer" : "Immediate",
    ]
  }
}
