import Synchronization

/// An event loop: an actor that lives on one thread and owns every connection there.
///
/// The thread starts with the loop and ends with `stop()`, which every loop needs. Plain objects inside
/// (connections, their handlers) are reached only from here; the compiler keeps everybody else out.
package actor Loop {
  private let thread: LoopThread
  private let reactor: Reactor
  /// Connections given to this loop and not yet gone; read by others to find the least loaded.
  nonisolated let load = Atomic<Int>(0)

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package init() throws(TransportError) {
    let thread = try LoopThread()
    self.thread = thread
    reactor = try Reactor(thread)
    thread.start { mayWait in self.assumeIsolated { $0.reactor.turn(mayWait: mayWait) } }
  }

  /// Cuts every connection off (`CloseReason.loopStopped`) and returns when the thread has ended.
  /// Calls that come later still run, one after another, and find no connections.
  package nonisolated func stop() async {
    await letGo()
    await withCheckedContinuation { continuation in thread.stop { continuation.resume() } }
  }

  private func letGo() {
    isStopped = true
    reactor.stopAll()
  }
  private(set) var isStopped = false

  /// Calls `body` with the connection, or returns nil if it is gone.
  @discardableResult
  package func with<Result: Sendable>(
    _ handle: ConnectionHandle, _ body: @Sendable (Connection) throws -> Result
  ) rethrows -> Result? {
    guard let connection = reactor[handle.token] as? Connection, connection.isOpen else { return nil }
    return try body(connection)
  }

  /// Calls `body` with every open connection; it may close them.
  package func forEachConnection(_ body: @Sendable (Connection) -> Void) {
    for case let connection as Connection in reactor.everyone where connection.isOpen { body(connection) }
  }

  /// Runs `body` on the loop.
  package func run<Result: Sendable>(_ body: @Sendable (isolated Loop) throws -> Result) rethrows -> Result {
    try body(self)
  }

  /// Starts a task that begins on this loop. Only from code that already runs here, such as a handler: it
  /// traps elsewhere, where `Task { await loop.run { … } }` is right.
  package nonisolated func task(_ body: @escaping @Sendable (isolated Loop) async -> Void) {
    assumeIsolated { $0.begin(body) }
  }

  private func begin(_ body: @escaping @Sendable (isolated Loop) async -> Void) {
    Task { await body(self) }
  }

  /// Runs `body` with the inside of the loop: for listeners and dialers.
  func withReactor<Result: Sendable>(_ body: @Sendable (Reactor, isolated Loop) throws -> Result) rethrows
    -> Result
  {
    try body(reactor, self)
  }

  /// Takes a socket in, from any thread. `outcome` is called once, on the loop.
  nonisolated func admit(_ arrival: Arrival, outcome: @escaping Arrival.Outcome) {
    load.add(1, ordering: .relaxed)
    if thread.isCurrent {
      assumeIsolated { $0.open(arrival, outcome) }
    } else {
      Task { await open(arrival, outcome) }
    }
  }

  private func open(_ arrival: Arrival, _ outcome: @escaping Arrival.Outcome) {
    let socket = SocketStream(owning: arrival.descriptor)
    do throws(TransportError) {
      guard !isStopped else { throw TransportError(.stopped, CloseReason.loopStopped.description) }
      let session = try arrival.tls.map { (context) throws(TransportError) in
        try TLSSession(context, socket, expecting: arrival.identity)
      }
      let setup = Connection.Setup(
        limits: arrival.limits, seat: arrival.seat, makeHandler: arrival.makeHandler, outcome: outcome)
      Connection(
        socket, session, peer: arrival.peer, connecting: arrival.isConnecting, on: self, reactor, setup
      ).start(within: arrival.within)
    } catch {
      load.subtract(1, ordering: .relaxed)
      arrival.seat?.leave()
      outcome(.failure(ConnectionRefusal(peer: arrival.peer, reason: .refused("\(error)"))))
    }
  }
}
