internal import CLinux
import Glibc
import Synchronization

/// The listening socket inside its loop: accepts, holds the limits, hands connections out.
final class Acceptor: Watched {
  /// Owned: closed with the acceptor.
  private let descriptor: Int32
  private let loops: LoopGroup
  private unowned let home: Loop
  private unowned let reactor: Reactor
  private let tls: TLSServerContext?
  private let limits: TransportLimits
  private let guests: ListenerGuests
  /// Connections of the whole group, dialled ones too, with which this listener takes no more.
  private let mostDescriptors: Int
  private let refused: @Sendable (ConnectionRefusal) -> Void
  private let makeHandler: HandlerFactory
  private var token: UInt64 = 0
  private var isListening = false

  init(
    _ descriptor: Int32, loops: LoopGroup, home: Loop, _ reactor: Reactor, tls: TLSServerContext?,
    limits: TransportLimits, refused: @escaping @Sendable (ConnectionRefusal) -> Void,
    makeHandler: @escaping HandlerFactory
  ) {
    self.descriptor = descriptor
    self.loops = loops
    self.home = home
    self.reactor = reactor
    self.tls = tls
    self.limits = limits
    guests = ListenerGuests(loops: loops.loops.count)
    mostDescriptors = DescriptorLimit.forConnections(sparing: limits.spared)
    self.refused = refused
    self.makeHandler = makeHandler
  }
  deinit { close(descriptor) }

  /// The token by which the listener can be stopped; nil if the poller refuses.
  func start() -> UInt64? {
    token = reactor.adopt(self)
    if listen() { return token }
    reactor.release(token)
    return nil
  }

  private func listen() -> Bool {
    isListening = reactor.watch(descriptor, events: clinux_readable, token: token)
    return isListening
  }

  func ready(_ events: UInt32) {
    for _ in 0..<limits.acceptPerTurn {
      var storage = sockaddr_storage()
      let accepted = clinux_accept_nonblocking(descriptor, &storage)
      guard accepted >= 0 else { return judge(errno) }
      welcome(SocketStream(owning: accepted), storage)
    }
  }

  /// No connection: because there is none, because one left early, or because we are out of something.
  private func judge(_ number: Int32) {
    guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number) else { return }
    reactor.unwatch(descriptor)
    isListening = false
    if let here = SocketAddress.local(of: descriptor) {
      let why = "\(describe(errno: number)); accepting again in \(limits.acceptPause)"
      refused(ConnectionRefusal(peer: here, reason: .refused(why)))
    }
    reactor.setDeadline(token, .transport, in: limits.acceptPause.nanoseconds)
  }

  func due(_ kind: DeadlineKind) {
    guard !isListening, !listen() else { return }
    reactor.setDeadline(token, .transport, in: limits.acceptPause.nanoseconds)
  }

  func settle() {}

  /// Nobody can begin to connect any more; who has begun may finish.
  func dropNewcomers() {
    // Where the kernel refuses the filter, the last to come may be reset, as with any server.
    _ = clinux_drop_newcomers(descriptor)
  }

  /// Takes in who is queued, whom closing would reset, and closes the listening socket.
  func stopped() {
    for _ in 0..<limits.backlog {
      var storage = sockaddr_storage()
      let accepted = clinux_accept_nonblocking(descriptor, &storage)
      guard accepted >= 0 else { break }
      welcome(SocketStream(owning: accepted), storage)
    }
    reactor.unwatch(descriptor)
    reactor.release(token)
  }

  private func welcome(_ socket: SocketStream, _ storage: sockaddr_storage) {
    guard let peer = SocketAddress(storage) else { return }
    let index = loops.leastLoadedIndex, loop = loops.loops[index]
    let isFull =
      guests.count >= limits.connections || guests.count(on: index) >= limits.connectionsPerLoop
      || loops.connectionCount >= mostDescriptors
    if isFull { return refused(ConnectionRefusal(peer: peer, reason: .refused("too many connections"))) }
    SocketOption.noDelay.set(on: socket.descriptor, 1)
    let arrival = Arrival(
      descriptor: socket.surrender(), peer: peer, isConnecting: false, tls: tls?.context, identity: nil,
      within: limits.handshake, limits: limits, seat: guests.seat(on: index), makeHandler: makeHandler)
    let refused = refused
    loop.admit(arrival) { if case .failure(let refusal) = $0 { refused(refusal) } }
  }
}
