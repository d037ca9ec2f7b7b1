import Control
import JSON
import Testing

@Suite struct VolumePlaceTests {
  private func place(_ spec: JSONValue) -> VolumePlace { VolumePlace(JSONNode(["spec": spec])) }

  private func terms(_ terms: [JSONValue]) -> JSONValue {
    ["local": ["path": "/d"], "nodeAffinity": ["required": ["nodeSelectorTerms": .array(terms)]]]
  }

  private static func term(
    _ key: String, _ values: [JSONValue], list: String = "matchExpressions", operation: JSONValue = "In"
  ) -> JSONValue {
    .object([list: [["key": .string(key), "operator": operation, "values": .array(values)]]])
  }
  private static let host = "kubernetes.io/hostname"

  private static let rows: [([JSONValue], String?)] = [
    ([term(host, ["a"])], "a"), ([term("metadata.name", ["a"], list: "matchFields")], "a"),
    ([term(host, ["a", "b"])], nil), ([term(host, ["a"]), term(host, ["b"])], nil),
    ([term(host, ["a"]), term(host, ["a"])], "a"), ([term(host, ["a"]), term("zone", ["z"])], nil),
    ([term(host, ["a"], operation: "NotIn")], nil), ([term("metadata.name", ["a"])], nil), ([], nil),
  ]

  @Test(arguments: rows) func `a volume is on the one node that its affinity allows`(
    terms: [JSONValue], node: String?
  ) {
    #expect(place(self.terms(terms)).node == node)
  }

  @Test func `only paths of the node are copied`() {
    #expect(place(["local": ["path": "/d"]]).storage == .path("/d"))
    #expect(place(["hostPath": ["path": "/h"]]).storage == .path("/h"))
    #expect(place(["csi": ["driver": "x.example"]]).storage == .other("csi driver x.example"))
    #expect(place(["nfs": ["server": "s"]]).storage == .other("nfs"))
    #expect(place([:]).storage == .other("of an unknown kind"))
  }
}
