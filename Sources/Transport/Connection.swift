internal import CLinux
import Synchronization

/// One peer, seen from its loop. Not Sendable: only that loop can touch it. Use `handle` from elsewhere.
package final class Connection: Watched {
  /// Where the connection is in its life; each event is handled by the step it is in.
  private enum Step { case connecting, handshaking, open, closing, aborting, lingering, closed }

  /// What the listener or dialer wants of the connection.
  struct Setup {
    let limits: TransportLimits
    let seat: ListenerGuests.Seat?
    let makeHandler: HandlerFactory
    /// Established, or ended before that.
    let outcome: (Result<ConnectionHandle, ConnectionRefusal>) -> Void
  }

  package unowned let loop: Loop
  package let peer: SocketAddress
  /// The room above; nil before the handshake and after the end.
  package private(set) var handler: (any ConnectionHandler)?

  private unowned let reactor: Reactor
  private let setup: Setup
  private let socket: SocketStream
  private let session: TLSSession?
  private var token: UInt64 = 0
  private var step: Step
  private var output = OutputBuffer()
  private var isTouched = false
  private var isGathering = false
  private var hasPeerFinished = false
  /// The room above wants no more for now.
  private var isPaused = false
  /// Too much is unsent, so nothing more is read.
  private var isChoked = false
  /// The kernel refused output; the room above will be told when most of it is gone.
  private var isWaiting = false
  private var wantsRead = false
  private var abortReason = CloseReason.closedHere
  private var deadlineReason = ""
  private var stallWatch: (isOn: Bool, progress: Int) = (false, 0)

  /// Takes over a connected socket, or with `connecting` one whose connect is in progress.
  init(
    _ socket: SocketStream, _ session: TLSSession?, peer: SocketAddress, connecting: Bool,
    on loop: Loop, _ reactor: Reactor, _ setup: Setup
  ) {
    self.socket = socket
    self.peer = peer
    self.loop = loop
    self.reactor = reactor
    self.setup = setup
    self.session = session
    step = connecting ? .connecting : .handshaking
  }

  /// Puts the connection into the loop's table and starts it.
  func start(within limit: Duration) {
    token = reactor.adopt(self)
    reactor.setDeadline(token, .transport, in: limit.nanoseconds)
    guard reactor.watch(socket.descriptor, events: clinux_stream_edges, token: token) else {
      return end(.failed("the poller refuses the socket"), lingering: false)
    }
    if step == .handshaking, session == nil { establish() }
  }
}

// MARK: - for the room above

extension Connection {
  package var handle: ConnectionHandle { ConnectionHandle(loop: loop, token: token) }
  /// Writing makes sense.
  package var isOpen: Bool { step == .open }
  /// The protocol agreed in the handshake: `h2`, `http/1.1`, or nil.
  package var alpn: String? { session?.alpn }
  /// The name that the client asked for (SNI).
  package var serverName: String? { session?.serverName }
  /// `TLSv1.3`, or nil on a plain connection.
  package var tlsVersion: String? { session?.version }
  /// Whether the handshake resumed an earlier session.
  package var isResumed: Bool { session?.isResumed ?? false }
  /// The allowed name that the client's certificate proved, when the server asks for one.
  package var clientName: String? { session?.peerName }
  /// Bytes written and not yet taken by the kernel.
  package var pendingOutput: Int { output.count }

  /// Queues bytes; they leave together at the end of the turn.
  package func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

  package func write(_ bytes: UnsafeRawBufferPointer) {
    // What a handler still holds when it closes is written while it is asked to gather.
    guard step == .open || (step == .closing && isGathering) else { return }
    output.append(bytes)
    touch()
    if output.count > setup.limits.outputLimit { stop(.outputLimit) }
  }

  /// `ConnectionHandler.willFlush` will be called at the end of the turn.
  package func requestFlush() { touch() }

