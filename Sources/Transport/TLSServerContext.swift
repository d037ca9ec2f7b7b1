import Synchronization

/// What a server needs for TLS. `reload()` swaps certificate and key whole; connections keep what they
/// began with.
package final class TLSServerContext: Sendable {
  package struct Configuration: Sendable {
    /// PEM files: the certificate (with its chain) and its key.
    package var certificate: String
    package var key: String
    package var minimumVersion = TLSVersion.tls13
    /// ALPN names, the preferred first.
    package var protocols: [String]
    /// PEM file of the authorities whose client certificates are required; nil asks for none.
    package var clientAuthorities: String?
    /// Common names or DNS names of welcome clients; empty welcomes every certificate of the authorities.
    package var clientNames: [String] = []

    package init(certificate: String, key: String, protocols: [String] = ["h2", "http/1.1"]) {
      self.certificate = certificate
      self.key = key
      self.protocols = protocols
    }
  }

  package enum Reload: Sendable {
    case unchanged
    /// New connections are served with this certificate.
    case swapped(CertificateInfo)
    /// The files are unusable; the last good pair goes on serving.
    case kept(TransportError)
  }

  private struct Files: Equatable {
    let certificate: PEM, key: PEM, authorities: PEM?
    static func == (a: Self, b: Self) -> Bool {
      a.certificate.bytes == b.certificate.bytes && a.key.bytes == b.key.bytes
        && a.authorities?.bytes == b.authorities?.bytes
    }
  }
  private struct Loaded {
    var files: Files
    var context: TLSContext
    var certificate: CertificateInfo
  }

  private let configuration: Configuration
  private let loaded: Mutex<Loaded>

  package init(_ configuration: Configuration) throws(TransportError) {
    guard configuration.clientNames.isEmpty || configuration.clientAuthorities != nil else {
      throw TransportError(
        .tlsConfiguration, "client names need a client CA; without one nobody could be refused")
    }
    self.configuration = configuration
    let files = try Self.read(configuration)
    loaded = Mutex(try Self.load(files, configuration))
  }

  /// The certificate that new connections get.
  package var certificate: CertificateInfo { loaded.withLock { $0.certificate } }
  var context: TLSContext { loaded.withLock { $0.context } }

  /// Reads the files again and serves with them from now on if they are good and different.
  package func reload() -> Reload {
    do throws(TransportError) {
      let files = try Self.read(configuration)
      guard loaded.withLock({ $0.files != files }) else { return .unchanged }
      let fresh = try Self.load(files, configuration)
      loaded.withLock { $0 = fresh }
      return .swapped(fresh.certificate)
    } catch {
      return .kept(error)
    }
  }

  private static func read(_ configuration: Configuration) throws(TransportError) -> Files {
    var authorities: PEM?
    if let path = configuration.clientAuthorities { authorities = try PEM(path: path) }
    return Files(
      certificate: try PEM(path: configuration.certificate), key: try PEM(path: configuration.key),
      authorities: authorities)
  }

  private static func load(_ files: Files, _ configuration: Configuration) throws(TransportError) -> Loaded {
    let context = try TLSContext(
      server: true, minimum: configuration.minimumVersion, protocols: configuration.protocols)
    try context.use(certificate: files.certificate, key: files.key)
    if let authorities = files.authorities {
      try context.require(ClientRule(names: configuration.clientNames), authorities: authorities)
    }
    let info = try CertificateInfo(files.certificate)
    return Loaded(files: files, context: context, certificate: info)
  }
}
