import Synchronization

/// The loops of a process.
package final class LoopGroup: Sendable {
  package let loops: [Loop]

  /// Also raises the process's descriptor limit to the highest that the system allows.
  /// - Parameter count: threads; at least 1.
  package init(count: Int) throws(TransportError) {
    DescriptorLimit.raise()
    var loops: [Loop] = []
    for _ in 0..<max(1, count) { loops.append(try Loop()) }
    self.loops = loops
  }

  /// The loop with the fewest connections.
  package var leastLoaded: Loop { loops[leastLoadedIndex] }

  var leastLoadedIndex: Int {
    loops.indices.min { loops[$0].load.load(ordering: .relaxed) < loops[$1].load.load(ordering: .relaxed) }!
  }

  /// Connections of all loops.
  package var connectionCount: Int { loops.reduce(0) { $0 + $1.load.load(ordering: .relaxed) } }

  package func stop() async { for loop in loops { await loop.stop() } }
}
