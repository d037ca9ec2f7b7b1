/// Everything that the next step of a rotation depends on, as it was read from the API server: the
/// registrations first, the Secrets after them. In that order a bundle is never written over a newer one by
/// somebody who has not seen the authority in it: the write names the version that was read.
struct RotationFacts: Sendable, Hashable {
  /// An authority by its certificate's fingerprint.
  struct Authority: Sendable, Hashable {
    let id: String
    /// Seconds since 1970, as are all times here.
    let notBefore, notAfter: Int64
  }

  /// The usable certificate in the Secret that gates serve with.
  struct Serving: Sendable, Hashable {
    /// Which of the known authorities vouches for it; nil: none.
    var signer: String?
    var madeAt, notAfter: Int64
    var names: Set<String>
    /// The authorities in the same Secret's `ca.crt`.
    var bundle: Set<String>
  }

  /// One of the two webhook configurations.
  struct Registration: Sendable, Hashable {
    /// Kind and name, for people.
    var name: String
    /// The authorities in each webhook's `caBundle`; nil where it holds nothing readable.
    var bundles: [Set<String>?]
    /// When we wrote the bundle; nil: we did not.
    var publishedAt: Int64?
    /// The annotation by which somebody else keeps the bundle.
    var injector: String?
  }

  /// In the Secret of the authorities: first the one that signs, then those before it.
  var authorities: [Authority] = []
  /// Found elsewhere: in registrations, or beside the serving certificate.
  var others: [Authority] = []
  var serving: Serving?
  /// The annotation by which somebody else keeps the Secret of the serving certificate.
  var servingKeeper: String?
  /// Those that are installed.
  var registrations: [Registration] = []
}
