package import Admission
package import JSON

/// What is to be done about one clone DataVolume: the actions in turn, up to the first that fails; when all
/// went well the status, if it differs from the stored one; when that was written, the events.
package struct ClonePlan: Sendable, Hashable {
  package var actions: [CloneAction] = []
  /// The whole status that the DataVolume should have; nil: it is not to be touched.
  package var status: JSONValue?
  /// What the change from the stored status to this one says to people. Each comes once, because after the
  /// write the two are the same.
  package var events: [CloneEvent] = []
  /// Look again after this many seconds even if nothing changes; nil: only a change matters.
  package var wakeAfter: Int64?

  package init() {}

  /// Whether something is begun that a DataVolume which is done must never see again: an order that is absent
  /// may be one that was removed after its end. Before the actions are carried out the DataVolume has to be
  /// read from the API server itself; if it is not the one that was looked at, decide again.
  package var beginsWork: Bool { actions.contains { $0.isNewWork } }
}

/// One write to the API server. Each can be repeated: what is there already is what was wanted, and a write
/// that names a `resourceVersion` fails if somebody else was faster, which is no error: decide again.
package enum CloneAction: Sendable, Hashable {
  /// Create the PersistentVolumeClaim. One that exists is looked at in the next decision.
  case createClaim(JSONValue)
  /// Merge `spec.claimRef` into an Available PersistentVolume.
  case bindVolume(name: String, resourceVersion: String, claimRef: JSONValue)
  /// Create the VolumeCopy, finalizer and label included.
  case createOrder(JSONValue)
  /// Merge `spec.attempt` into the VolumeCopy.
  case raiseAttempt(OrderReference, to: Int)
  /// Delete the VolumeCopy with its uid and resourceVersion as preconditions.
  case deleteOrder(OrderReference)
  /// Merge annotations into the PersistentVolumeClaim of this name, if it still has this uid.
  case annotateClaim(NamespacedName, uid: String, [String: String])
  /// Take `Control.copierFinalizer` from a VolumeCopy that is being deleted, and leave the others.
  case removeFinalizer(OrderReference)

  /// Begins something, so it waits while nobody can say whether the clone is accepted.
  var isNewWork: Bool {
    switch self {
    case .createClaim, .bindVolume, .createOrder, .raiseAttempt: true
    case .deleteOrder, .annotateClaim, .removeFinalizer: false
    }
  }
}

/// One certain VolumeCopy, as it was seen.
package struct OrderReference: Sendable, Hashable {
  package let name: String
  package let uid: String
  package let resourceVersion: String

  package init(name: String, uid: String, resourceVersion: String) {
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

/// Something for people, to be recorded on the DataVolume.
package struct CloneEvent: Sendable, Hashable {
  package let isWarning: Bool
  package let reason: String
  package let message: String

  package init(isWarning: Bool, reason: String, message: String) {
    self.isWarning = isWarning
    self.reason = reason
    self.message = message
  }
}
