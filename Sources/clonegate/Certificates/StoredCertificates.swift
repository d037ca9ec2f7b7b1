import Glibc
import JSON
import Kubernetes
import Transport

/// What the API server holds of the certificates at one moment: the facts for the next step, and what that
/// step is made from.
struct StoredCertificates {
  static let authoritySecret = "clonegate-ca", servingSecret = "clonegate-tls"
  static let authorityKey = "ca.key", authority = "ca.crt", certificate = "tls.crt", key = "tls.key"
  /// On a Secret that cert-manager writes.
  static let keeperAnnotation = "cert-manager.io/certificate-name"

  let registrations: [StoredRegistration]
  /// The Secrets; nil: not there.
  let authorities: JSONValue?
  let serving: JSONValue?
  /// What signs; nil without a Secret, or with an unusable one.
  let signing: CertificateAuthority?
  /// Why the Secret of the authorities cannot be used.
  let authorityProblem: String?
  let facts: RotationFacts
  /// Every authority that was found, by its fingerprint.
  private let known: [String: AuthorityBundle.Member]

  init(registrations: [StoredRegistration], authorities: JSONValue?, serving: JSONValue?) {
    self.registrations = registrations
    self.authorities = authorities
    self.serving = serving
    var facts = RotationFacts()
    facts.registrations = registrations.map(\.facts)
    let own = AuthorityBundle(encoded: authorities?["data"]?[Self.authority]?.string)
    (signing, authorityProblem) = Self.signing(authorities)
    let beside = AuthorityBundle(encoded: serving?["data"]?[Self.authority]?.string)
    let found = registrations.flatMap { $0.bundles.compactMap { $0 } } + [beside].compactMap { $0 }
    let pool = Self.distinct((own?.members ?? []) + found.flatMap(\.members))
    known = Dictionary(pool.map { ($0.info.fingerprint, $0) }) { first, _ in first }
    let isUsable = signing != nil
    let ownIDs = Set(isUsable ? own?.authorities.map(\.fingerprint) ?? [] : [])
    facts.authorities = pool.filter { ownIDs.contains($0.info.fingerprint) }.map(\.facts)
    facts.others = pool.filter { !ownIDs.contains($0.info.fingerprint) }.map(\.facts)
    facts.servingKeeper =
      serving?["metadata"]?["annotations"]?[Self.keeperAnnotation] == nil ? nil : Self.keeperAnnotation
    facts.serving = Self.serving(serving, among: AuthorityBundle(members: pool), beside: beside)
    self.facts = facts
  }

  /// Of these fingerprints, all of which were found.
  func bundle(_ ids: [String]) -> AuthorityBundle { AuthorityBundle(members: ids.compactMap { known[$0] }) }

  private static func distinct(_ members: [AuthorityBundle.Member]) -> [AuthorityBundle.Member] {
    var seen = Set<String>()
    return members.filter { seen.insert($0.info.fingerprint).inserted }
  }

  private static func signing(_ secret: JSONValue?) -> (CertificateAuthority?, String?) {
    guard let secret else { return (nil, nil) }
    guard let certificate = bytes(secret, authority), let key = bytes(secret, authorityKey) else {
      return (nil, "it lacks \(authority) or \(authorityKey)")
    }
    do throws(TransportError) {
      return (try CertificateAuthority(certificate: certificate, key: key, name: "the Secret"), nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  /// Nil when there is none that a gate could serve with.
  private static func serving(
    _ secret: JSONValue?, among known: AuthorityBundle, beside: AuthorityBundle?
  ) -> RotationFacts.Serving? {
    guard let secret, let certificate = bytes(secret, certificate), let key = bytes(secret, key),
      let pair = try? ServingPair(certificate: certificate, key: key, name: servingSecret)
    else { return nil }
    return RotationFacts.Serving(
      signer: pair.signer(among: known)?.fingerprint,
      madeAt: pair.info.notBefore + CertificateAuthority.clockSkew, notAfter: pair.info.notAfter,
      names: Set(pair.info.dnsNames), bundle: Set(beside?.authorities.map(\.fingerprint) ?? []))
  }

  private static func bytes(_ secret: JSONValue, _ key: String) -> [UInt8]? {
    secret["data"]?[key]?.string.flatMap(Base64.decoded)
  }
}

extension AuthorityBundle.Member {
  fileprivate var facts: RotationFacts.Authority {
    RotationFacts.Authority(id: info.fingerprint, notBefore: info.notBefore, notAfter: info.notAfter)
  }
}
