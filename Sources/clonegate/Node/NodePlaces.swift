import Admission
import Control
import JSON
import Jobs
import VolumeCopy

/// The places of one order on this node, after everything in it was held against the claims and volumes
/// themselves. Trusts nothing: who can write an order must not be able to have any other disk read.
struct NodePlaces {
  /// What the API server says now about the objects that an order names.
  struct Facts: Sendable {
    var sourceClaim: JSONNode?
    var sourceVolume: JSONNode?
    var targetClaim: JSONNode?
    var targetVolume: JSONNode?
  }

  /// Why nothing is copied; final, because what an order says is never put right by waiting.
  struct Obstacle: Error, Hashable {
    let reason: String
    let message: String
  }

  let order: VolumeCopyOrder
  /// This node.
  let node: String
  /// Where the file system of the node is mounted; nil: it is ours.
  let hostRoot: String?

  func places(_ facts: Facts) throws(Obstacle) -> CopyPlaces {
    guard order.nodeName == node else {
      throw Obstacle(
        reason: "WrongNode", message: "the order is for node \(order.nodeName), this is the copier of \(node)"
      )
    }
    let source = try place(order.source, "source", facts.sourceClaim, facts.sourceVolume)
    let target = try place(order.target, "target", facts.targetClaim, facts.targetVolume)
    guard source.binding.path != target.binding.path else {
      throw Obstacle(
        reason: "SameVolume",
        message: "PersistentVolumes \(order.source.volume) and \(order.target.volume) are one place,"
          + " \(source.binding.path): a disk is not copied onto itself")
    }
    return CopyPlaces(
      source: source.location, target: target.location, binding: target.binding,
      declaredSourceBytes: source.bytes, declaredTargetBytes: target.bytes,
      verification: Verification(rawValue: order.verification.rawValue))
  }

  private typealias Place = (location: VolumeLocation, binding: Binding, bytes: Int64?)

  private func place(
    _ disk: VolumeCopyOrder.Disk, _ side: String, _ claim: JSONNode?, _ volume: JSONNode?
  ) throws(Obstacle) -> Place {
    let name = "\(side) claim \(disk.namespace)/\(disk.claim)"
    let volumeName = "PersistentVolume \(disk.volume) of the \(side)"
    try check(claim, is: disk.claimUID, name)
    try check(volume, is: disk.volumeUID, volumeName)
    guard claim?["spec"]?["volumeName"]?.string == disk.volume,
      let reference = volume?["spec"]?["claimRef"], reference["uid"]?.string == disk.claimUID,
      reference["namespace"]?.string == disk.namespace, reference["name"]?.string == disk.claim
    else {
      throw Obstacle(reason: "NotBound", message: "\(name) and \(volumeName) are not bound to each other")
    }
    let mode = volume?["spec"]?["volumeMode"]?.string ?? "Filesystem"
    guard mode == disk.mode.rawValue else {
      throw Obstacle(
        reason: "WrongVolumeMode", message: "\(volumeName) is \(mode), the order says \(disk.mode.rawValue)")
    }
    return try location(disk, volumeName, VolumePlace(volume ?? JSONNode(.null)), volume)
  }

  private func check(_ object: JSONNode?, is uid: String, _ name: String) throws(Obstacle) {
    guard let object else { throw Obstacle(reason: "NotFound", message: "\(name) does not exist any more") }
    let found = object["metadata"]?["uid"]?.string ?? ""
    guard found == uid else {
      throw Obstacle(
        reason: "Replaced", message: "\(name) has uid \(found), the order is about \(uid): it was made anew")
    }
  }

  private func location(
    _ disk: VolumeCopyOrder.Disk, _ name: String, _ place: VolumePlace, _ volume: JSONNode?
  ) throws(Obstacle) -> Place {
    guard case .path(let path) = place.storage else {
      throw Obstacle(
        reason: "VolumeNotLocal", message: "\(name) is neither local nor hostPath: only those are copied here"
      )
    }
    guard place.node == node else {
      let where_ = place.node.map { "is on node \($0)" } ?? "names no single node in its nodeAffinity"
      throw Obstacle(reason: "WrongNode", message: "\(name) \(where_), this is node \(node)")
    }
    guard PlaceFinder.isPlain(path) else {
      throw Obstacle(
        reason: "BadPath", message: "the path of \(name) is not absolute and plain (no //, . or ..)")
    }
    let root = hostRoot ?? "/"
    let whole = hostRoot.map { $0 + path } ?? path
    let location: VolumeLocation =
      disk.mode == .block ? .device(whole, beneath: root) : .directory(whole, beneath: root)
    let bytes = volume?["spec"]?["capacity"]?["storage"]?.string.flatMap(Self.bytes)
    return (location, Binding(path: whole, kind: location.kind, volume: disk.volume), bytes)
  }

  private static func bytes(_ text: String) -> Int64? { (try? Quantity(text))?.value }
}
