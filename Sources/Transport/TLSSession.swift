internal import COpenSSL

/// The TLS of one connection over its socket; owns the `SSL` object.
///
/// OpenSSL reads and writes through a BIO of ours rather than its own socket BIO, which would raise SIGPIPE
/// and would ask the kernel again after every short read.
final class TLSSession {
  enum Handshake { case done, notNow, failed(CloseReason) }

  private let ssl: OpaquePointer
  private let socket: SocketStream
  /// Keeps the context that this session began with, whatever is loaded later.
  private let context: TLSContext
  private var isEstablished = false
  private var isBroken = false
  private(set) var readWantsWrite = false
  private(set) var writeWantsRead = false

  /// - Parameter expecting: the client's side: the server's name or address that its certificate must prove.
  init(_ context: TLSContext, _ socket: SocketStream, expecting server: ServerIdentity?)
    throws(TransportError)
  {
    guard let ssl = SSL_new(context.raw) else { throw .openSSL(.system, "cannot make a TLS session") }
    self.ssl = ssl
    self.socket = socket
    self.context = context
    let bio = BIO_new(SocketBIO.method)
    BIO_set_data(bio, Unmanaged.passUnretained(socket).toOpaque())
    BIO_set_init(bio, 1)
    SSL_set_bio(ssl, bio, bio)
    guard let server else {
      SSL_set_accept_state(ssl)
      return
    }
    SSL_set_connect_state(ssl)
    try server.require(of: ssl)
  }
  deinit { SSL_free(ssl) }

  func handshake() -> Handshake {
    ERR_clear_error()
    let code = SSL_do_handshake(ssl)
    guard code != 1 else {
      isEstablished = true
      return .done
    }
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .notNow
    default:
      isBroken = true
      return .failed(handshakeEnd)
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    ERR_clear_error()
    readWantsWrite = false
    var count = 0
    let code = SSL_read_ex(ssl, buffer.baseAddress!, buffer.count, &count)
    if code == 1 { return .bytes(count) }
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_READ: return .notNow
    case SSL_ERROR_WANT_WRITE:
      readWantsWrite = true
      return .notNow
    case SSL_ERROR_ZERO_RETURN: return .finished
    default: return .failed(breakdown)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    ERR_clear_error()
    writeWantsRead = false
    var count = 0
    let code = SSL_write_ex(ssl, bytes.baseAddress!, bytes.count, &count)
    if code == 1 { return .wrote(count) }
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_WRITE: return .notNow
    case SSL_ERROR_WANT_READ:
      writeWantsRead = true
      return .notNow
    default: return .failed(breakdown)
    }
  }

  /// Sends close_notify if the session is whole. One attempt: a full socket loses the notice, and the peer
  /// sees a truncated stream, which is then the truth.
  func finishWriting() {
    guard isEstablished, !isBroken else { return }
    ERR_clear_error()
    _ = SSL_shutdown(ssl)
  }

  // -- what was agreed

  var alpn: String? {
    var name: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &length)
    return name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self) }
  }
  var serverName: String? { SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) } }
  var version: String { String(cString: SSL_get_version(ssl)) }
  var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// The name of the peer's verified certificate that the context's rule allowed.
  var peerName: String? {
    guard SSL_get_verify_result(ssl) == X509_V_OK, let certificate = SSL_get0_peer_certificate(ssl) else {
      return nil
    }
    return context.clientRule?.allowedName(of: certificate)
  }

  // -- what went wrong

  private var breakdown: CloseReason {
    isBroken = true
    if socket.failure != 0 { return .failed(describe(errno: socket.failure)) }
    return socket.sawEnd ? .truncated : .tlsFailed(cause)
  }

  /// A verdict on a certificate is told before the end of the socket: a peer that we turned away hangs up.
  private var handshakeEnd: CloseReason {
    let verdict = SSL_get_verify_result(ssl)
    if verdict != X509_V_OK { return .handshakeFailed(context.explain(verdict)) }
    if socket.failure != 0 { return .handshakeCut(describe(errno: socket.failure)) }
    if socket.sawEnd { return .handshakeCut("the peer closed it") }
    return .handshakeFailed(cause)
  }

  private var cause: String { OpenSSLErrors.take() ?? "no reason given" }
}

/// How OpenSSL reaches a `SocketStream`.
private enum SocketBIO {
  /// Made once and never changed; OpenSSL only reads it.
  nonisolated(unsafe) static let method: OpaquePointer? = {
    let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket stream")
    BIO_meth_set_read_ex(method) { bio, bytes, capacity, count in
      copenssl_clear_retry(bio)
      switch stream(of: bio).read(into: UnsafeMutableRawBufferPointer(start: bytes, count: capacity)) {
      case .bytes(let read):
        count!.pointee = read
        return 1
      case .notNow:
        BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return 0
      case .finished, .failed: return 0
      }
    }
    BIO_meth_set_write_ex(method) { bio, bytes, length, count in
      copenssl_clear_retry(bio)
      switch stream(of: bio).write(UnsafeRawBufferPointer(start: bytes, count: length)) {
      case .wrote(let written):
        count!.pointee = written
        return 1
      case .notNow:
        BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        return 0
      case .failed: return 0
      }
    }
    BIO_meth_set_ctrl(method) { bio, command, _, _ in
      switch command {
      case BIO_CTRL_FLUSH: 1
      case BIO_CTRL_EOF: stream(of: bio).sawEnd ? 1 : 0
      default: 0
      }
    }
    return method
  }()

  /// The socket outlives the session that holds it, and the session owns the BIO.
  private static func stream(of bio: OpaquePointer?) -> SocketStream {
    Unmanaged<SocketStream>.fromOpaque(BIO_get_data(bio)!).takeUnretainedValue()
  }
}
