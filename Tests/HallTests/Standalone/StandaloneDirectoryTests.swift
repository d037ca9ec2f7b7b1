import Foundation
import JSON
import Testing

@testable import clonegate

/// A directory that is gone when the test is.
final class TemporaryDirectory {
  let url: URL
  var path: String { url.path }

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "clonegate-hall-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ name: String, _ text: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: url.appending(path: name).path, withDestinationPath: target)
  }
}

@Suite struct `The standalone directory` {
  private let home: TemporaryDirectory
  private var directory: StandaloneDirectory { StandaloneDirectory(path: home.path) }

  init() throws { home = try TemporaryDirectory() }

  private static func namespace(_ name: String) -> String {
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: \(name)}\n"
  }

  @Test func `every manifest file is read, in the order of names, with subdirectories`() throws {
    try home.write("b.yml", Self.namespace("b") + "---\n" + Self.namespace("c"))
    try home.write("a/x.yaml", Self.namespace("a"))
    try home.write("d.json", #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\ud83d\ude00"}}"#)
    try home.write("notes.txt", "not: [yaml")
    try home.write(".hidden.yaml", "not: [yaml")
    let contents = directory.read()
    #expect(contents.problems == [])
    #expect(contents.manifests.map(\.name) == ["a", "b", "c", "😀"])
    #expect(contents.manifests.map(\.file) == ["a/x.yaml", "b.yml", "b.yml", "d.json"])
    #expect(contents.manifests.map(\.line) == [1, 1, 5, 1])
  }

  @Test func `Lists are taken apart, and items of a typed List get its kind`() throws {
    try home.write(
      "list.yaml",
      """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: v1, kind: Namespace, metadata: {name: one}}
      - apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleList
        items:
        - metadata: {name: two, namespace: one}
          rules: []
      """)
    let manifests = directory.read().manifests
    #expect(manifests.map(\.kind) == ["Namespace", "Role"])
    #expect(manifests[1].identity.group == "rbac.authorization.k8s.io")
  }

  @Test(arguments: [
    ("broken: [", "did not find"), ("just text", "an object with apiVersion"),
    ("kind: Role", "apiVersion is missing"),
    ("apiVersion: v1\nkind: Namespace\nmetadata: {name: 5}", "metadata.name must be a string, not a number"),
    ("apiVersion: v1\nkind: Namespace\nmetadata: {name: on}", "metadata.name must be a string, not a bool"),
    ("apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: 7}", "Secret: metadata.namespace must be"),
    ("apiVersion: v1", "kind is missing"), ("apiVersion: v1\nkind: Namespace", "metadata.name is missing"),
  ])
  func `a file that is no object is a problem with its name and line`(text: String, word: String) throws {
    try home.write("good.yaml", Self.namespace("good"))
    try home.write("bad.yaml", "# first line\n" + text)
    let contents = directory.read()
    #expect(contents.manifests.map(\.name) == ["good"])
    #expect(contents.problems.map(\.file) == ["bad.yaml"])
    #expect(contents.problems[0].line >= 2)
    #expect(contents.problems[0].description.contains(word))
  }

  @Test(arguments: [
    "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"good\"}}",
    Self.namespace("good"),
  ])
  func `a byte order mark is passed over`(text: String) throws {
    try home.write("marked.yaml", "\u{FEFF}" + text)
    #expect(directory.read().problems.isEmpty)
    #expect(directory.read().manifests.map(\.name) == ["good"])
  }

  @Test func `an object that is given twice is a problem`() throws {
    try home.write("a.yaml", Self.namespace("twin"))
    try home.write("b.yaml", Self.namespace("twin"))
    #expect(
      directory.read().problems.map(\.description) == ["b.yaml:1: Namespace twin is also given in a.yaml:1"])
  }

  @Test func `a link inside is followed and a link out is not`() throws {
    let outside = try TemporaryDirectory()
    try outside.write("secret.yaml", Self.namespace("outside"))
    try home.write("..data/inside.yaml", Self.namespace("inside"))
    try home.link("inside.yaml", to: "..data/inside.yaml")
    #expect(directory.read().manifests.map(\.name) == ["inside"])
    try home.link("out.yaml", to: outside.path + "/secret.yaml")
    try home.link("away", to: outside.path)
    try home.link("gone.yaml", to: "nowhere.yaml")
    let contents = directory.read()
    #expect(contents.manifests.map(\.name) == ["inside"])
    #expect(contents.problems.map(\.file) == ["gone.yaml", "out.yaml"])
    #expect(contents.problems[1].message.contains("leaves the directory"))
  }

  @Test func `a pipe and a directory with a manifest's name hold nothing up`() throws {
    #expect(mkfifo(home.path + "/pipe.yaml", 0o600) == 0)
    try home.write("folder.yaml/x.yaml", Self.namespace("x"))
    let contents = directory.read()
    #expect(contents.manifests.map(\.name) == ["x"])
    #expect(contents.problems.map(\.message) == ["is not a regular file"])
  }

  @Test func `a name that is no text is a problem, and hides nothing in silence`() throws {
    try home.write("a.yaml", Self.namespace("a"))
    let name = Array((home.path + "/grant").utf8) + [0xFF] + Array(".yaml".utf8) + [0]
    let descriptor = name.withUnsafeBytes {
      open($0.assumingMemoryBound(to: CChar.self).baseAddress!, O_WRONLY | O_CREAT, 0o600)
    }
    #expect(descriptor >= 0 && close(descriptor) == 0)
    #expect(directory.read().problems.map(\.message) == ["a name in it is not UTF-8"])
  }

  @Test func `limits on files, bytes and depth are problems, not crashes`() throws {
    for number in 0..<4 { try home.write("\(number).yaml", Self.namespace("n\(number)")) }
    var small = directory
    small.limits.maxFiles = 3
    #expect(small.read().problems.map(\.message) == ["more than 3 files"])
    small = directory
    small.limits.maxBytes = 100
    #expect(small.read().problems.contains { $0.message.contains("exceed 100 bytes") })
    try home.write("a/b/c/deep.yaml", Self.namespace("deep"))
    small = directory
    small.limits.maxDepth = 2
    #expect(small.read().problems.map(\.message) == ["deeper than 2 directories"])
  }

  @Test func `a missing directory is a problem`() {
    let contents = StandaloneDirectory(path: home.path + "/none").read()
    #expect(contents.problems.map(\.message) == ["the directory cannot be read (No such file or directory)"])
  }

  @Test func `the listing changes when a file is written again with the same size and time`() throws {
    try home.write("a.yaml", Self.namespace("a"))
    let before = try directory.listing()
    #expect(try directory.listing() == before)
    let time = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 0)]
    try FileManager.default.setAttributes(time, ofItemAtPath: home.path + "/a.yaml")
    let changed = try directory.listing()
    #expect(changed != before)
  }
}

