/// What a rotation does next.
enum RotationStep: Sendable, Hashable {
  /// The annotation names who keeps the bundle instead: nothing is touched.
  case leave(injector: String)
  /// Something must be decided by a person first.
  case refuse(String)
  /// Put a new authority before the others in their Secret.
  case makeAuthority
  /// Write exactly these authorities into every webhook of every registration.
  case publish([String])
  /// Sign a serving certificate with the first authority and store it with this bundle beside it.
  case issue(bundle: [String])
  /// Store this bundle beside the serving certificate.
  case tell([String])
  /// Take all authorities but the first out of their Secret.
  case forget
  case wait(until: Int64, Reason)
  case done

  enum Reason: String, Sendable {
    case settling = "every API server has heard of the new authority; then a certificate by it is made"
    case overlap = "no gate can still serve by an old authority; then the old ones are dropped"
  }
}
