import Admission
import Control
import JSON
import Jobs
import Testing
import VolumeCopy

@testable import clonegate

/// An order is carried out only when claims and volumes themselves say what it says.
@Suite struct NodePlacesTests {
  static let order = VolumeCopyOrder(
    dataVolume: .init(namespace: "b", name: "disk", uid: "dv-uid"),
    source: .init(
      namespace: "a", claim: "golden", claimUID: "sc", volume: "pv-s", volumeUID: "sv", mode: .filesystem),
    target: .init(
      namespace: "b", claim: "disk", claimUID: "tc", volume: "pv-t", volumeUID: "tv", mode: .filesystem),
    nodeName: "n1", verification: .read)

  static func claim(_ uid: String, volume: String) -> JSONValue {
    ["metadata": ["uid": .string(uid)], "spec": ["volumeName": .string(volume)]]
  }

  static func volume(_ uid: String, claim: [String], path: String, node: String = "n1") -> JSONValue {
    [
      "metadata": ["uid": .string(uid)],
      "spec": [
        "capacity": ["storage": "1Gi"], "local": ["path": .string(path)],
        "claimRef": [
          "namespace": .string(claim[0]), "name": .string(claim[1]), "uid": .string(claim[2]),
        ],
        "nodeAffinity": [
          "required": [
            "nodeSelectorTerms": [
              [
                "matchExpressions": [
                  ["key": "kubernetes.io/hostname", "operator": "In", "values": [.string(node)]]
                ]
              ]
            ]
          ]
        ],
      ],
    ]
  }

  struct World: Sendable {
    var order = NodePlacesTests.order
    var sourceClaim: JSONValue? = claim("sc", volume: "pv-s")
    var sourceVolume: JSONValue? = volume("sv", claim: ["a", "golden", "sc"], path: "/srv/s")
    var targetClaim: JSONValue? = claim("tc", volume: "pv-t")
    var targetVolume: JSONValue? = volume("tv", claim: ["b", "disk", "tc"], path: "/srv/t")
    var hostRoot: String?

    func places() throws(NodePlaces.Obstacle) -> CopyPlaces {
      try NodePlaces(order: order, node: "n1", hostRoot: hostRoot).places(
        .init(
          sourceClaim: sourceClaim.map { JSONNode($0) }, sourceVolume: sourceVolume.map { JSONNode($0) },
          targetClaim: targetClaim.map { JSONNode($0) }, targetVolume: targetVolume.map { JSONNode($0) }))
    }
  }

  @Test func `both volumes are found, beneath the node's root`() throws {
    let places = try World().places()
    #expect(places.source == .directory("/srv/s", beneath: "/"))
    #expect(places.target == .directory("/srv/t", beneath: "/"))
    #expect(places.binding == Binding(path: "/srv/t", kind: .directory, volume: "pv-t"))
    #expect(places.declaredSourceBytes == 1 << 30)
    #expect(places.verification == .read)
    let mounted = try World(hostRoot: "/host").places()
    #expect(mounted.source == .directory("/host/srv/s", beneath: "/host"))
  }

  @Test func `a Block volume is a device`() throws {
    var world = World()
    world.order.target.mode = .block
    world.targetVolume?["spec"]?["volumeMode"] = "Block"
    world.targetVolume?["spec"]?["local"]?["path"] = "/dev/vdb"
    #expect(try world.places().target == .device("/dev/vdb", beneath: "/"))
  }

  /// What is wrong, and the reason that is reported.
  static let refusals: [(String, String, @Sendable (inout World) -> Void)] = [
    ("another node's order", "WrongNode", { $0.order.nodeName = "n2" }),
    ("no source claim", "NotFound", { $0.sourceClaim = nil }),
    ("no target volume", "NotFound", { $0.targetVolume = nil }),
    ("a new claim of the name", "Replaced", { $0.sourceClaim?["metadata"]?["uid"] = "other" }),
    ("a new volume of the name", "Replaced", { $0.targetVolume?["metadata"]?["uid"] = "other" }),
    ("a claim bound elsewhere", "NotBound", { $0.sourceClaim?["spec"]?["volumeName"] = "pv-x" }),
    ("an unbound claim", "NotBound", { $0.targetClaim?["spec"]?["volumeName"] = nil }),
    ("a volume of another claim", "NotBound", { $0.sourceVolume?["spec"]?["claimRef"]?["uid"] = "x" }),
    (
      "a volume of another namespace", "NotBound",
      { $0.sourceVolume?["spec"]?["claimRef"]?["namespace"] = "x" }
    ),
    ("another mode", "WrongVolumeMode", { $0.sourceVolume?["spec"]?["volumeMode"] = "Block" }),
    (
      "storage that is not local", "VolumeNotLocal",
      {
        $0.sourceVolume?["spec"]?["local"] = nil
        $0.sourceVolume?["spec"]?["csi"] = ["driver": "x.example"]
      }
    ),
    (
      "another node's volume", "WrongNode",
      { $0.targetVolume = volume("tv", claim: ["b", "disk", "tc"], path: "/srv/t", node: "n2") }
    ),
    ("a volume of no certain node", "WrongNode", { $0.targetVolume?["spec"]?["nodeAffinity"] = nil }),
    ("a path with a step up", "BadPath", { $0.sourceVolume?["spec"]?["local"]?["path"] = "/srv/../etc" }),
    ("a relative path", "BadPath", { $0.sourceVolume?["spec"]?["local"]?["path"] = "srv" }),
    ("one place twice", "SameVolume", { $0.targetVolume?["spec"]?["local"]?["path"] = "/srv/s" }),
  ]

  @Test(arguments: refusals.indices) func `an order that says otherwise is not carried out`(_ index: Int) {
    let (what, reason, change) = Self.refusals[index]
    var world = World()
    change(&world)
    do throws(NodePlaces.Obstacle) {
      _ = try world.places()
      Issue.record("\(what) was carried out")
    } catch {
      #expect(error.reason == reason, "\(what): \(error.message)")
    }
  }
}
