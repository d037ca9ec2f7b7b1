import Control
import JSON
import Jobs
import Logging
import ServiceLifecycle
import Testing

@testable import clonegate

/// What the copier of a node remembers of its orders, and how its process ends.
@Suite struct NodeOrdersTests {
  @Test func `a job is an order's by the order's own uid`() throws {
    let copy = try VolumeCopy(JSONNode(Self.order))
    let request = CloneRequest(copy)
    #expect(request.key == Self.uid)
    #expect(request.object["metadata"]?["uid"]?.string == Self.name)
  }

  @Test func `a worker that ends by itself ends the process`() async throws {
    struct Ended: Error {}
    let worker = NodeWorker(work: { throw Ended() }, stop: {})
    await #expect(throws: Ended.self) {
      try await ServiceGroup(services: [worker], logger: .init(label: "test")).run()
    }
    let quiet = NodeWorker(work: {}, stop: {})
    await #expect(throws: ServiceGroupError.self) {
      try await ServiceGroup(services: [quiet], logger: .init(label: "test")).run()
    }
  }

  private static let name = "a0000000-0000-4000-8000-000000000000"
  private static let uid = "b0000000-0000-4000-8000-000000000000"

  private static let order: JSONValue = [
    "metadata": ["name": .string(name), "uid": .string(uid)],
    "spec": [
      "dataVolume": ["namespace": "b", "name": "disk", "uid": .string(name)],
      "source": disk("1"), "target": disk("2"), "nodeName": "n1", "preallocation": false, "verify": "digest",
      "attempt": 1,
    ],
  ]

  private static func disk(_ digit: String) -> JSONValue {
    [
      "namespace": "a", "claim": "golden", "claimUID": .string("c000000\(digit)-0000-4000-8000-000000000000"),
      "volume": "pv", "volumeMode": "Filesystem",
      "volumeUID": .string("d000000\(digit)-0000-4000-8000-000000000000"),
    ]
  }
}
