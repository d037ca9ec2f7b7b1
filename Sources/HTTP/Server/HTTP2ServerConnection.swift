internal import Transport

/// One HTTP/2 connection of a server.
final class HTTP2ServerConnection: HTTPServerConnection {
  let core: HTTPServerCore
  private let peer: HTTPPeer
  private let session: HTTP2ServerSession
  private var share = HTTPMemoryShare()
  private var alarm = HTTPAlarm()
  private var date = HTTPDate()
  private var output: [UInt8] = []
  /// When the last request arrived; before the first, when the connection was opened.
  private var since: ContinuousClock.Instant
  private var hasAsked = false
  private var isOver = false

  init(_ core: HTTPServerCore, _ peer: HTTPPeer) {
    self.core = core
    self.peer = peer
    since = .now
    session = HTTP2ServerSession(limits: core.configuration.limits, peer: peer, at: since)
    core.connectionOpened()
    share.hold(0, core.memory)
  }

  func opened(on connection: Connection) {
    if core.isDraining { announceDrain(on: connection) }
    connection.requestFlush()
    arm(connection)
  }

  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    let now = ContinuousClock.now
    session.refusesStreams = core.memory.isShort && !share.isSmall
    if !session.receive(bytes.bindMemory(to: UInt8.self).span, at: now) { isOver = true }
    if !hold(on: connection) { session.refuseUnfinished(.overloaded) }
    answer(on: connection)
    connection.requestFlush()
    if !session.isIdle { arm(connection) }
  }

  /// Streams that have begun are answered; the peer can still read.
  func peerFinished(on connection: Connection) {
    if session.isIdle { return end(connection) }
    session.shutDown()
    connection.requestFlush()
  }

  func willFlush(on connection: Connection) {
    output.removeAll(keepingCapacity: true)
    let room = core.outputHighWater - connection.pendingOutput
    session.send(into: &output, limit: room)
    if !output.isEmpty { connection.write(output) }
    if output.count >= room, !isOver { return connection.awaitWritable() }
    if isOver || session.isFinished { end(connection) }
  }

  func settled(on connection: Connection) { hold(on: connection) }

  func writable(on connection: Connection) { connection.requestFlush() }

  func closed(_ reason: CloseReason, on connection: Connection) {
    if let cause = session.cause { core.observe(.cutOff(cause, peer: peer.address)) }
    for stream in session.streams.values { stream.task?.cancel() }
    share.release(core.memory)
    core.connectionClosed()
  }

  func announceDrain(on connection: Connection) {
    session.announceShutdown()
    connection.requestFlush()
  }

  func endDrain(on connection: Connection) {
    session.shutDown()
    connection.requestFlush()
  }

  @discardableResult private func hold(on connection: Connection) -> Bool {
    share.hold(session.heldBytes + connection.pendingOutput, core.memory)
  }

  private func end(_ connection: Connection) {
    isOver = true
    connection.close()
  }
}

// MARK: - answering

extension HTTP2ServerConnection {
  private func answer(on connection: Connection) {
    let date = date.current()
    session.takeRequests(date) { refusal in
      core.observe(.requestRefused(refusal, peer: peer.address))
    } handle: { id, request in
      hasAsked = true
      since = session.now
      switch core.answer(Int(id), request, on: connection) {
      case .ready(let response): session.respond(id, response, date: date)
      case .pending(let task): session.streams[id]?.task = task
      }
    }
  }

  func finish(_ stream: Int, _ response: HTTPResponse, on connection: Connection) {
    session.now = .now
    session.respond(Int32(stream), response, date: date.current())
    connection.requestFlush()
  }
}

// MARK: - time

extension HTTP2ServerConnection {
  private func arm(_ connection: Connection) {
    let deadlines = core.configuration.deadlines
    let quiet = since + (hasAsked ? deadlines.idle : deadlines.head)
    guard !session.isIdle else { return alarm.set(quiet, on: connection) }
    // No stream can be due earlier than the shortest deadline from now, so that this need not look at them
    // all.
    let shortest = min(deadlines.head, deadlines.body, deadlines.handler, deadlines.discard)
    alarm.set(session.now + shortest, on: connection)
  }

  func deadlineReached(_ reason: String, on connection: Connection) {
    alarm.hasRung()
    let (now, deadlines) = (ContinuousClock.now, core.configuration.deadlines)
    session.now = now
    for stream in session.expire(at: now, deadlines) {
      stream.task?.cancel()
      core.observe(.requestRefused(.handlerTooSlow, peer: peer.address))
      session.respond(stream.id, HTTPResponse(refusal: .handlerTooSlow), date: date.current())
    }
    answer(on: connection)
    if session.isIdle, since + (hasAsked ? deadlines.idle : deadlines.head) <= now {
      session.shutDown()
      isOver = true
    }
    connection.requestFlush()
    arm(connection)
  }
}