  /// More output waits in the room above: nothing is read until what was written has left, then `writable` is
  /// called.
  package func awaitWritable() {
    isWaiting = true
    isChoked = true
    touch()
  }

  /// Ends the connection politely: what was written is sent, TLS is closed, the peer gets time to read.
  package func close() {
    guard step == .open else { return }
    step = .closing
    touch()
  }

  /// Ends the connection now; unsent output is lost.
  package func abort(_ why: String) { stop(.aborted(why)) }

  /// One deadline per connection; setting it replaces the last. nil removes it.
  package func setDeadline(after duration: Duration?, _ reason: String = "") {
    deadlineReason = reason
    reactor.setDeadline(token, .handler, in: duration?.nanoseconds)
  }

  package func setDeadline(_ instant: ContinuousClock.Instant?, _ reason: String = "") {
    setDeadline(after: instant.map { ContinuousClock.now.duration(to: $0) }, reason)
  }

  /// Nothing more is read; the kernel's window fills and the peer must wait.
  package func pauseReading() { isPaused = true }

  package func resumeReading() {
    isPaused = false
    readLater()
  }
}

// MARK: - events

extension Connection {
  func ready(_ events: UInt32) {
    socket.note(events)
    switch step {
    case .connecting: finishConnecting()
    case .handshaking: handshake()
    case .open: transfer(events)
    case .closing: touch()
    case .lingering: drain()
    case .aborting, .closed: break
    }
  }

  func settle() {
    if wantsRead { read() }
    if step == .open || step == .closing { gather() }
    isTouched = false
    switch step {
    case .open, .closing: flush()
    case .aborting: end(abortReason, lingering: false)
    case .lingering: drain()
    case .connecting, .handshaking, .closed: break
    }
    handler?.settled(on: self)
    if wantsRead { touch() }
  }

  private func gather() {
    isGathering = true
    handler?.willFlush(on: self)
    isGathering = false
  }

  func due(_ kind: DeadlineKind) {
    switch (kind, step) {
    case (.handler, .open): handler?.deadlineReached(deadlineReason, on: self)
    case (.handler, _): break
    case (.transport, .connecting): end(.connectFailed("no answer in time"), lingering: false)
    case (.transport, .handshaking): end(.handshakeTimeout, lingering: false)
    case (.transport, .open), (.transport, .closing): judgeStall()
    case (.transport, .lingering): release()
    case (.transport, .aborting), (.transport, .closed): break
    }
  }

  func stopped() {
    if step == .lingering { release() } else { end(.loopStopped, lingering: false) }
  }

  private func finishConnecting() {
    let code = socket.connectError
    guard code == 0 else { return end(.connectFailed(describe(errno: code)), lingering: false) }
    step = .handshaking
    if session == nil { establish() } else { handshake() }
  }

  private func handshake() {
    switch session!.handshake() {
    case .done: establish()
    case .notNow: break
    case .failed(let reason): end(reason, lingering: true)
    }
  }

  private func establish() {
    step = .open
    reactor.setDeadline(token, .transport, in: nil)
    handler = setup.makeHandler(self)
    setup.outcome(.success(handle))
    handler?.opened(on: self)
    // The bytes behind the handshake may be in TLS's buffer already: no edge will tell.
    readLater()
  }

  private func transfer(_ events: UInt32) {
    if events & clinux_writable != 0, !output.isEmpty { flush() }
    if events & (clinux_readable | clinux_hangup) != 0 || session?.readWantsWrite == true { read() }
    if session?.writeWantsRead == true { flush() }
  }

  private func read() {
    wantsRead = false
    var budget = setup.limits.readPerTurn
    while step == .open, !isPaused, !isChoked, !hasPeerFinished {
      guard budget > 0 else { return readLater() }
      switch session?.read(into: reactor.scratch) ?? socket.read(into: reactor.scratch) {
      case .bytes(let count):
        budget -= count
        handler?.received(UnsafeRawBufferPointer(rebasing: reactor.scratch[..<count]), on: self)
      case .notNow: return
      case .finished:
        hasPeerFinished = true
        handler?.peerFinished(on: self)
      case .failed(let reason): return end(reason, lingering: false)
      }
    }
  }

