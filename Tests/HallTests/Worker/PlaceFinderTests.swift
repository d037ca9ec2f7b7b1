import Foundation
import JSON
import Testing
import VolumeCopy

@testable import Jobs
@testable import clonegate

@Suite struct `Finding a clone's volumes` {
  private let home: TemporaryDirectory
  private var store: VolumeStore { VolumeStore(data: home.path + "/data") }

  init() throws { home = try TemporaryDirectory() }

  // MARK: the world

  private func job(
    _ name: String = "copy", id: Int64 = 7, block: Bool = false, archive: Bool = false,
    step: JobStep = .accepted,
    removed: Bool = false, bytes: Int64? = 2 << 30, storageClass: String? = nil, source: String = "disk"
  ) -> Job {
    let terms = CloneTerms(
      namespace: "vms", name: name, sourceNamespace: "images", sourceName: source,
      volumeMode: block ? .block : .filesystem, contentType: archive ? .archive : .kubevirt,
      requestedBytes: bytes,
      storageClass: storageClass, accessModes: ["ReadWriteOnce"])
    return Job(
      id: id, key: name, uid: name, terms: terms, step: step, reason: "", message: "", failure: nil,
      restarts: 0,
      cancelRequested: false, removed: removed, progress: JobProgress(), report: nil, sourcePlace: nil,
      targetPlace: nil, acceptedAt: 0, startedAt: nil, finishedAt: nil)
  }

  private func volume(
    _ name: String, path: String, block: Bool = false, size: String = "2Gi", storageClass: String? = nil,
    modes: [JSONValue] = ["ReadWriteOnce"], claim: String? = nil
  ) -> JSONValue {
    var spec: JSONValue = [
      "capacity": ["storage": .string(size)], "accessModes": .array(modes),
      "volumeMode": block ? "Block" : "Filesystem", "local": ["path": .string(path)],
    ]
    if let storageClass { spec["storageClassName"] = .string(storageClass) }
    if let claim {
      let parts = claim.split(separator: "/").map { JSONValue.string(String($0)) }
      spec["claimRef"] = ["namespace": parts[0], "name": parts[1]]
    }
    return [
      "apiVersion": "v1", "kind": "PersistentVolume", "metadata": ["name": .string(name)], "spec": spec,
    ]
  }

  private func claim(_ namespace: String, _ name: String, volume: String? = nil, block: Bool = false)
    -> JSONValue
  {
    var spec: JSONValue = [
      "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "2Gi"]],
      "volumeMode": block ? "Block" : "Filesystem",
    ]
    if let volume { spec["volumeName"] = .string(volume) }
    return [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": ["namespace": .string(namespace), "name": .string(name)], "spec": spec,
    ]
  }

  /// The golden disk on a volume of its own, and whatever else is said.
  private func resolve(
    _ job: Job, _ objects: [JSONValue] = [], bound: [BoundVolume] = [], sourceJob: Job? = nil,
    source: Bool = true
  ) -> Resolution {
    let golden = [volume("golden", path: "/srv/golden"), claim("images", "disk", volume: "golden")]
    return PlaceFinder(
      job: job, known: KnownVolumes(bound: bound, sourceJob: sourceJob),
      catalog: VolumeCatalog(objects: (source ? golden : []) + objects), store: store
    ).resolve()
  }

  private func target(_ resolution: Resolution) throws -> String {
    guard case .found(let places) = resolution else {
      Issue.record("\(resolution)")
      return ""
    }
    return places.target.description
  }

  private func obstacle(_ resolution: Resolution) -> String {
    switch resolution {
    case .found(let places): "found \(places.target)"
    case .notYet(let reason, let message): "\(reason): \(message)"
    case .lost(let reason, let message): "lost \(reason): \(message)"
    case .refused(let reason, let message): "refused \(reason): \(message)"
    }
  }

  private var ownPath: String { store.root + "/vms/copy" }

  // MARK: the source

