import JSON
import Testing

@testable import clonegate

@Suite struct `The merge of apply` {
  private func manifest(_ labels: JSONValue, _ spec: JSONValue) -> JSONValue {
    ThreeWayMerge.annotated(["metadata": ["name": "x", "labels": labels], "spec": spec])
  }

  @Test func `what a manifest no longer says goes, what others wrote stays`() {
    var live = manifest(["old": "1", "both": "1"], ["size": 1, "list": [1, 2]])
    live["metadata"]?["labels"]?["theirs"] = "kept"
    live["spec"]?["default"] = "kept"
    let merged = ThreeWayMerge.merge(manifest: manifest(["both": "2"], ["size": 2, "list": [3]]), into: live)
    #expect(merged["metadata"]?["labels"] == ["both": "2", "theirs": "kept"])
    #expect(merged["spec"] == ["size": 2, "list": [3], "default": "kept"])
  }

  @Test func `the same manifest changes nothing`() {
    var live = manifest(["a": "1"], ["size": 1])
    live["spec"]?["default"] = "kept"
    #expect(ThreeWayMerge.merge(manifest: manifest(["a": "1"], ["size": 1]), into: live) == live)
  }

  @Test func `defaults inside a list stay while the manifest does not change the list`() {
    var live = manifest([:], ["templates": [["name": "a"]]])
    live["spec"]?["templates"] = [["name": "a", "contentType": "kubevirt"]]
    let same = ThreeWayMerge.merge(manifest: manifest([:], ["templates": [["name": "a"]]]), into: live)
    #expect(same == live)
    let more = ThreeWayMerge.merge(manifest: manifest([:], ["templates": [["name": "b"]]]), into: live)
    #expect(more["spec"] == ["templates": [["name": "b"]]])
  }

  @Test func `an object that was not applied before only gains`() {
    let live: JSONValue = ["metadata": ["name": "x", "labels": ["a": "1"]], "spec": ["size": 1]]
    let merged = ThreeWayMerge.merge(manifest: manifest(["b": "2"], ["mode": "Block"]), into: live)
    #expect(merged["metadata"]?["labels"] == ["a": "1", "b": "2"])
    #expect(merged["spec"] == ["size": 1, "mode": "Block"])
  }
}
