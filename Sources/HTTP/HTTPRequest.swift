/// A whole request: what a handler is given, and what a client sends.
package struct HTTPRequest: Sendable {
  /// The method as sent; methods are case-sensitive (RFC 9110 section 9.1).
  package var method: String
  /// The path as sent, escapes untouched; always starts with `/` (or is `*` for OPTIONS).
  package var path: String
  /// What followed the first `?`, or nil.
  package var query: String?
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// Who is at the other end; nil in a request that a client sends.
  package var peer: HTTPPeer?

  package init(
    method: String, path: String, query: String? = nil, headers: HTTPHeaders = .init(), body: [UInt8] = [],
    peer: HTTPPeer? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// What it takes of memory, beside the least that each does.
  var heldBytes: Int { headers.heldBytes + body.capacity + path.utf8.count + (query?.utf8.count ?? 0) }

  /// The path with its query, as it stands on the wire.
  package var target: String { query.map { "\(path)?\($0)" } ?? path }
}