  @Test func `a claim's volume is the source, by the claim's word or by the volume's`() throws {
    guard case .found(let places) = resolve(job()) else { throw Missing() }
    #expect(places.source == .directory("/srv/golden") && places.declaredSourceBytes == 2 << 30)
    let kept = [volume("kept", path: "/srv/kept", block: true, claim: "images/disk")]
    guard case .found(let other) = resolve(job(), kept, source: false) else { throw Missing() }
    #expect(other.source == .device("/srv/kept"))
  }

  @Test func `a source that is not there is waited for, by name`() {
    #expect(
      obstacle(resolve(job(), source: false)).hasPrefix(
        "CloneWithoutSource: The source pvc disk doesn't exist"))
    let unbound = resolve(job(), [claim("images", "disk")], source: false)
    #expect(obstacle(unbound).contains("\(store.root)/images/disk/disk.img"))
  }

  @Test func `a disk in the data directory is the source of a claim without a volume`() throws {
    let path = store.root + "/images/disk"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: path + "/disk.img", contents: Data([1]))
    guard case .found(let places) = resolve(job(), source: false) else { throw Missing() }
    #expect(places.source == .directory(path, beneath: store.root))
  }

  @Test(arguments: [JobStep.accepted, .copying, .verified, .failed, .cancelled])
  func `a DataVolume is no source before it is whole`(step: JobStep) {
    let earlier = job("disk", id: 3, step: step)
    let bound = BoundVolume(binding: Binding(path: "/srv/d", kind: .directory, volume: "d"), job: earlier)
    #expect(
      obstacle(resolve(job(), bound: [bound], sourceJob: earlier)).hasPrefix(
        "CloneSourceInUse: source DataVolume"))
  }

  @Test func `a finished DataVolume is a source like any other`() throws {
    let earlier = job("disk", id: 3, step: .reported)
    let bound = BoundVolume(binding: Binding(path: "/dev/d", kind: .device, volume: "d"), job: earlier)
    let own = volume("d", path: "/dev/d", block: true)
    guard case .found(let places) = resolve(job(), [own], bound: [bound], sourceJob: earlier) else {
      throw Missing()
    }
    #expect(places.source == .device("/dev/d"))
    for changed in [[], [volume("d", path: "/dev/e", block: true)]] {
      let text = obstacle(resolve(job(), changed, bound: [bound], sourceJob: earlier))
      #expect(text.contains("PersistentVolume d, bound to claim vms/disk") && !text.hasPrefix("found"))
    }
  }

  @Test func `a volume that is being taken away is no source`() {
    let removed = job("old", id: 3, step: .reported, removed: true)
    let bound = BoundVolume(
      binding: Binding(path: "/srv/golden", kind: .directory, volume: "golden"), job: removed)
    #expect(obstacle(resolve(job(), bound: [bound])).contains("is being deleted"))
  }

  @Test func `a claim that names another's volume gets nothing of it`() {
    let kept = [
      volume("golden", path: "/srv/golden", claim: "secret/disk"), claim("images", "disk", volume: "golden"),
    ]
    #expect(obstacle(resolve(job(), kept, source: false)).hasPrefix("CloneWithoutSource"))
    let contested = [
      volume("golden", path: "/srv/golden"), claim("images", "disk", volume: "golden"),
      claim("secret", "disk", volume: "golden"),
    ]
    #expect(obstacle(resolve(job(), contested, source: false)).hasPrefix("CloneWithoutSource"))
    let copied = BoundVolume(
      binding: Binding(path: "/srv/golden", kind: .directory, volume: "golden"),
      job: job("secret", id: 3, step: .reported))
    #expect(obstacle(resolve(job(), bound: [copied])).hasPrefix("CloneWithoutSource"))
    let target = [
      volume("mine", path: "/srv/mine", claim: "secret/disk"), claim("vms", "copy", volume: "mine"),
    ]
    #expect(obstacle(resolve(job(), target)).hasPrefix("NoVolume"))
  }

  @Test(arguments: ["srv/golden", "/srv/../etc", "/srv/./golden", "/srv//golden", "/", ""])
  func `a volume's path that is not plain is refused`(path: String) {
    let objects = [volume("golden", path: path, claim: "images/disk")]
    #expect(!obstacle(resolve(job(), objects, source: false)).hasPrefix("found"))
  }

  // MARK: the target

  @Test func `a Filesystem claim without a volume is given a directory of ours`() throws {
    guard case .found(let places) = resolve(job()) else { throw Missing() }
    #expect(places.target == .directory(ownPath, beneath: store.root))
    #expect(places.binding == Binding(path: ownPath, kind: .directory))
  }

  private func bound(_ job: Job) -> BoundVolume {
    BoundVolume(binding: Binding(path: "/dev/x", kind: .device, volume: "x"), job: job)
  }

  @Test func `what was bound before stays, though another fits better or another's claim names it`() throws {
    let mine = job(block: true)
    let others = [
      volume("a", path: "/dev/a", block: true), claim("other", "c", volume: "x", block: true),
    ]
    for claim in [nil, "vms/copy"] {
      let kept = volume("x", path: "/dev/x", block: true, size: "9Gi", claim: claim)
      #expect(try target(resolve(mine, others + [kept], bound: [bound(mine)])) == "/dev/x")
    }
  }

  @Test func `what was bound is left when its volume leads elsewhere or is another's`() {
    let mine = job(block: true)
    let changes = [
      (volume("x", path: "/dev/y", block: true), "at /dev/x, is now /dev/y with volumeMode Block"),
      (volume("x", path: "/dev/x"), "is now /dev/x with volumeMode Filesystem"),
      (volume("x", path: "/dev/x", block: true, claim: "other/c"), "is kept for claim other/c now"),
    ]
    for (changed, why) in changes {
      let text = obstacle(resolve(mine, [changed], bound: [bound(mine)]))
      #expect(text.hasPrefix("lost VolumeChanged: PersistentVolume x, bound to claim vms/copy"))
      #expect(text.contains(why))
    }
    let gone = obstacle(resolve(mine, bound: [bound(mine)]))
    #expect(gone.hasPrefix("NoVolume: PersistentVolume x, bound to claim vms/copy, is gone"))
  }

  @Test func `the volume that a claim names, or that is kept for it, is taken`() throws {
    let named = [volume("mine", path: "/srv/mine"), claim("vms", "copy", volume: "mine")]
    #expect(try target(resolve(job(), named)) == "/srv/mine/disk.img")
    let kept = [volume("mine", path: "/srv/mine", claim: "vms/copy")]
    #expect(try target(resolve(job(), kept)) == "/srv/mine/disk.img")
    #expect(obstacle(resolve(job(block: true), kept)).hasPrefix("refused CloneValidationFailed"))
    #expect(obstacle(resolve(job(), [claim("vms", "copy", volume: "gone")])).hasPrefix("NoVolume"))
  }

  @Test func `the smallest free Block volume that fits is taken`() throws {
    let volumes = [
      volume("large", path: "/dev/large", block: true, size: "9Gi"),
      volume("fits", path: "/dev/fits", block: true, size: "3Gi"),
      volume("small", path: "/dev/small", block: true, size: "1Gi"),
      volume("files", path: "/srv/files", size: "2Gi"),
      volume("named", path: "/dev/named", block: true), claim("other", "c", volume: "named", block: true),
      volume("kept", path: "/dev/kept", block: true, claim: "other/d"),
      volume("readonly", path: "/dev/ro", block: true, modes: ["ReadOnlyMany"]),
    ]
    #expect(try target(resolve(job(block: true), volumes)) == "/dev/fits")
    let held = BoundVolume(
      binding: Binding(path: "/dev/fits", kind: .device, volume: "fits"),
      job: job("other", id: 1, step: .copying))
    #expect(try target(resolve(job(block: true), volumes, bound: [held])) == "/dev/large")
  }

  @Test func `a class that is named must be the volume's, and so must the default class`() throws {
    let fast = volume("fast", path: "/dev/fast", block: true, storageClass: "fast")
    let standard: JSONValue = [
      "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
      "metadata": [
        "name": "standard", "annotations": ["storageclass.kubernetes.io/is-default-class": "true"],
      ],
    ]
    #expect(try target(resolve(job(block: true, storageClass: "fast"), [fast])) == "/dev/fast")
    #expect(try target(resolve(job(block: true), [fast])) == "/dev/fast")
    #expect(
      obstacle(resolve(job(block: true, storageClass: "slow"), [fast])).contains("fast: its class is fast"))
    #expect(obstacle(resolve(job(block: true), [fast, standard])).contains("storageClassName standard"))
  }

  @Test func `a Filesystem claim takes a free volume of its own class only`() throws {
    let files = [volume("slow", path: "/srv/slow", storageClass: "slow"), volume("odd", path: "/srv/../odd")]
    #expect(try target(resolve(job(), files)) == ownPath + "/disk.img")
    #expect(try target(resolve(job(storageClass: "slow"), files)) == "/srv/slow/disk.img")
    #expect(try target(resolve(job(), [volume("plain", path: "/srv/plain")])) == "/srv/plain/disk.img")
  }

  @Test func `a missing Block volume is described so that it can be made`() {
    let text = obstacle(
      resolve(job(block: true), [volume("small", path: "/dev/s", block: true, size: "1Gi")]))
    #expect(text.hasPrefix("NoVolume: no free PersistentVolume fits claim vms/copy"))
    #expect(
      text.contains("small: it declares 1073741824 bytes") && text.contains("at least 2147483648 bytes"))
    #expect(text.contains("volumeMode Block") && text.contains("ReadWriteOnce"))
  }

  @Test func `the directory of a DataVolume that is being deleted is waited for`() {
    let removed = job("copy", id: 3, step: .reported, removed: true)
    let bound = BoundVolume(binding: Binding(path: ownPath, kind: .directory), job: removed)
    #expect(obstacle(resolve(job(), bound: [bound])).hasPrefix("VolumeInUse"))
  }

  @Test func `an archive is refused between Filesystem volumes, too, for it is no disk`() {
    let objects = [volume("src", path: "/srv/src", claim: "images/disk")]
    let text = obstacle(resolve(job(archive: true), objects, source: false))
    #expect(text.hasPrefix("refused CloneValidationFailed: contentType archive is a tree of files"))
  }

  @Test(arguments: [(true, false), (false, true), (true, true)])
  func `an archive is refused where a side is Block`(source: Bool, target: Bool) {
    let objects = [
      volume("src", path: source ? "/dev/src" : "/srv/src", block: source, claim: "images/disk"),
      volume("dst", path: "/dev/dst", block: true),
    ]
    let text = obstacle(resolve(job(block: target, archive: true), objects, source: false))
    #expect(text.hasPrefix("refused CloneValidationFailed: contentType archive"))
  }

  @Test(arguments: [("..", "copy"), ("images", "../../etc")])
  func `a name that is no name is refused before it is a path`(namespace: String, name: String) {
    var bad = job()
    let terms = CloneTerms(
      namespace: namespace, name: name, sourceNamespace: namespace, sourceName: name, requestedBytes: 1)
    bad = Job(
      id: 1, key: "k", uid: "k", terms: terms, step: bad.step, reason: "", message: "", failure: nil,
      restarts: 0,
      cancelRequested: false, removed: false, progress: JobProgress(), report: nil, sourcePlace: nil,
      targetPlace: nil, acceptedAt: 0, startedAt: nil, finishedAt: nil)
    #expect(obstacle(resolve(bad)).hasPrefix("refused CloneValidationFailed"))
  }

  private struct Missing: Error {}
}

@Suite struct `A bandwidth on the command line` {
  @Test(
    arguments: [
      ("200MiB/s", 209_715_200), ("200Mi", 209_715_200), ("1G", 1_000_000_000), ("1.5GB/s", 1_500_000_000),
      ("800k", 800_000), ("800K", 800_000), ("7", 7), ("0", nil), ("off", nil),
    ] as [(String, Int64?)])
  func `is a quantity of bytes a second`(text: String, bytes: Int64?) throws {
    #expect(try #require(ByteRate(argument: text)).bytesPerSecond == bytes)
  }

  @Test(arguments: ["", "fast", "-1", "1MiB/h", "MiB", "1 MiB", "0.0"])
  func `is refused when it is none`(text: String) { #expect(ByteRate(argument: text) == nil) }
}
