import Admission
import Jobs
import VolumeCopy

/// Finds the places of one job's source and target among the volumes and claims of the standalone directory
/// and what the journal bound before.
struct PlaceFinder {
  let job: Job
  let known: KnownVolumes
  let catalog: VolumeCatalog
  let store: VolumeStore

  /// A place as a claim means it.
  struct Place {
    var location: VolumeLocation
    var binding: Binding
    var declaredBytes: Int64?
  }

  /// Why there is no place.
  enum Obstacle: Error {
    case notYet(reason: String, message: String)
    case lost(reason: String, message: String)
    case refused(String)
  }

  func resolve() -> Resolution {
    do throws(Obstacle) {
      let source = try source()
      try checkContent(source)
      let target = try target(source: source)
      return .found(
        CopyPlaces(
          source: source.location, target: target.location, binding: target.binding,
          declaredSourceBytes: source.declaredBytes, declaredTargetBytes: target.declaredBytes))
    } catch {
      switch error {
      case .notYet(let reason, let message): return .notYet(reason: reason, message: message)
      case .lost(let reason, let message): return .lost(reason: reason, message: message)
      case .refused(let message): return .refused(reason: "CloneValidationFailed", message: message)
      }
    }
  }

  // MARK: the source

  private func source() throws(Obstacle) -> Place {
    let id = NamespacedName(namespace: job.terms.sourceNamespace, name: job.terms.sourceName)
    if let earlier = known.sourceJob { return try sourceOfDataVolume(earlier) }
    let place = try sourceOfClaim(id)
    // Bound for a DataVolume of another name, or of this name and being deleted: it is not this claim's.
    if let holder = known.bound.first(where: { $0.binding.path == place.binding.path }) {
      throw .notYet(
        reason: "CloneWithoutSource",
        message: "the volume of \(id) belongs to DataVolume \(holder.job.terms.target), which is "
          + (holder.job.removed ? "being deleted" : holder.job.phase.rawValue))
    }
    return place
  }

  private func sourceOfDataVolume(_ earlier: Job) throws(Obstacle) -> Place {
    guard earlier.step == .reported, let held = known.bound.first(where: { $0.job.id == earlier.id }) else {
      throw .notYet(
        reason: "CloneSourceInUse",
        message: "source DataVolume \(earlier.terms.target) is \(earlier.phase.rawValue), not Succeeded")
    }
    if let change = try change(of: held.binding, id: earlier.terms.target) {
      throw .notYet(reason: "CloneWithoutSource", message: change)
    }
    return place(held.binding)
  }

  private func sourceOfClaim(_ id: NamespacedName) throws(Obstacle) -> Place {
    let claim = catalog.inventory.claim(id)
    if let volume = catalog.volume(of: id) { return try place(volume) }
    guard let path = store.path(namespace: id.namespace, name: id.name) else {
      throw .refused("source \(id) is not a name that Kubernetes allows")
    }
    let own = Binding(path: path, kind: .directory)
    guard store.hasImage(own), claim?.volumeMode != .block else {
      let remedy =
        claim == nil
        ? "there is no such PersistentVolumeClaim in the standalone directory"
        : "the claim has no PersistentVolume; name one in its spec.volumeName, or put its disk at "
          + "\(path)/disk.img"
      throw .notYet(
        reason: "CloneWithoutSource", message: "The source pvc \(id.name) doesn't exist: \(remedy)")
    }
    return place(own, declaredBytes: claim.flatMap { catalog.inventory.capacity(of: $0) })
  }

  /// SEMANTICS.md c.4: modes may differ only for kubevirt content; an archive lives in a file system. It is a
  /// tree of files, of which a copy of `disk.img` would be none.
  private func checkContent(_ source: Place) throws(Obstacle) {
    guard job.terms.contentType == .archive else { return }
    if job.terms.volumeMode == .block || source.binding.kind == .device {
      throw .refused("contentType archive needs Filesystem volumes on both sides: one here is Block")
    }
    throw .refused("contentType archive is a tree of files: clonegate copies disk images, no archives")
  }

  // MARK: places

  /// How the manifests contradict what was bound, in a sentence: a volume whose path or claim was edited
  /// leads to another's disk.
  func change(of binding: Binding, id: NamespacedName) throws(Obstacle) -> String? {
    guard let name = binding.volume else { return nil }
    guard let volume = catalog.inventory.volume(named: name) else {
      throw .notYet(
        reason: "NoVolume",
        message: "PersistentVolume \(name), bound to claim \(id), is gone from the manifests; "
          + "put it back, or delete DataVolume \(id)")
    }
    if let claim = volume.claim, claim != id {
      return "PersistentVolume \(name), bound to claim \(id), is kept for claim \(claim) now"
    }
    let kind: VolumeLocation.Kind = volume.volumeMode == .block ? .device : .directory
    guard volume.path == binding.path, kind == binding.kind else {
      return "PersistentVolume \(name), bound to claim \(id) at \(binding.path), "
        + "is now \(volume.path ?? "nowhere") with volumeMode \(volume.volumeMode.rawValue)"
    }
    return nil
  }

  func place(_ volume: Volume) throws(Obstacle) -> Place {
    guard let path = volume.path, Self.isPlain(path) else {
      throw .notYet(
        reason: "VolumeNotLocal",
        message:
          "PersistentVolume \(volume.name) has no local.path or hostPath.path that is absolute and plain"
      )
    }
    let kind: VolumeLocation.Kind = volume.volumeMode == .block ? .device : .directory
    return place(
      Binding(path: path, kind: kind, volume: volume.name), declaredBytes: volume.capacity)
  }

  /// One place, one text: bindings are compared by their paths.
  static func isPlain(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 1 && parts[0].isEmpty
      && parts.dropFirst().allSatisfy { !["", ".", ".."].contains($0) }
  }

  func place(_ binding: Binding, declaredBytes: Int64? = nil) -> Place {
    let beneath = binding.volume == nil && binding.kind == .directory ? store.root : nil
    let location: VolumeLocation =
      binding.kind == .device
      ? .device(binding.path) : .directory(binding.path, beneath: beneath)
    let declared = declaredBytes ?? binding.volume.flatMap { catalog.inventory.volume(named: $0)?.capacity }
    return Place(location: location, binding: binding, declaredBytes: declared)
  }
}

extension CloneTerms {
  var target: NamespacedName { NamespacedName(namespace: namespace, name: name) }
}
