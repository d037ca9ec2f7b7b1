internal import JSON

/// What is to be deleted, and what goes with it.
package struct Deletion: Sendable, Hashable {
  package enum Propagation: String, Sendable {
    /// The object goes at once; the garbage collector removes what it owns afterwards.
    case background = "Background"
    /// What it owns goes first.
    case foreground = "Foreground"
    case orphan = "Orphan"
  }

  /// Only if it is still this very object, and not another of the same name.
  package var uid: String?
  /// Only if nobody changed it since.
  package var resourceVersion: String?
  package var propagation: Propagation?
  package var dryRun = false

  package init(
    uid: String? = nil, resourceVersion: String? = nil, propagation: Propagation? = nil, dryRun: Bool = false
  ) {
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.propagation = propagation
    self.dryRun = dryRun
  }

  /// `DeleteOptions` of meta/v1.
  var body: [UInt8] {
    var options: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1"]
    var preconditions: JSONValue = [:]
    if let uid { preconditions["uid"] = .string(uid) }
    if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
    if uid != nil || resourceVersion != nil { options["preconditions"] = preconditions }
    if let propagation { options["propagationPolicy"] = .string(propagation.rawValue) }
    if dryRun { options["dryRun"] = ["All"] }
    return options.bytes
  }
}
