internal import Transport

/// The connection of one streamed answer: made for it, closed with it.
final class HTTP1StreamConnection: ConnectionHandler {
  private let request: HTTPRequest
  private let inbox: HTTPStreamInbox
  private let address: HTTPClientAddress
  private let limits: HTTPLimits
  private let head: Duration
  private let silence: Duration
  private var parser: HTTP1ResponseStream

  init(
    _ request: HTTPRequest, _ inbox: HTTPStreamInbox, _ address: HTTPClientAddress, _ limits: HTTPLimits,
    head: Duration, silence: Duration
  ) {
    self.request = request
    self.inbox = inbox
    self.address = address
    self.limits = limits
    self.head = head
    self.silence = silence
    parser = HTTP1ResponseStream(limits: limits)
  }

  func opened(on connection: Connection) {
    var bytes: [UInt8] = []
    HTTP1Writer.append(request, authority: address.authority, to: &bytes)
    connection.write(bytes)
    connection.setDeadline(after: head, "no head")
  }

  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    var body: [UInt8] = []
    do throws(HTTPRefusal) {
      let isComplete = try parser.read(bytes.bindMemory(to: UInt8.self).span, into: &body)
      let mustWait = inbox.put(head: parser.head, bytes: body)
      if isComplete {
        inbox.finish(nil)
        return connection.close()
      }
      if mustWait { connection.pauseReading() }
      // While the reader is late, silence is ours and not the server's.
      if parser.head != nil { connection.setDeadline(after: mustWait ? nil : silence, "silent") }
    } catch {
      inbox.finish(
        error.status == 413 ? .tooLarge(address.endpoint, limits) : .malformed(address.endpoint, error))
      connection.abort("the answer was refused")
    }
  }

  /// The reader has caught up.
  func resume(_ connection: Connection) {
    connection.setDeadline(after: silence, "silent")
    connection.resumeReading()
  }

  func peerFinished(on connection: Connection) {
    if parser.mayEndHere { inbox.finish(nil) }
    connection.close()
  }

  func deadlineReached(_ reason: String, on connection: Connection) {
    inbox.finish(.timeout(address.endpoint))
    connection.abort(reason)
  }

  func closed(_ reason: CloseReason, on connection: Connection) {
    inbox.finish(.closed(address.endpoint, cause: "\(reason)"))
  }
}
