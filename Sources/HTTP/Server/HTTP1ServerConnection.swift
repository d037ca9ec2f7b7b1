internal import Transport

/// One HTTP/1.1 connection of a server: requests one after another, answers in the same order.
final class HTTP1ServerConnection: HTTPServerConnection {
  private enum Phase {
    /// No byte of a request has arrived.
    case idle
    case head, body
    /// A task is making the answer.
    case handling(Task<Void, Never>)
    /// The last answer has been written.
    case over
  }

  let core: HTTPServerCore
  private let peer: HTTPPeer
  private var parser: HTTP1Parser
  private var phase = Phase.idle
  /// Read once for each call from below.
  private var now = ContinuousClock.now
  private var since = ContinuousClock.now
  private var alarm = HTTPAlarm()
  private var share = HTTPMemoryShare()
  private var date = HTTPDate()
  private var head: [UInt8] = []
  /// What arrived behind a request that is not answered yet.
  private var backlog: [UInt8] = []
  private var isWaitingForRoom = false
  private var peerHasFinished = false
  /// Counts requests, so that a late answer cannot take the place of another.
  private var number = 0
  private var answersHead = false
  private var keepsAlive = true

  init(_ core: HTTPServerCore, _ peer: HTTPPeer) {
    self.core = core
    self.peer = peer
    parser = HTTP1Parser(limits: core.configuration.limits)
    core.connectionOpened()
    share.hold(0, core.memory)
  }

  func opened(on connection: Connection) { arm(connection) }

  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    now = .now
    if canRead { return read(bytes, on: connection) }
    if !isOver { keep(bytes, on: connection) }
  }

  /// The peer sends no more: what it asked is answered, then the connection ends.
  func peerFinished(on connection: Connection) {
    peerHasFinished = true
    switch phase {
    case .handling: break
    default: if backlog.isEmpty { finish(connection) }
    }
  }

  func writable(on connection: Connection) {
    isWaitingForRoom = false
    readBacklog(on: connection)
    hold(on: connection)
  }

  func settled(on connection: Connection) { hold(on: connection) }

  func closed(_ reason: CloseReason, on connection: Connection) {
    if case .handling(let task) = phase { task.cancel() }
    share.release(core.memory)
    core.connectionClosed()
  }

  func announceDrain(on connection: Connection) {}

  func endDrain(on connection: Connection) {
    if case .idle = phase { finish(connection) }
  }
}

// MARK: - reading

extension HTTP1ServerConnection {
  private var canRead: Bool {
    switch phase {
    case .idle, .head, .body: !isWaitingForRoom
    case .handling, .over: false
    }
  }

  private func read(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    let span = bytes.bindMemory(to: UInt8.self).span
    var at = 0
    while at < span.count, canRead {
      let (consumed, event) = parser.read(span.extracting(at..<span.count))
      at += consumed
      take(event, isLast: at == span.count, on: connection)
      if connection.pendingOutput > core.outputHighWater {
        isWaitingForRoom = true
        connection.awaitWritable()
      }
    }
    if at < span.count, !isOver { keep(UnsafeRawBufferPointer(rebasing: bytes[at...]), on: connection) }
    hold(on: connection)
    arm(connection)
  }

  private func take(_ event: HTTP1Parser.Event, isLast: Bool, on connection: Connection) {
    switch event {
    case .more: noteProgress(on: connection)
    case .head(let expectsContinue):
      enter(.body)
      if expectsContinue, isLast { connection.write(HTTP1Writer.proceed) }
    case .request(let request, let keepsAlive):
      self.keepsAlive = keepsAlive
      handle(request, on: connection)
    case .refused(let refusal): refuse(refusal, on: connection)
    }
  }

  @discardableResult private func hold(on connection: Connection) -> Bool {
    share.hold(parser.heldBytes + backlog.capacity + connection.pendingOutput, core.memory)
  }

  private func noteProgress(on connection: Connection) {
    if case .idle = phase, !parser.isBetweenRequests { enter(.head) }
    if !hold(on: connection) { refuse(.overloaded, on: connection) }
  }

  private func keep(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    backlog.append(contentsOf: bytes)
    let isMuch = backlog.count > core.configuration.limits.pipelinedBytes
    if !hold(on: connection) || isMuch { connection.pauseReading() }
  }

  private func readBacklog(on connection: Connection) {
    guard canRead, !backlog.isEmpty else {
      if peerHasFinished, canRead { finish(connection) }
      return
    }
    var bytes: [UInt8] = []
    swap(&bytes, &backlog)
    connection.resumeReading()
    bytes.withUnsafeBytes { read($0, on: connection) }
    if peerHasFinished, canRead, backlog.isEmpty { finish(connection) }
  }
}

// MARK: - answering

extension HTTP1ServerConnection {
  private var isOver: Bool { if case .over = phase { true } else { false } }

  private func handle(_ request: HTTPRequest, on connection: Connection) {
    number += 1
    answersHead = request.method == "HEAD"
    var request = request
    request.peer = peer
    switch core.answer(number, request, on: connection) {
    case .ready(let response): respond(response, on: connection)
    case .pending(let task): enter(.handling(task))
    }
  }

  func finish(_ expected: Int, _ response: HTTPResponse, on connection: Connection) {
    guard expected == number, case .handling = phase else { return }
    now = .now
    respond(response, on: connection)
    readBacklog(on: connection)
    arm(connection)
  }

  private func respond(_ response: HTTPResponse, on connection: Connection) {
    let closes = !keepsAlive || core.endsConnections
    head.removeAll(keepingCapacity: true)
    HTTP1Writer.appendHead(of: response, date: date.current(), closes: closes, to: &head)
    connection.write(head)
    if !answersHead, HTTP1Writer.mayHaveBody(response.status) { connection.write(response.body) }
    closes ? finish(connection) : enter(.idle)
  }

  private func refuse(_ refusal: HTTPRefusal, on connection: Connection) {
    core.observe(.requestRefused(refusal, peer: peer.address))
    keepsAlive = false
    answersHead = false
    respond(HTTPResponse(refusal: refusal), on: connection)
  }

  private func finish(_ connection: Connection) {
    enter(.over)
    backlog = []
    parser = HTTP1Parser(limits: core.configuration.limits)
    connection.close()
  }

  private func enter(_ phase: Phase) {
    self.phase = phase
    since = now
  }
}

// MARK: - time

extension HTTP1ServerConnection {
  private var deadline: ContinuousClock.Instant? {
    let deadlines = core.configuration.deadlines
    return switch phase {
    case .idle: since + (core.isDraining ? deadlines.drainLinger : deadlines.idle)
    case .head: since + deadlines.head
    case .body: since + deadlines.body(arrived: parser.bodyBytes)
    case .handling: since + deadlines.handler
    case .over: nil
    }
  }

  private func arm(_ connection: Connection) {
    if let deadline { alarm.set(deadline, on: connection) }
  }

  func deadlineReached(_ reason: String, on connection: Connection) {
    alarm.hasRung()
    now = .now
    guard let deadline, deadline <= now else { return arm(connection) }
    switch phase {
    case .idle: finish(connection)
    case .head, .body: refuse(.tooSlow, on: connection)
    case .handling(let task):
      task.cancel()
      core.observe(.requestRefused(.handlerTooSlow, peer: peer.address))
      respond(HTTPResponse(refusal: .handlerTooSlow), on: connection)
      readBacklog(on: connection)
      arm(connection)
    case .over: break
    }
  }
}
