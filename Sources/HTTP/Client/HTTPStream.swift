internal import Transport

/// An answer that is still coming. One task reads it; its connection is closed with the last reference.
package final class HTTPStream: Sendable {
  package let status: Int
  package let headers: HTTPHeaders
  private let inbox: HTTPStreamInbox
  private let handle: ConnectionHandle
  private let endpoint: HTTPEndpoint

  private init(
    _ head: HTTP1ResponseHead, _ inbox: HTTPStreamInbox, _ handle: ConnectionHandle, _ endpoint: HTTPEndpoint
  ) {
    status = head.status
    headers = head.headers
    self.inbox = inbox
    self.handle = handle
    self.endpoint = endpoint
  }

  deinit { cancel() }

  /// Waits for the head.
  static func begun(
    _ inbox: HTTPStreamInbox, _ handle: ConnectionHandle, _ endpoint: HTTPEndpoint
  ) async throws(HTTPClientError) -> HTTPStream {
    await wait(for: inbox, handle, endpoint)
    switch inbox.headOrEnd {
    case .success(let head): return HTTPStream(head, inbox, handle, endpoint)
    case .failure(let error): throw error
    }
  }

  /// The next bytes of the body, in pieces of any size; nil at its end. Waits for them; throws `timeout` when
  /// the server has fallen silent, `closed` when the connection ended before the answer did.
  package func next() async throws(HTTPClientError) -> [UInt8]? {
    await Self.wait(for: inbox, handle, endpoint)
    let taken = inbox.take()
    if taken.mustResume {
      let handle = handle
      Task {
        await handle.loop.with(handle) { ($0.handler as? HTTP1StreamConnection)?.resume($0) }
      }
    }
    if !taken.bytes.isEmpty { return taken.bytes }
    if let error = taken.error { throw error }
    return nil
  }

  /// Closes the connection. Harmless when it is gone.
  package func cancel() { Self.cancel(inbox, handle, endpoint) }

  private static func wait(
    for inbox: HTTPStreamInbox, _ handle: ConnectionHandle, _ endpoint: HTTPEndpoint
  ) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { inbox.await($0) }
    } onCancel: {
      cancel(inbox, handle, endpoint)
    }
  }

  private static func cancel(
    _ inbox: HTTPStreamInbox, _ handle: ConnectionHandle, _ endpoint: HTTPEndpoint
  ) {
    inbox.finish(.cancelled(endpoint))
    Task { await handle.loop.with(handle) { $0.abort("the request was cancelled") } }
  }
}
