import Admission
import Control
import JSON
@testable import Kubernetes
import Testing

@testable import clonegate

/// Whom a change concerns: two clones, `vms/copy` of `images/disk` and `vms/other` of what the DataSource
/// `images/os` stands for.
@Suite struct ControlTablesTests {
  private let tables = ControlTables()
  private let copy = ObjectKey("vms", "copy")
  private let other = ObjectKey("vms", "other")

  init() throws {
    _ = tables.apply(.added(try Self.object("vms", "copy", uid: "u-copy")), to: .dataVolumes)
    _ = tables.apply(.added(try Self.object("vms", "other", uid: "u-other")), to: .dataVolumes)
    tables.link(copy, to: [.claim(ObjectKey("images", "disk")), .namespace("images"), .volume("pv-1")])
    tables.link(
      other,
      to: [
        .claim(ObjectKey("images", "os-1")), .dataSource(ObjectKey("images", "os")), .namespace("images"),
        .freeVolumes,
      ])
  }

  private static func object(
    _ namespace: String?, _ name: String, uid: String = "u", _ rest: JSONValue = [:]
  ) throws -> ObservedObject<[UInt8]> {
    var value = rest
    value["metadata"] = ["name": .string(name), "uid": .string(uid)]
    if let namespace { value["metadata"]!["namespace"] = .string(namespace) }
    return try ObservedObject(JSONNode(value)) { $0.value.bytes }
  }

  /// An order for a DataVolume.
  private static func order(_ uid: String, for key: ObjectKey, attempt: String = "1") throws
    -> ObservedObject<[UInt8]>
  {
    let owner: JSONValue = ["namespace": .string(key.namespace ?? ""), "name": .string(key.name)]
    return try object("clonegate", uid, ["spec": ["dataVolume": owner, "attempt": .number(attempt)]])
  }

