package import Transport

/// Where and within which limits a server serves.
package struct HTTPServerConfiguration: Sendable {
  package var address: SocketAddress
  package var limits = HTTPLimits()
  package var deadlines = HTTPDeadlines()
  package var transport = TransportLimits()
  /// Answers that tasks are making at once; more requests get 503 and Retry-After, which an API server
  /// honours. An API server has 600 requests in flight by default (--max-requests-inflight and its mutating
  /// sibling), and a cluster seldom more than one that is busy.
  package var inFlight = 1024

  package init(address: SocketAddress) { self.address = address }

  /// For probes and metrics, which few ask for.
  package static func probes(_ address: SocketAddress) -> HTTPServerConfiguration {
    var configuration = HTTPServerConfiguration(address: address)
    configuration.transport.connections = probeConnections
    // They have no bodies; of the memory a quarter is what the connections have to themselves.
    configuration.limits.bodyBytes = 64 * 1024
    configuration.limits.heldBytes = 16 * 1024 * 1024
    return configuration
  }

  /// For a server beside which another answers probes: they must be answered whatever its own peers do.
  package static func besideProbes(_ address: SocketAddress) -> HTTPServerConfiguration {
    var configuration = HTTPServerConfiguration(address: address)
    configuration.transport.spared = probeConnections
    return configuration
  }

  /// A kubelet and a few that scrape; the rest is for those who leave connections lie about.
  private static let probeConnections = 256
}

/// What a server refused or cut off, for the log and the metrics.
package enum HTTPServerEvent: Sendable {
  /// A connection that never spoke HTTP: its TLS failed, or a limit was reached.
  case connectionRefused(ConnectionRefusal)
  /// A request that no handler saw.
  case requestRefused(HTTPRefusal, peer: String)
  /// A connection that was ended for what its peer did, or did not do.
  case cutOff(String, peer: String)
}
