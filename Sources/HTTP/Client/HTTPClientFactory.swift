package import Transport

/// Makes clients for a room that may not know what lies below HTTP.
package struct HTTPClientFactory: Sendable {
  private let loop: Loop

  /// - Parameter loop: where the connections live; the caller stops it after the clients are closed.
  package init(loop: Loop) { self.loop = loop }

  /// - Parameters:
  ///   - trust: nil asks without TLS.
  ///   - serverName: what the certificate must be for; `host` if nil.
  package func client(
    host: String, port: UInt16, trust: HTTPTrust?, serverName: String? = nil,
    configuration: HTTPClientConfiguration
  ) throws(HTTPClientError) -> HTTPClient {
    HTTPClient(
      host: host, port: port, tls: try context(trust, ["h2", "http/1.1"]), serverName: serverName, loop: loop,
      configuration: configuration)
  }

  /// For answers that are read while they come.
  package func streamClient(
    host: String, port: UInt16, trust: HTTPTrust?, serverName: String? = nil,
    configuration: HTTPClientConfiguration
  ) throws(HTTPClientError) -> HTTPStreamClient {
    HTTPStreamClient(
      host: host, port: port, tls: try context(trust, ["http/1.1"]), serverName: serverName, loop: loop,
      configuration: configuration)
  }

  private func context(
    _ trust: HTTPTrust?, _ protocols: [String]
  ) throws(HTTPClientError) -> TLSClientContext? {
    guard let trust else { return nil }
    return try trust.context(protocols: protocols)
  }
}