  @Test func `a change concerns whoever looks at the object`() throws {
    func concerned(_ resource: ControlledResource, _ namespace: String?, _ name: String) throws
      -> Set<ObjectKey>
    {
      tables.apply(.added(try Self.object(namespace, name)), to: resource)
    }
    #expect(try concerned(.claims, "images", "disk") == [copy], "as its source")
    #expect(try concerned(.claims, "vms", "copy") == [copy], "as its own")
    #expect(try concerned(.claims, "images", "os-1") == [other])
    #expect(try concerned(.claims, "vms", "disk").isEmpty, "another namespace's")
    #expect(try concerned(.dataSources, "images", "os") == [other])
    #expect(try concerned(.dataSources, "images", "disk").isEmpty)
    #expect(
      try concerned(.dataVolumes, "images", "disk") == [copy, ObjectKey("images", "disk")],
      "the one that fills the source, and itself")
    #expect(try concerned(.namespaces, nil, "images") == [copy, other])
    #expect(try concerned(.namespaces, nil, "vms").isEmpty)
    for resource in [ControlledResource.storageClasses, .storageProfiles] {
      #expect(try concerned(resource, nil, "any") == [copy, other], "\(resource)")
    }
  }

  @Test func `an order is heard of from when it is seen until it is gone`() throws {
    let begin = UTCTime(seconds: .secondsSince1970)
    #expect(tables.heard(order: "u-copy") == nil)
    _ = tables.apply(.replaced([try Self.order("u-copy", for: copy)]), to: .orders)
    #expect(try #require(tables.heard(order: "u-copy")) >= begin)
    _ = tables.apply(.modified(try Self.order("u-copy", for: copy, attempt: "2")), to: .orders)
    #expect(try #require(tables.heard(order: "u-copy")) >= begin)
    _ = tables.apply(.replaced([]), to: .orders)
    #expect(tables.heard(order: "u-copy") == nil)
  }

  @Test func `a volume concerns whose claims name it, and who waits for one when it is free or was`() throws {
    func volume(_ name: String, _ phase: String) throws -> ObservedObject<[UInt8]> {
      try Self.object(nil, name, ["status": ["phase": .string(phase)]])
    }
    #expect(tables.apply(.added(try volume("pv-1", "Bound")), to: .volumes) == [copy])
    #expect(tables.apply(.added(try volume("pv-2", "Bound")), to: .volumes).isEmpty)
    #expect(tables.apply(.modified(try volume("pv-2", "Available")), to: .volumes) == [other])
    #expect(tables.apply(.modified(try volume("pv-2", "Bound")), to: .volumes) == [other], "it is taken")
    #expect(tables.apply(.modified(try volume("pv-2", "Released")), to: .volumes).isEmpty)
    #expect(tables.apply(.added(try volume("pv-3", "Available")), to: .volumes) == [other])
    #expect(tables.apply(.deleted(try volume("pv-3", "Available")), to: .volumes) == [other])
    #expect(tables.apply(.deleted(try volume("pv-1", "Bound")), to: .volumes) == [copy])
    tables.link(other, to: [])
    #expect(tables.apply(.modified(try volume("pv-2", "Available")), to: .volumes).isEmpty)
  }

  @Test func `orders are known by the DataVolume that they are for, also when it is gone`() throws {
    let gone = ObjectKey("vms", "gone")
    _ = tables.apply(.added(try Self.order("u-gone", for: gone)), to: .orders)
    _ = tables.apply(.added(try Self.order("u-copy", for: copy)), to: .orders)
    #expect(tables.ownersOfOrders == [copy, gone])
    _ = tables.apply(.deleted(try Self.order("u-gone", for: gone)), to: .orders)
    #expect(tables.ownersOfOrders == [copy])
  }

  @Test func `what did not change concerns nobody, and what changed or went does`() throws {
    let claim = try Self.object("images", "disk")
    #expect(tables.apply(.added(claim), to: .claims) == [copy])
    #expect(tables.apply(.modified(claim), to: .claims).isEmpty)
    let changed = try Self.object("images", "disk", uid: "u", ["status": ["phase": "Bound"]])
    #expect(tables.apply(.modified(changed), to: .claims) == [copy])
    #expect(tables.node(.claims, ObjectKey("images", "disk"))?["status"]?["phase"]?.string == "Bound")
    #expect(tables.apply(.deleted(changed), to: .claims) == [copy])
    #expect(tables.node(.claims, ObjectKey("images", "disk")) == nil && tables.count(.claims) == 0)
  }

  @Test func `a new list concerns whom its changes concern, what is gone from it included`() throws {
    let (disk, os) = (try Self.object("images", "disk"), try Self.object("images", "os-1"))
    #expect(tables.apply(.replaced([disk, os]), to: .claims) == [copy, other])
    #expect(tables.apply(.replaced([disk, os]), to: .claims).isEmpty)
    #expect(tables.apply(.replaced([os]), to: .claims) == [copy])
    #expect(tables.keys(.claims) == [ObjectKey("images", "os-1")])
    #expect(tables.apply(.replaced([]), to: .dataVolumes) == [copy, other])
    #expect(tables.dataVolume(uid: "u-copy") == nil)
  }

  @Test func `links move with the DataVolume`() throws {
    tables.link(copy, to: [.claim(ObjectKey("images", "os-1"))])
    #expect(tables.apply(.added(try Self.object("images", "disk")), to: .claims).isEmpty)
    #expect(tables.apply(.added(try Self.object("images", "os-1")), to: .claims) == [copy, other])
    tables.unlink(other)
    #expect(tables.apply(.added(try Self.object("images", "os")), to: .dataSources).isEmpty)
    #expect(tables.apply(.added(try Self.object(nil, "images")), to: .namespaces).isEmpty)
    #expect(tables.apply(.added(try Self.object(nil, "class")), to: .storageClasses) == [copy])
  }

  @Test func `a DataVolume is found by its uid until another takes its name`() throws {
    #expect(tables.dataVolume(uid: "u-copy") == copy)
    _ = tables.apply(.modified(try Self.object("vms", "copy", uid: "u-later")), to: .dataVolumes)
    #expect(tables.dataVolume(uid: "u-copy") == nil && tables.dataVolume(uid: "u-later") == copy)
    _ = tables.apply(.deleted(try Self.object("vms", "copy", uid: "u-later")), to: .dataVolumes)
    #expect(tables.dataVolume(uid: "u-later") == nil)
  }

  @Test func `an order is its DataVolume's, and so is that of an earlier one of its name`() throws {
    let (first, second) = (try Self.order("u-gone", for: copy), try Self.order("u-copy", for: copy))
    #expect(tables.apply(.replaced([first, second]), to: .orders) == [copy])
    #expect(tables.orders(for: copy) == ["u-gone", "u-copy"] && tables.orders(for: other).isEmpty)
    #expect(
      tables.apply(.modified(try Self.order("u-copy", for: copy, attempt: "2")), to: .orders) == [copy])
    #expect(tables.apply(.deleted(first), to: .orders) == [copy])
    #expect(tables.orders(for: copy) == ["u-copy"])
    #expect(tables.apply(.replaced([]), to: .orders) == [copy])
    #expect(tables.orders(for: copy).isEmpty)
  }

  // MARK: - Pods

  private static func pod(_ name: String, _ claims: [String], phase: String = "Running") throws
    -> ObservedObject<PodDisks?>
  {
    let volumes = claims.map { claim -> JSONValue in
      ["name": .string(claim), "persistentVolumeClaim": ["claimName": .string(claim)]]
    }
    let pod: JSONValue = [
      "metadata": ["name": .string(name), "namespace": "images", "uid": .string(name)],
      "spec": ["volumes": .array(volumes)], "status": ["phase": .string(phase)],
    ]
    return try ObservedObject(JSONNode(pod)) { PodDisks($0) }
  }

  private func users(_ claims: String...) -> [String] {
    tables.pods(using: claims.map { ObjectKey("images", $0) }).map(\.name).sorted()
  }

  @Test func `a Pod concerns who looks at its claims, before and after the change`() throws {
    #expect(tables.apply(.added(try Self.pod("a", ["disk", "else"]))) == [copy])
    #expect(tables.apply(.added(try Self.pod("b", ["else"]))).isEmpty)
    #expect(users("disk") == ["a"] && users("disk", "else") == ["a", "b"])
    #expect(tables.apply(.modified(try Self.pod("a", ["os-1"]))) == [copy, other])
    #expect(users("disk").isEmpty && users("os-1") == ["a"])
    #expect(tables.apply(.modified(try Self.pod("a", ["os-1"], phase: "Succeeded"))) == [other])
    #expect(users("os-1").isEmpty, "it is over")
  }

  @Test func `Pods that are gone from a new list use nothing any more`() throws {
    _ = tables.apply(.replaced([try Self.pod("a", ["disk"]), try Self.pod("b", ["os-1"])]))
    #expect(tables.apply(.replaced([try Self.pod("b", ["os-1"])])).contains(copy))
    #expect(users("disk").isEmpty && users("os-1") == ["b"])
    #expect(tables.apply(.deleted(try Self.pod("b", ["os-1"]))) == [other])
    #expect(users("os-1").isEmpty)
  }

  @Test func `a Pod of another namespace uses another claim`() throws {
    let pod: JSONValue = [
      "metadata": ["name": "c", "namespace": "vms", "uid": "c"],
      "spec": ["volumes": [["name": "d", "persistentVolumeClaim": ["claimName": "disk"]]]],
    ]
    #expect(tables.apply(.added(try ObservedObject(JSONNode(pod)) { PodDisks($0) })).isEmpty)
    #expect(users("disk").isEmpty)
  }

  /// One that were left out would be taken for one that does not exist.
  @Test func `an object of more values than a request may have is there`() throws {
    let many = JSONValue.array(Array(repeating: 0, count: JSONLimits.defaultMaxValues + 1))
    let change = ObjectChange.added(try Self.object("vms", "large", uid: "u-large", ["spec": ["x": many]]))
    #expect(tables.apply(change, to: .dataVolumes) == [ObjectKey("vms", "large")])
    #expect(tables.node(.dataVolumes, ObjectKey("vms", "large"))?["metadata"]?["name"]?.string == "large")
    #expect(tables.nodes(.dataVolumes).count == 3)
  }
}
