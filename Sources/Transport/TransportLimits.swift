/// Everything that Transport counts or times, with the reason for each number.
package struct TransportLimits: Sendable {
  /// Connections of one listener. An API server keeps at most 25 idle ones per webhook (DESIGN.md 8) and
  /// a cluster has a handful of API servers; 4,096 leaves room for bursts and keeps idle TLS memory under
  /// 100 MiB.
  package var connections = 4096
  /// Connections of one listener on one loop, so that no thread owns them all.
  package var connectionsPerLoop = 2048
  /// Connections, which are descriptors, that a listener never takes because the process's others may want
  /// them, where the system allows few: a quarter of those at most.
  package var spared = 0
  /// A client that does not finish its TLS handshake holds a slot and costs a signature: cert-manager and
  /// net/http servers give 10 s.
  package var handshake: Duration = .seconds(10)
  /// Above this much unsent output nothing more is read from the peer; one large answer (a 200 KB
  /// VirtualMachine patched) still fits without a pause.
  package var outputHighWater = 256 * 1024
  /// Reading goes on below this.
  package var outputLowWater = 64 * 1024
  /// Above this the peer is cut off: more than the largest answer (7 MiB review answered with a base64
  /// patch).
  package var outputLimit = 32 * 1024 * 1024
  /// A peer that takes less than `stallProgress` bytes in this time, while there is output for it, is cut
  /// off.
  package var stall: Duration = .seconds(30)
  /// 4 KiB in 30 s is slower than any network that Kubernetes runs on; a trickling reader cannot hold a
  /// slot for ever.
  package var stallProgress = 4 * 1024
  /// After our close the peer may still be sending; closing at once would reset the connection and lose our
  /// answer.
  package var linger: Duration = .seconds(2)
  /// Bytes read from one connection in one turn before the others get theirs.
  package var readPerTurn = 256 * 1024
  /// Connections accepted in one turn before the established ones get theirs.
  package var acceptPerTurn = 64
  /// Pause of the listener when the process has no descriptors left (EMFILE): accept would fail again at
  /// once.
  package var acceptPause: Duration = .milliseconds(100)
  /// Backlog of completed connections that the kernel keeps; it is capped by net.core.somaxconn (4096).
  package var backlog: Int32 = 1024

  package init() {}
}
