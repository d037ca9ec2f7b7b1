internal import JSON

/// The disk that a DataVolume describes, with what it leaves out filled in as section 4 of the design says.
struct TargetDisk {
  private let judge: Judge
  private let dataVolume: DataVolume
  private let claim: (kind: DataVolume.ClaimKind, node: JSONNode)?
  /// The source claim, when it may be read and is known.
  let source: Claim?

  init(judge: Judge, dataVolume: DataVolume, source: CloneSource?) {
    self.judge = judge
    self.dataVolume = dataVolume
    claim = dataVolume.claim
    self.source = source.flatMap { $0.kind == .claim ? judge.inventory.claims[$0.id] : nil }
  }

  /// Nil: the cluster's default class (for `pvc`), or none is known.
  var storageClass: String? {
    guard let claim else { return nil }
    return claim.node.text("storageClassName") ?? (claim.kind == .storage ? defaultClass : nil)
  }

  /// For a machine's disk the virtualization default comes first.
  var defaultClass: String? {
    let plain = judge.inventory.defaultClass
    return dataVolume.contentType == .kubevirt ? judge.inventory.virtualizationClass ?? plain : plain
  }

  private var profile: StorageProfile? {
    (storageClass ?? judge.inventory.defaultClass).flatMap { judge.inventory.profiles[$0] }
  }

  var volumeMode: VolumeMode {
    let text = claim?.node.filled("volumeMode")
    return text.flatMap { VolumeMode(rawValue: $0) } ?? defaultVolumeMode
  }

  /// A class with a profile can what its profile offers; of one without a profile nothing speaks against the
  /// source's mode.
  var defaultVolumeMode: VolumeMode {
    guard claim?.kind == .storage, dataVolume.contentType != .archive else { return .filesystem }
    let offers = profile?.offers ?? []
    if let wanted = source?.volumeMode, offers.isEmpty || offers.contains(where: { $0.volumeMode == wanted })
    {
      return wanted
    }
    return offers.first?.volumeMode ?? .filesystem
  }

  var accessModes: [String] {
    let given = claim?.node.texts("accessModes") ?? []
    return given.isEmpty ? defaultAccessModes : given
  }

  var defaultAccessModes: [String] {
    let offered = profile?.offer(for: volumeMode)?.accessModes ?? []
    return offered.isEmpty ? ["ReadWriteOnce"] : offered
  }

  /// Bytes asked for, else those that the source needs, else nil.
  var size: Int64? { dataVolume.requested?.value ?? defaultSize }

  /// For `storage` only: the source's capacity, and room for a filesystem when a device's content goes into
  /// one.
  var defaultSize: Int64? {
    guard claim?.kind == .storage, let source, let capacity = judge.inventory.capacity(of: source) else {
      return nil
    }
    let needsFilesystem = source.volumeMode == .block && volumeMode == .filesystem
    return needsFilesystem ? FilesystemOverhead.required(for: capacity, overhead: overhead) : capacity
  }

  /// The target class's filesystem overhead.
  var overhead: Double {
    judge.settings.filesystemOverhead.fraction(
      storageClass: storageClass, fallback: judge.inventory.defaultClass)
  }

  var preallocation: Bool { dataVolume.spec?["preallocation"]?.bool ?? judge.settings.preallocation }
}
