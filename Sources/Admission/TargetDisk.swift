internal import JSON

/// The disk that a DataVolume describes, with what it leaves out filled in as section 4 of the design says.
package struct TargetDisk {
  let inventory: Inventory
  let settings: AdmissionSettings
  private let dataVolume: DataVolume
  private let claim: (kind: DataVolume.ClaimKind, node: JSONNode)?
  /// The source claim, when it may be read and is known.
  package let source: Claim?

  package init(
    inventory: Inventory, settings: AdmissionSettings, dataVolume: DataVolume, source: CloneSource?
  ) {
    self.inventory = inventory
    self.settings = settings
    self.dataVolume = dataVolume
    claim = dataVolume.claim
    self.source = source.flatMap { $0.kind == .claim ? inventory.claims[$0.id] : nil }
  }

  init(judge: Judge, dataVolume: DataVolume, source: CloneSource?) {
    self.init(
      inventory: judge.inventory, settings: judge.settings, dataVolume: dataVolume, source: source)
  }

  /// Nil: the cluster's default class (for `pvc`), or none is known.
  package var storageClass: String? {
    guard let claim else { return nil }
    return claim.node.text("storageClassName") ?? (claim.kind == .storage ? defaultClass : nil)
  }

  /// For a machine's disk the virtualization default comes first.
  var defaultClass: String? {
    let plain = inventory.defaultClass
    return dataVolume.contentType == .kubevirt ? inventory.virtualizationClass ?? plain : plain
  }

  var profile: StorageProfile? {
    (storageClass ?? inventory.defaultClass).flatMap { inventory.profiles[$0] }
  }

  package var volumeMode: VolumeMode {
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

  package var accessModes: [String] {
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
    guard claim?.kind == .storage, let source, let capacity = inventory.capacity(of: source) else {
      return nil
    }
    let needsFilesystem = source.volumeMode == .block && volumeMode == .filesystem
    return needsFilesystem ? FilesystemOverhead.required(for: capacity, overhead: overhead) : capacity
  }

  /// Bytes that the claim itself asks for (SEMANTICS.md c.4): `pvc` as given; `storage` with the filesystem's
  /// overhead on top, and never less than what the class can make. Nil: nobody knows how much.
  package var request: Int64? {
    guard claim?.kind == .storage else { return dataVolume.requested?.value }
    guard let image else { return nil }
    let bytes = volumeMode == .block ? image : FilesystemOverhead.required(for: image, overhead: overhead)
    return max(bytes, profile?.minimumSize ?? 0)
  }

  /// Bytes of the image that `storage` is to hold. A size that the gate filled in from a device has the
  /// overhead in it: it is not added twice.
  private var image: Int64? {
    guard let asked = dataVolume.requested?.value, asked != defaultSize else {
      return source.flatMap { inventory.capacity(of: $0) }
    }
    return asked
  }

  /// The target class's filesystem overhead.
  package var overhead: Double {
    settings.filesystemOverhead.fraction(
      storageClass: storageClass, fallback: inventory.defaultClass)
  }

  package var preallocation: Bool { dataVolume.spec?["preallocation"]?.bool ?? settings.preallocation }
}
