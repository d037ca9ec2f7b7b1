internal import JSON

/// The defaults of section 4 of the design as additions to the object: the fewest fields, each only where
/// nothing is.
///
/// A list or map that exists is never touched, and a second run finds nothing to add. What cannot be
/// defaulted because the object is malformed is left for `/validate` or the schema to refuse.
struct Defaulting {
  private let settings: AdmissionSettings
  private let dataVolume: DataVolume
  private let disk: TargetDisk

  init(judge: Judge, dataVolume: DataVolume, source: CloneSource?) {
    settings = judge.settings
    self.dataVolume = dataVolume
    disk = TargetDisk(judge: judge, dataVolume: dataVolume, source: source)
  }

  var additions: [Addition] {
    guard let spec = dataVolume.spec, spec.kind == .object, !dataVolume.isExternallyPopulated else {
      return []
    }
    var additions: [Addition] = []
    func add(_ path: String, _ value: JSONValue) {
      additions.append(Addition(pointer: dataVolume.pointer(path), value: value))
    }
    let switches = settings.defaults
    if switches.contentType, isAbsent(spec, "contentType") { add("contentType", "kubevirt") }
    // A review without a namespace (no API server sends one) has none to write down.
    if switches.sourceNamespace, !dataVolume.namespace.isEmpty,
      let source = spec.field("source")?.field("pvc"), lacksNamespace(source)
    {
      add("source/pvc/namespace", .string(dataVolume.namespace))
    }
    if let claim = dataVolume.claim, claim.node.kind == .object {
      addClaimDefaults(claim.kind, claim.node, add)
    }
    if switches.preallocation, settings.preallocation, isAbsent(spec, "preallocation") {
      add("preallocation", true)
    }
    return additions
  }

  private func addClaimDefaults(
    _ kind: DataVolume.ClaimKind, _ claim: JSONNode, _ add: (String, JSONValue) -> Void
  ) {
    let switches = settings.defaults
    if switches.accessModes, isAbsent(claim, "accessModes") {
      add("\(kind.rawValue)/accessModes", .array(disk.defaultAccessModes.map { .string($0) }))
    }
    if switches.volumeMode, isAbsent(claim, "volumeMode") {
      add("\(kind.rawValue)/volumeMode", .string(disk.defaultVolumeMode.rawValue))
    }
    guard kind == .storage else { return }
    if switches.size, let size = disk.defaultSize { addSize(Quantity(bytes: size), to: claim, add) }
    if switches.storageClass, isAbsent(claim, "storageClassName"), let name = disk.defaultClass {
      add("storage/storageClassName", .string(name))
    }
  }

  /// Adds only the innermost map that is missing.
  private func addSize(_ size: Quantity, to claim: JSONNode, _ add: (String, JSONValue) -> Void) {
    let amount = JSONValue.string(size.description)
    guard let resources = claim.field("resources") else {
      return add("storage/resources", ["requests": ["storage": amount]])
    }
    guard let requests = resources.field("requests") else {
      if resources.kind == .object { add("storage/resources/requests", ["storage": amount]) }
      return
    }
    if requests.kind == .object, isAbsent(requests, "storage") {
      add("storage/resources/requests/storage", amount)
    }
  }

  private func isAbsent(_ node: JSONNode, _ name: String) -> Bool { node.field(name) == nil }

  private func lacksNamespace(_ source: JSONNode) -> Bool {
    guard source.kind == .object else { return false }
    return source.field("namespace") == nil || source.text("namespace") == ""
  }
}
