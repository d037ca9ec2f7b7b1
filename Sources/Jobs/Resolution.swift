package import VolumeCopy

/// Answers, for one job: where are its volumes? The hall knows claims and volumes; this room does not. It is
/// called on a thread that may block, again for each try, and may answer differently each time.
package typealias VolumeResolver = @Sendable (Job, KnownVolumes) -> Resolution

package enum Resolution: Sendable {
  case found(CopyPlaces)
  /// Something is missing that may come: the job waits, and is asked about again. The reason is a CamelCase
  /// word.
  case notYet(reason: String, message: String)
  /// The place that the job had is another's by now. Its unfinished file goes, the place is left, and the job
  /// looks for one again.
  case lost(reason: String, message: String)
  /// This can never work.
  case refused(reason: String, message: String)
}

package struct CopyPlaces: Sendable {
  package var source: VolumeLocation
  package var target: VolumeLocation
  /// What to remember of the target.
  package var binding: Binding
  /// What the manifests say the volumes hold; measured values win.
  package var declaredSourceBytes: Int64?
  package var declaredTargetBytes: Int64?
  /// How this copy is to be proven; nil: as the worker's options say.
  package var verification: Verification?
  /// Asked about twenty times a second while bytes move: why they must not go on. The copy stops, its own
  /// unfinished file goes, nothing else in the volumes is touched, and the job fails for good.
  package var objection: @Sendable () -> Objection? = { nil }

  package init(
    source: VolumeLocation, target: VolumeLocation, binding: Binding, declaredSourceBytes: Int64? = nil,
    declaredTargetBytes: Int64? = nil, verification: Verification? = nil
  ) {
    self.source = source
    self.target = target
    self.binding = binding
    self.declaredSourceBytes = declaredSourceBytes
    self.declaredTargetBytes = declaredTargetBytes
    self.verification = verification
  }
}

/// Why volumes that were found are not the job's any more: a CamelCase word for programs, a sentence for
/// people.
package struct Objection: Sendable, Hashable {
  package var reason: String
  package var message: String
  package init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }
}
