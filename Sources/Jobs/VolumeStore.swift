import Foundation
import Glibc
import VolumeCopy

/// The directories that claims without a PersistentVolume are given: `DATA/volumes/NAMESPACE/NAME`. They are
/// made and removed here, one step at a time, without following a link; nothing outside is ever touched.
package struct VolumeStore: Sendable {
  package let root: String
  /// What the paths of PersistentVolumes must not leave (`WorkerOptions.root`).
  private let outside: String?

  package init(data: String, beneath outside: String? = nil) {
    root = data + "/volumes"
    self.outside = outside
  }

  /// nil when a name could not be a Kubernetes name.
  package func path(namespace: String, name: String) -> String? {
    guard KubernetesName.isLabel(namespace), KubernetesName.isSubdomain(name) else { return nil }
    return "\(root)/\(namespace)/\(name)"
  }

  /// Makes the directory if it is not there; the way to it is on disk when this returns.
  func make(_ path: String) throws(VolumeStoreError) {
    let (namespace, name) = try split(path)
    if mkdir(root, 0o700) != 0 && errno != EEXIST { throw VolumeStoreError("make", root) }
    let top = try Directory(root)
    let middle = try top.makeDirectory(namespace)
    _ = try middle.makeDirectory(name)
    try middle.flush()
    try top.flush()
  }

  /// Removes the copies' files from a volume, and the directory too if it was given by us. What is gone
  /// already is fine, so that this can be repeated. Returns what was left because it is not ours.
  func remove(_ binding: Binding, includingImage: Bool) throws(VolumeStoreError) -> [String] {
    guard binding.kind == .directory else { return [] }
    guard binding.isGiven else { return try emptyVolume(binding.path, includingImage) }
    let (namespace, name) = try split(binding.path)
    do {
      let top = try Directory(root)
      let middle = try top.directory(namespace)
      let left = try empty(binding.path, middle.directory(name), includingImage)
      try middle.removeDirectory(name)
      try top.removeDirectory(namespace)
      return left
    } catch  where error.errno == ENOENT {
      return []
    }
  }

  /// A volume that is gone, or reached only through a link, holds nothing that was written here.
  private func emptyVolume(_ path: String, _ includingImage: Bool) throws(VolumeStoreError) -> [String] {
    do {
      return try empty(path, Directory(path, beneath: outside), includingImage)
    } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.errno) {
      return []
    }
  }

  /// Whether the volume holds an image already.
  package func hasImage(_ binding: Binding) -> Bool {
    guard binding.kind == .directory else { return false }
    let directory = try? Directory(binding.path, beneath: limit(of: binding))
    return directory?.has(VolumeLocation.imageName) ?? false
  }

  /// What the way to a volume must not leave, beside its own links.
  func limit(of binding: Binding) -> String? { binding.isGiven ? nil : outside }

  /// Names of `VolumeCopy` beside an image.
  private static let hidden = ".\(VolumeLocation.imageName).clonegate-"
  private static let (byHand, lock) = (hidden + "by-hand", hidden + "lock")

  private func empty(
    _ path: String, _ directory: Directory, _ includingImage: Bool
  ) throws(VolumeStoreError) -> [String] {
    var left: [String] = []
    let names = try directory.names()
    // Somebody copies there by hand, whom the lock keeps from others.
    let others = names.contains(Self.byHand) ? [Self.byHand, Self.lock] : []
    for name in names {
      let isImage = name == VolumeLocation.imageName && includingImage
      if isImage || name.hasPrefix(Self.hidden) && !others.contains(name) {
        try directory.removeFile(name)
      } else {
        left.append(name)
      }
    }
    try directory.flush()
    return left
  }

  private func split(_ path: String) throws(VolumeStoreError) -> (namespace: String, name: String) {
    let parts = path.dropFirst(root.count + 1).split(separator: "/").map(String.init)
    guard parts.count == 2, self.path(namespace: parts[0], name: parts[1]) == path else {
      throw VolumeStoreError(message: "\(path) is not a volume beneath \(root)")
    }
    return (parts[0], parts[1])
  }
}

struct VolumeStoreError: Error, Sendable, CustomStringConvertible {
  var message: String
  var errno: Int32 = 0
  var description: String { message }

  init(message: String) { self.message = message }

  /// From the call that failed last.
  init(_ verb: String, _ path: String) {
    errno = Glibc.errno
    message = "cannot \(verb) \(path): \(String(cString: strerror(errno)))"
  }
}
