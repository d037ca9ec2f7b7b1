/// Whether a source's content fits the target, by what both objects declare. The worker measures again
/// before byte 1.
///
/// Sizes follow CDI's stages (`pvc-clone-controller.go`, `planner.go`, `clone-controller.go`), asked at
/// admission, where the user still sees the answer: a volume's filesystem takes its overhead on either side,
/// a device counts in full.
package struct SourceFit {
  let dataVolume: DataVolume
  let disk: TargetDisk
  let source: Claim

  package init(dataVolume: DataVolume, disk: TargetDisk, source: Claim) {
    self.dataVolume = dataVolume
    self.disk = disk
    self.source = source
  }

  /// Why the source cannot fit, in one sentence; nil when nothing that is declared speaks against it.
  package var problem: String? { refusal?.message }

  var refusal: Refusal? { modeRefusal ?? sizeRefusal }

  /// An archive is files: it is neither read from a device nor written to one.
  private var modeRefusal: Refusal? {
    guard dataVolume.contentType == .archive else { return nil }
    let from = source.volumeMode.rawValue
    let to = disk.volumeMode.rawValue
    guard source.volumeMode == .block || disk.volumeMode == .block else { return nil }
    return .invalid(
      dataVolume.field("contentType"),
      "the source is a \(from) volume and the target a \(to) volume: an archive can only be cloned from "
        + "Filesystem to Filesystem; use contentType kubevirt")
  }

  private var sizeRefusal: Refusal? {
    guard let claim = dataVolume.claim, let asked = dataVolume.requested?.value,
      let capacity = disk.inventory.capacity(of: source)
    else { return nil }
    let needed = needed(of: capacity, kind: claim.kind)
    guard asked < needed else { return nil }
    let smallest = Quantity(bytes: needed)
    return .invalid(
      dataVolume.field("\(claim.kind.rawValue).resources.requests.storage"),
      "the target is smaller than the source: \(asked) bytes are requested, and the source claim "
        + "\(source.id) holds \(capacity) bytes\(overheadNote(needed > capacity)); request at least "
        + "\(smallest) (\(needed) bytes)")
  }

  /// Without it the two numbers may be equal, and the refusal a riddle.
  private func overheadNote(_ isNeeded: Bool) -> String {
    isNeeded ? ", and the target's file system takes \(disk.overhead) of its volume for itself" : ""
  }

  /// The smallest request that holds the source, bytes. A `storage` request is the image's size: the
  /// filesystem's overhead comes on top of it; a `pvc` request is the whole volume's.
  private func needed(of capacity: Int64, kind: DataVolume.ClaimKind) -> Int64 {
    switch (source.volumeMode, disk.volumeMode, kind) {
    case (.block, .filesystem, .pvc): return smallestVolume(holding: capacity)
    case (.filesystem, _, .storage): return FilesystemOverhead.usable(of: capacity, overhead: sourceOverhead)
    default: return capacity
    }
  }

  /// CDI compares what is usable of the target, which is whole mebibytes.
  private func smallestVolume(holding bytes: Int64) -> Int64 {
    FilesystemOverhead.required(for: bytes, overhead: disk.overhead)
  }

  private var sourceOverhead: Double {
    disk.settings.filesystemOverhead.fraction(
      storageClass: source.storageClass, fallback: disk.inventory.defaultClass)
  }
}
