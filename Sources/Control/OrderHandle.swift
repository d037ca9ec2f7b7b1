internal import Admission
internal import JSON

/// A VolumeCopy as an object that can be removed, whether or not its order can be read.
struct OrderHandle {
  let reference: OrderReference
  let isBeingDeleted: Bool
  let isHeldByCopier: Bool
  /// A copier has written a report.
  let wasObserved: Bool

  init?(_ object: JSONNode?) {
    guard let object, let metadata = object.field("metadata"), let name = metadata.filled("name"),
      let uid = metadata.filled("uid")
    else { return nil }
    reference = OrderReference(
      name: name, uid: uid, resourceVersion: metadata.text("resourceVersion") ?? "")
    isBeingDeleted = metadata.field("deletionTimestamp") != nil
    isHeldByCopier = metadata.texts("finalizers").contains(Control.copierFinalizer)
    wasObserved = object.field("status")?.field("phase") != nil
  }

  /// What is left to do until it is gone. The copier takes its finalizer away itself, unless it never began
  /// or will never come back; the resourceVersion makes sure that it did not begin just now.
  func removal(nodeExists: Bool?) -> [CloneAction] {
    guard isBeingDeleted else { return [.deleteOrder(reference)] }
    guard isHeldByCopier, !wasObserved || nodeExists == false else { return [] }
    return [.removeFinalizer(reference)]
  }
}
