package import Admission
package import JSON

/// Everything that is known about one clone DataVolume at one moment: what `Control.decide` looks at, and all
/// it looks at. Objects are as the API server stores them (the fields of `Control.fields` are enough).
package struct CloneSituation: Sendable {
  /// The wall clock.
  package var now: UTCTime
  package var dataVolume: JSONNode
  /// The disk that may be read: what the stamp says, else what the spec names, else where its `sourceRef`
  /// leads; without a stamp that can be checked what its order says, if it has one. Nil while a DataSource
  /// leads nowhere.
  package var source: CloneSource?
  package var acceptance: CloneAcceptance

  /// The source's claim and namespace, the volume that the claim names, and the DataVolume that controls the
  /// claim; nil when they are not there.
  package var sourceNamespaceExists = true
  package var sourceClaim: JSONNode?
  package var sourceVolume: JSONNode?
  package var sourceOwner: JSONNode?

  /// The claim of the DataVolume's name and namespace, whoever made it, and the volume that it names.
  package var targetClaim: JSONNode?
  package var targetVolume: JSONNode?

  /// Every StorageClass and StorageProfile.
  package var storageClasses: [JSONNode] = []
  package var storageProfiles: [JSONNode] = []
  /// PersistentVolumes in phase Available, and those in any phase whose `claimRef` names the target; looked
  /// at only for a claim that is to be bound at once (`Control.wantsVolumes`).
  package var volumes: [JSONNode] = []

  /// Pods that use the source's or the target's claim; others are passed over.
  package var pods: [PodDisks] = []

  /// The VolumeCopy named after the DataVolume's uid.
  package var order: JSONNode?
  /// When the order was last seen to change, by our own clock; when it was first seen, if it has not changed
  /// since. The times in a report are by the clock of a node, which may be any.
  package var orderHeard: UTCTime?
  /// Whether the node that the order names exists; nil when nobody could say. Looked at only when
  /// `Control.wantsNode`.
  package var nodeExists: Bool?

  /// Why the API server would not do what the last plan for this DataVolume wanted; nil on the first try and
  /// whenever that is to be tried again.
  package var trouble: CloneTrouble?

  package var settings: ControlSettings

  package init(
    now: UTCTime, dataVolume: JSONNode, source: CloneSource?, acceptance: CloneAcceptance,
    settings: ControlSettings
  ) {
    self.now = now
    self.dataVolume = dataVolume
    self.source = source
    self.acceptance = acceptance
    self.settings = settings
  }
}

/// Whether whoever made the DataVolume was allowed to clone its source, as the hall found out.
package enum CloneAcceptance: Sendable, Hashable {
  /// It bears a stamp of the gate that verifies.
  case stamped(requester: String)
  /// It bears none, and the policy allows the clone to its namespace: by what, in words.
  case authorized(by: String)
  /// It bears none and needs none: source and target are in one namespace, as is a DataSource that leads
  /// nowhere.
  case sameNamespace
  /// It bears a stamp by a key that is gone, as old keys go, so that nobody can say whether it is one. What
  /// was begun for it was accepted then and goes on; nothing is begun. Why, in one line.
  case lapsed(String)
  /// Nothing is done for it; why, in one line.
  case refused(String)
  /// The keys or the API server could not be asked; nothing new is begun meanwhile. Why, in one line.
  case undecided(String)
}

/// A write that the API server refused for a reason that did not pass by itself.
package struct CloneTrouble: Sendable, Hashable {
  /// The Status's: `Forbidden`, `Invalid`.
  package let reason: String
  /// The API server's message.
  package let message: String

  package init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }

  /// CDI's word where it has one. A quota's refusal is told by its sentence (k8s.io/apiserver, plugin
  /// resourcequota), as CDI does.
  var word: String {
    switch reason {
    case "Forbidden" where message.contains("exceeded quota"): "ErrExceededQuota"
    case "Invalid": "ErrClaimNotValid"
    // A webhook's own reason may be a whole sentence.
    default: reason.utf8.allSatisfy(Self.isLetter) && !reason.isEmpty ? reason : "Error"
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
  }
}

/// What the operator chose.
package struct ControlSettings: Sendable {
  /// clonegate's own namespace, where orders live.
  package var namespace: String
  package var verification: VolumeCopyOrder.Verification
  /// Filesystem overhead and the default of preallocation; as the gate's.
  package var admission: AdmissionSettings

  package init(
    namespace: String, verification: VolumeCopyOrder.Verification = .digest,
    admission: AdmissionSettings = AdmissionSettings()
  ) {
    self.namespace = namespace
    self.verification = verification
    self.admission = admission
  }
}
