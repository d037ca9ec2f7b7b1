import Admission
import Control
import JSON
import Testing

@Suite struct CloneDataVolumeTests {
  private func dataVolume(_ spec: JSONValue, annotations: JSONValue = [:]) -> JSONNode {
    JSONNode([
      "metadata": ["name": "copy", "namespace": "b", "uid": "u-1", "annotations": annotations], "spec": spec,
    ])
  }

  private static let clones: [(JSONValue, CloneDataVolume.Source)] = [
    (
      ["source": ["pvc": ["namespace": "a", "name": "disk"]]],
      .direct(CloneSource(namespace: "a", name: "disk"))
    ),
    (["source": ["pvc": ["name": "disk"]]], .direct(CloneSource(namespace: "b", name: "disk"))),
    (
      ["source": ["snapshot": ["namespace": "a", "name": "s"]]],
      .direct(CloneSource(kind: .snapshot, namespace: "a", name: "s"))
    ),
    (
      ["sourceRef": ["kind": "DataSource", "name": "os"]],
      .dataSource(NamespacedName(namespace: "b", name: "os"))
    ),
    (
      ["sourceRef": ["kind": "DataSource", "name": "os", "namespace": "images"]],
      .dataSource(NamespacedName(namespace: "images", name: "os"))
    ),
  ]

  @Test(arguments: clones) func `a clone says what it reads`(spec: JSONValue, source: CloneDataVolume.Source)
    throws
  {
    let clone = try #require(CloneDataVolume(dataVolume(spec)))
    #expect(clone.source == source && clone.uid == "u-1")
    #expect(clone.id == NamespacedName(namespace: "b", name: "copy"))
  }

  private static let others: [JSONValue] = [
    [:], ["source": [:]], ["source": ["http": ["url": "http://x"]]], ["source": ["blank": [:]]],
    ["source": ["upload": [:]]], ["source": ["pvc": ["name": ""]]],
    ["sourceRef": ["kind": "Other", "name": "os"]],
    ["source": ["pvc": ["name": "d"]], "pvc": ["dataSource": ["kind": "VolumeSnapshot", "name": "s"]]],
  ]

  @Test(arguments: others) func `everything else is none`(spec: JSONValue) {
    #expect(CloneDataVolume(dataVolume(spec)) == nil)
  }

  @Test(arguments: ["cdi.kubevirt.io/storage.prePopulated", "cdi.kubevirt.io/storage.checkStaticVolume"])
  func `a claim that somebody else fills is none of ours`(annotation: String) {
    let spec: JSONValue = ["source": ["pvc": ["name": "d"]]]
    #expect(CloneDataVolume(dataVolume(spec, annotations: .object([annotation: "x"]))) == nil)
  }

  @Test func `clones are counted by phase, whatever stands there`() {
    func clone(_ phase: String?, _ spec: JSONValue = ["source": ["pvc": ["name": "d"]]]) -> JSONNode {
      let metadata: JSONValue = ["name": "copy", "namespace": "b", "uid": "u-1"]
      return JSONNode([
        "metadata": metadata, "spec": spec, "status": phase.map { ["phase": .string($0)] } ?? [:],
      ])
    }
    let all = [
      clone(nil), clone(""), clone("Pending"), clone("CloneInProgress"), clone("Succeeded"), clone("mine"),
      clone("Succeeded", ["source": ["blank": [:]]]),
    ]
    let census = [
      "Pending": 3, "WaitForFirstConsumer": 0, "CloneScheduled": 0, "CloneInProgress": 1, "Succeeded": 1,
      "Failed": 0, "Unknown": 1,
    ]
    #expect(CloneDataVolume.census(all) == census)
  }

  @Test func `an object that no API server stored is none`() {
    let spec: JSONValue = ["source": ["pvc": ["name": "d"]]]
    #expect(
      CloneDataVolume(JSONNode(["metadata": ["name": "copy", "namespace": "b"], "spec": spec])) == nil)
  }
}
