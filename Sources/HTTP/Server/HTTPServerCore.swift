internal import Synchronization
internal import Transport

/// What all connections of a server share.
final class HTTPServerCore: Sendable {
  enum Stage: UInt8, AtomicRepresentable {
    case serving
    /// Still accepts, for whoever has not heard that it is going; HTTP/1.1 answers end their connections, so
    /// that nobody keeps one for later.
    case retiring
    /// Answers end their connections; idle ones are kept for what is on its way.
    case announced
    /// Idle connections end too.
    case ending
  }

  let configuration: HTTPServerConfiguration
  let loops: LoopGroup
  let observe: @Sendable (HTTPServerEvent) -> Void
  private let handler: @Sendable (HTTPRequest) -> HTTPReply
  let listener = Mutex<Listener?>(nil)
  let stage = Atomic<Stage>(.serving)
  let connections = Atomic<Int>(0)
  let inFlight = Atomic<Int>(0)
  let memory: HTTPMemory
  /// How often a drain looks whether the last connection has gone.
  private static let drainPoll = Duration.milliseconds(10)

  init(
    _ configuration: HTTPServerConfiguration, _ loops: LoopGroup,
    observe: @escaping @Sendable (HTTPServerEvent) -> Void,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) {
    self.configuration = configuration
    memory = HTTPMemory(limit: configuration.limits.heldBytes)
    self.loops = loops
    self.observe = observe
    self.handler = handler
  }

  func connectionOpened() { connections.wrappingAdd(1, ordering: .relaxed) }
  func connectionClosed() { connections.wrappingSubtract(1, ordering: .relaxed) }

  /// Nobody is let in any more.
  var isDraining: Bool {
    switch stage.load(ordering: .relaxed) {
    case .serving, .retiring: false
    case .announced, .ending: true
    }
  }
  var endsConnections: Bool { stage.load(ordering: .relaxed) != .serving }

  enum Answer {
    case ready(HTTPResponse)
    /// The connection's `finish` will be called with the request's number, unless it ends before.
    case pending(Task<Void, Never>)
  }

  /// Asks the handler. On the connection's loop.
  func answer(_ number: Int, _ request: HTTPRequest, on connection: Connection) -> Answer {
    switch handler(request) {
    case .now(let response): return .ready(response)
    case .later(let work):
      guard inFlight.wrappingAdd(1, ordering: .relaxed).newValue <= configuration.inFlight else {
        inFlight.wrappingSubtract(1, ordering: .relaxed)
        observe(.requestRefused(.overloaded, peer: request.peer?.address ?? "-"))
        return .ready(HTTPResponse(refusal: .overloaded))
      }
      let handle = connection.handle
      // The task's, for as long as it runs: its connection may be gone before.
      let cost = request.heldBytes
      memory.add(cost)
      return .pending(
        Task {
          let response = await work()
          self.inFlight.wrappingSubtract(1, ordering: .relaxed)
          await handle.loop.with(handle) { connection in
            (connection.handler as? any HTTPServerConnection)?.finish(number, response, on: connection)
          }
          self.memory.add(-cost)
        })
    }
  }

  /// Unsent bytes of a connection with which it begins nothing else: few when memory is short.
  var outputHighWater: Int {
    memory.isShort ? HTTPMemoryShare.piece : configuration.transport.outputHighWater
  }

  func forEachConnection(_ body: @escaping @Sendable (any HTTPServerConnection, Connection) -> Void) async {
    for loop in loops.loops {
      await loop.forEachConnection { connection in
        guard let served = connection.handler as? any HTTPServerConnection, served.core === self else {
          return
        }
        body(served, connection)
      }
    }
  }

  /// Returns at `end` at the latest, and at once when its task is cancelled.
  func waitUntilEmpty(until end: ContinuousClock.Instant) async {
    while connections.load(ordering: .relaxed) > 0, ContinuousClock.now < end, !Task.isCancelled {
      try? await ContinuousClock().sleep(until: min(end, .now + Self.drainPoll))
    }
  }
}

/// The handler of a connection, whichever protocol it speaks.
protocol HTTPServerConnection: ConnectionHandler {
  var core: HTTPServerCore { get }
  /// A task has made the answer to the request of that number.
  func finish(_ number: Int, _ response: HTTPResponse, on connection: Connection)
  func announceDrain(on connection: Connection)
  func endDrain(on connection: Connection)
}
