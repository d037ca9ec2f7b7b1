import Admission
import Jobs
import VolumeCopy

/// The target's place: bound before, named by a claim or a volume, free to take, or a directory of our own.
extension PlaceFinder {
  func target(source: Place) throws(Obstacle) -> Place {
    if let bound = known.bound.first(where: { $0.job.id == job.id }) {
      if let change = try change(of: bound.binding, id: job.terms.target) {
        throw .lost(reason: "VolumeChanged", message: change + ": looking for a volume again")
      }
      return place(bound.binding)
    }
    if let volume = try promised() { return try unbound(place(volume)) }
    if let volume = bestFree(besides: source) { return try place(volume) }
    guard job.terms.volumeMode == .filesystem else {
      throw .notYet(reason: "NoVolume", message: missingVolume(source))
    }
    guard let path = store.path(namespace: job.terms.namespace, name: job.terms.name) else {
      throw .refused("target \(job.terms.target) is not a name that Kubernetes allows")
    }
    return try unbound(place(Binding(path: path, kind: .directory), declaredBytes: job.terms.requestedBytes))
  }

  /// The volume that the manifests keep for this claim.
  private func promised() throws(Obstacle) -> Volume? {
    let id = job.terms.target
    let volume = catalog.volume(of: id)
    if volume == nil, let name = catalog.inventory.claim(id)?.volumeName {
      throw .notYet(
        reason: "NoVolume",
        message: "claim \(id) names PersistentVolume \(name), which does not exist or is another claim's")
    }
    guard let volume else { return nil }
    guard volume.volumeMode.rawValue == job.terms.volumeMode.rawValue else {
      throw .refused(
        "PersistentVolume \(volume.name) of claim \(id) has volumeMode \(volume.volumeMode.rawValue), "
          + "the DataVolume asks for \(job.terms.volumeMode.rawValue)")
    }
    return volume
  }

  private func unbound(_ place: Place) throws(Obstacle) -> Place {
    let holder = known.bound.first {
      $0.binding.path == place.binding.path
        || (place.binding.volume != nil && $0.binding.volume == place.binding.volume)
    }
    guard let holder else { return place }
    throw .notYet(
      reason: "VolumeInUse",
      message: "\(place.binding.path) still belongs to DataVolume \(holder.job.terms.target), "
        + "which is \(holder.job.removed ? "being deleted" : holder.job.phase.rawValue)")
  }

  // MARK: free volumes

  private var volumes: [Volume] { catalog.inventory.allVolumes }

  /// The smallest that fits, as Kubernetes' binder chooses; then the first by name.
  private func bestFree(besides source: Place) -> Volume? {
    free(besides: source).filter { obstacles(to: $0, source).isEmpty }
      .min { ($0.capacity ?? 0, $0.name) < ($1.capacity ?? 0, $1.name) }
  }

  /// Volumes of the right mode that no claim, no job and no source holds.
  private func free(besides source: Place) -> [Volume] {
    volumes.filter { volume in
      volume.volumeMode.rawValue == job.terms.volumeMode.rawValue && volume.path.map(Self.isPlain) == true
        && catalog.isFree(volume) && volume.path != source.binding.path
        && !known.bound.contains { $0.binding.volume == volume.name || $0.binding.path == volume.path }
    }
  }

  /// Why a free volume is not this claim's; empty when it fits.
  private func obstacles(to volume: Volume, _ source: Place) -> [String] {
    var obstacles: [String] = []
    let found = volume.storageClass ?? ""
    if let wanted = wantedClass ?? (job.terms.volumeMode == .filesystem ? "" : nil), found != wanted {
      obstacles.append("its class is \(volume.storageClass ?? "none")")
    }
    let needed = job.terms.requestedBytes ?? source.declaredBytes ?? 0
    if volume.capacity ?? 0 < needed { obstacles.append("it declares \(volume.capacity ?? 0) bytes") }
    let missing = job.terms.accessModes.filter { !volume.accessModes.contains($0) }
    if !missing.isEmpty { obstacles.append("it lacks \(missing.joined(separator: ", "))") }
    return obstacles
  }

  /// Without a class in the claim and without a default class, a device of any class will do: on one machine
  /// there is no provisioner that could be meant instead. A Filesystem claim has a directory of ours instead.
  private var wantedClass: String? { job.terms.storageClass ?? catalog.defaultClass }

  private func missingVolume(_ source: Place) -> String {
    let terms = job.terms
    let size = terms.requestedBytes.map { "at least \($0) bytes" } ?? "the source's size"
    let modes =
      terms.accessModes.isEmpty ? "" : ", accessModes [\(terms.accessModes.joined(separator: ", "))]"
    let wanted = wantedClass.map { ", storageClassName \($0)" } ?? ""
    let rejected = free(besides: source).prefix(3).map { volume in
      "\(volume.name): \(obstacles(to: volume, source).joined(separator: ", "))"
    }
    let found = rejected.isEmpty ? "" : " (not fitting: \(rejected.joined(separator: "; ")))"
    return
      "no free PersistentVolume fits claim \(terms.target)\(found); create one with volumeMode Block, "
      + "a local.path that is a device, capacity of \(size)\(modes)\(wanted)"
  }
}
