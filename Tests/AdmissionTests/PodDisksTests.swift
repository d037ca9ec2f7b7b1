import Admission
import JSON
import Testing

@Suite struct PodDisksTests {
  private func pod(
    phase: String = "Running", volume: JSONValue, container: JSONValue, kind: String = "containers"
  ) -> JSONNode {
    JSONNode([
      "metadata": ["name": "vm", "namespace": "a"], "status": ["phase": .string(phase)],
      "spec": .object(["volumes": [volume], kind: [container]]),
    ])
  }
  private static let claim: JSONValue = ["name": "v", "persistentVolumeClaim": ["claimName": "disk"]]
  private static let mount: JSONValue = ["volumeMounts": [["name": "v", "mountPath": "/d"]]]

  @Test(arguments: ["containers", "initContainers", "ephemeralContainers"])
  func `every kind of container writes to what it mounts`(kind: String) {
    let disks = PodDisks(pod(volume: Self.claim, container: Self.mount, kind: kind))
    #expect(disks == PodDisks(namespace: "a", name: "vm", claims: ["disk": true]))
  }

  @Test func `a device is written to`() {
    let disks = PodDisks(pod(volume: Self.claim, container: ["volumeDevices": [["name": "v"]]]))
    #expect(disks?.claims == ["disk": true])
  }

  private static let readers: [(JSONValue, JSONValue)] = [
    (
      ["name": "v", "persistentVolumeClaim": ["claimName": "disk", "readOnly": true]],
      mount
    ),
    (claim, ["volumeMounts": [["name": "v", "readOnly": true]]]),
    (claim, ["volumeMounts": [["name": "other"]]]), (claim, [:]),
  ]

  @Test(arguments: readers) func `what cannot write is read-only`(volume: JSONValue, container: JSONValue) {
    #expect(PodDisks(pod(volume: volume, container: container))?.claims == ["disk": false])
  }

  @Test func `one writable mount among read-only ones counts`() {
    let mounts: JSONValue = ["volumeMounts": [["name": "v", "readOnly": true], ["name": "v"]]]
    #expect(PodDisks(pod(volume: Self.claim, container: mounts))?.claims == ["disk": true])
  }

  @Test func `an ephemeral volume uses the claim named after Pod and volume`() {
    let disks = PodDisks(pod(volume: ["name": "v", "ephemeral": [:]], container: Self.mount))
    #expect(disks?.claims == ["vm-v": true])
  }

  @Test(arguments: ["Succeeded", "Failed"]) func `a Pod that is over uses nothing`(phase: String) {
    #expect(PodDisks(pod(phase: phase, volume: Self.claim, container: Self.mount)) == nil)
  }

  @Test func `a Pod without claims is of no interest`() {
    #expect(PodDisks(pod(volume: ["name": "v", "emptyDir": [:]], container: Self.mount)) == nil)
  }
}
