package import Admission
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
  package let created: UTCTime?
  package let order: VolumeCopyOrder
  /// Nil before the copier wrote one.
  package let report: VolumeCopyReport?

  /// Its DataVolume's uid.
  package var name: String { order.dataVolume.uid }

  package var reference: OrderReference {
    OrderReference(name: name, uid: uid, resourceVersion: resourceVersion)
  }

  /// The report, when it is about the attempt that is asked for now.
  package var currentReport: VolumeCopyReport? {
    report.flatMap { $0.observedAttempt == order.attempt ? $0 : nil }
  }

  /// When its copier was last heard of: of an attempt that it has not taken, when that began. Nil when
  /// nothing more is expected of it, or when it never tells the time.
  /// - Parameter heard: when the order was seen to change; nil: its own times are all there is.
  func lastWord(heard: UTCTime?) -> UTCTime? {
    let told: UTCTime?
    if let report = currentReport {
      told = report.phase.isFinal ? nil : report.heartbeatTime
    } else {
      told = [created, report?.finishTime].compactMap { $0 }.max()
    }
    return told.map { heard ?? $0 }
  }

  /// The copier has work to undo before the object may go.
  package var isHeldByCopier: Bool { finalizers.contains(Control.copierFinalizer) }

  /// Takes the copier's finalizer from a stored VolumeCopy, and leaves the others.
  package static func release(_ object: inout JSONValue) {
    let rest = object["metadata"]?["finalizers"]?.array?.filter { $0.string != Control.copierFinalizer }
    object["metadata"]?["finalizers"] = .array(rest ?? [])
  }

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
    created = metadata.text("creationTimestamp").flatMap { UTCTime($0) }
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
    let digits = String(hash(node), radix: 16)
    let tail = "-" + String(repeating: "0", count: 16 - digits.count) + digits
    return String(decoding: node.utf8.prefix(limit - tail.utf8.count), as: UTF8.self) + tail
  }

  /// FNV-1a. It tells apart and spreads; it protects nothing.
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