  private func readLater() {
    guard step == .open else { return }
    wantsRead = true
    touch()
  }
}

// MARK: - output

extension Connection {
  private func touch() {
    guard !isTouched, step != .closed else { return }
    isTouched = true
    reactor.touch(self)
  }

  private func flush() {
    var hasWritten = false
    while !output.isEmpty {
      switch output.withUnsent({ session?.write($0) ?? socket.write($0) }) {
      case .wrote(let count):
        output.drop(count)
        stallWatch.progress += count
        hasWritten = true
      case .notNow: return pending(hasWritten)
      case .failed(let reason): return lost(reason)
      }
    }
    output.reset()
    if stallWatch.isOn { watchStall(false) }
    if step == .closing { return end(.closedHere, lingering: true) }
    unchoke()
  }

  /// The kernel takes no more: hold the peer to the limits until it does. As long as nothing leaves, the
  /// handler is not asked for more: it would, and be asked again at once.
  private func pending(_ hasWritten: Bool) {
    isWaiting = true
    if !stallWatch.isOn { watchStall(true) }
    if output.count > setup.limits.outputHighWater { isChoked = true }
    if hasWritten, output.count < setup.limits.outputLowWater { unchoke() }
  }

  private func unchoke() {
    guard isWaiting else { return }
    let wasChoked = isChoked
    isWaiting = false
    isChoked = false
    // May fill the output again and wait once more.
    handler?.writable(on: self)
    if wasChoked { readLater() }
  }

  private func watchStall(_ on: Bool) {
    stallWatch = (on, 0)
    reactor.setDeadline(token, .transport, in: on ? setup.limits.stall.nanoseconds : nil)
  }

  private func judgeStall() {
    if stallWatch.progress < setup.limits.stallProgress { return end(.peerTooSlow, lingering: false) }
    watchStall(true)
  }

  /// Writing failed. What the peer said before it left may explain why, so it is read first.
  private func lost(_ reason: CloseReason) {
    output.reset()
    read()
    end(reason, lingering: false)
  }
}

// MARK: - the end

extension Connection {
  /// Ends the connection at the end of the turn, so that no handler is called inside its own call.
  private func stop(_ reason: CloseReason) {
    guard step == .open || step == .closing else { return }
    step = .aborting
    abortReason = reason
    touch()
  }

  private func end(_ reason: CloseReason, lingering: Bool) {
    guard step != .closed, step != .lingering else { return }
    step = .lingering
    output.reset()
    reactor.setDeadline(token, .handler, in: nil)
    if let handler {
      self.handler = nil
      handler.closed(reason, on: self)
    } else {
      setup.outcome(.failure(ConnectionRefusal(peer: peer, reason: reason)))
    }
    lingering ? linger() : release()
  }

  private func linger() {
    session?.finishWriting()
    socket.finishWriting()
    reactor.setDeadline(token, .transport, in: setup.limits.linger.nanoseconds)
    drain()
  }

  /// Reads and forgets what the peer still sends, until it closes too.
  private func drain() {
    var budget = setup.limits.readPerTurn
    while budget > 0 {
      switch socket.read(into: reactor.scratch) {
      case .bytes(let count): budget -= count
      case .notNow: return
      case .finished, .failed: return release()
      }
    }
    touch()
  }

  private func release() {
    guard step != .closed else { return }
    step = .closed
    reactor.release(token)
    socket.release()
    loop.load.subtract(1, ordering: .relaxed)
    setup.seat?.leave()
  }
}

/// A connection that ended before it had a handler.
package struct ConnectionRefusal: Error, Sendable {
  /// The other side; our own listening address when the system had nothing left to accept with.
  package let peer: SocketAddress
  package let reason: CloseReason
}