@Suite struct `The manifest store` {
  private let home: TemporaryDirectory
  private var store: ManifestStore { ManifestStore(directory: StandaloneDirectory(path: home.path)) }

  init() throws { home = try TemporaryDirectory() }

  private static func role(_ name: String, verbs: JSONValue = ["*"]) -> JSONValue {
    [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
      "metadata": ["name": .string(name)],
      "rules": [["apiGroups": ["cdi.kubevirt.io"], "resources": ["datavolumes/source"], "verbs": verbs]],
    ]
  }

  @Test func `an object is created, left alone, changed and removed`() throws {
    #expect(try store.store(Self.role("datavolume-cloner")) == .created)
    #expect(try store.store(Self.role("datavolume-cloner")) == .unchanged)
    #expect(try store.store(Self.role("datavolume-cloner", verbs: ["create"])) == .configured)
    let manifests = store.directory.read().manifests
    #expect(manifests.map(\.value) == [Self.role("datavolume-cloner", verbs: ["create"])])
    #expect(manifests.map(\.file) == ["clusterrole.datavolume-cloner.yaml"])
    #expect(try store.remove(manifests[0].identity))
    #expect(try !store.remove(manifests[0].identity))
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [])
  }

  @Test func `changing one object of a file keeps the others`() throws {
    let text = [Self.role("a"), Self.role("b"), Self.role("c")].map(YAMLWriter.text).joined(
      separator: "---\n")
    try home.write("roles.yaml", text)
    #expect(try store.store(Self.role("b", verbs: ["create"])) == .configured)
    #expect(
      try store.remove(
        ManifestIdentity(group: "rbac.authorization.k8s.io", kind: "ClusterRole", namespace: "", name: "a")))
    #expect(store.directory.read().objects == [Self.role("b", verbs: ["create"]), Self.role("c")])
  }

  @Test func `names that a file cannot have do not collide or escape`() throws {
    #expect(try store.store(Self.role("../x:y")) == .created)
    #expect(try store.store(Self.role(".._x_y")) == .created)
    let files = store.directory.read().manifests.map(\.file)
    #expect(files == ["clusterrole..._x_y-2.yaml", "clusterrole..._x_y.yaml"])
  }
}
