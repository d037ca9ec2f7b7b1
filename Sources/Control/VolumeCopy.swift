internal import Admission
package import JSON

/// A VolumeCopy object (`clonegate.dev/v1alpha1`): the order, the report, and what of the metadata counts.
package struct VolumeCopy: Sendable, Hashable {
  package static let apiVersion = "clonegate.dev/v1alpha1"
  package static let kind = "VolumeCopy"

  /// Of the order itself, not of its DataVolume.
  package let uid: String
  package let resourceVersion: String
  package let isBeingDeleted: Bool
  package let finalizers: [String]
  package let order: VolumeCopyOrder
  /// Nil before the copier wrote one.
  package let report: VolumeCopyReport?

  /// Its DataVolume's uid.
  package var name: String { order.dataVolume.uid }

  /// The copier has work to undo before the object may go.
  package var isHeldByCopier: Bool { finalizers.contains(Control.copierFinalizer) }

  /// - Throws: what is missing, out of its range or against the CRD's rules.
  package init(_ object: JSONNode) throws(VolumeCopyProblem) {
    guard let metadata = object.field("metadata"), let name = metadata.filled("name") else {
      throw VolumeCopyProblem("metadata.name", "is missing")
    }
    guard let spec = object.field("spec") else { throw VolumeCopyProblem("spec", "is missing") }
    uid = try VolumeCopyFields(node: metadata, path: "metadata").uid("uid")
    resourceVersion = metadata.text("resourceVersion") ?? ""
    isBeingDeleted = metadata.field("deletionTimestamp") != nil
    finalizers = metadata.texts("finalizers")
    order = try VolumeCopyOrder(spec: spec)
    guard name == order.dataVolume.uid else {
      throw VolumeCopyProblem("metadata.name", "is not the uid of its DataVolume")
    }
    if let status = object.field("status"), status.field("phase") != nil {
      report = try VolumeCopyReport(status: status)
    } else {
      report = nil
    }
  }

  /// A label's value: at most 63 characters (Kubernetes). A longer node name is cut and told apart by a hash;
  /// whoever selects by it compares `spec.nodeName` too.
  package static func nodeLabel(_ node: String) -> String {
    let limit = 63
    if node.utf8.count <= limit { return node }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in node.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    let tail = "-" + String(repeating: "0", count: 16 - digits.count) + digits
    return String(decoding: node.utf8.prefix(limit - tail.utf8.count), as: UTF8.self) + tail
  }
}
