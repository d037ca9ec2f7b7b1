internal import CNghttp2

/// The bridge from nghttp2's callbacks to a session. The user pointer is the session, which outlives its
/// handle.
enum HTTP2Callbacks {
  static func makeSession(
    _ role: HTTP2Session.Role, _ limits: HTTP2Limits, user: UnsafeMutableRawPointer
  ) -> OpaquePointer {
    var callbacks: OpaquePointer!
    var option: OpaquePointer!
    var session: OpaquePointer!
    precondition(
      nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0, "no memory")
    defer {
      nghttp2_session_callbacks_del(callbacks)
      nghttp2_option_del(option)
    }
    install(in: callbacks)
    nghttp2_option_set_max_continuations(option, limits.continuations)
    nghttp2_option_set_no_closed_streams(option, 1)
    let made =
      switch role {
      case .server: nghttp2_session_server_new2(&session, callbacks, user, option)
      case .client: nghttp2_session_client_new2(&session, callbacks, user, option)
      }
    precondition(made == 0, "no memory for an HTTP/2 session")
    return session
  }

  /// A body that nghttp2 asks for piece by piece as the peer's windows allow. The stream must stay in
  /// `HTTP2Session.streams` until it is closed.
  static func withBodySource<R>(
    _ stream: HTTP2Stream?, _ body: (UnsafePointer<nghttp2_data_provider>?) -> R
  ) -> R {
    guard let stream else { return body(nil) }
    let user = Unmanaged.passUnretained(stream).toOpaque()
    var provider = nghttp2_data_provider(source: .init(ptr: user)) {
      _, _, buffer, length, flags, source, _ in
      let stream = Unmanaged<HTTP2Stream>.fromOpaque(source!.pointee.ptr).takeUnretainedValue()
      let filled = stream.fill(UnsafeMutableRawBufferPointer(start: buffer, count: length))
      if filled.isLast { flags!.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue) }
      return filled.count
    }
    return body(&provider)
  }

  private static func install(in callbacks: OpaquePointer) {
    installFrames(in: callbacks)
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
      if !isTrailer(frame!) { session(user).headBegan(frame!.pointee.hd.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, user in
      session(user).field(
        frame!.pointee.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameCount),
        value: UnsafeBufferPointer(start: value, count: valueCount))
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, user in
      session(user).dataArrived(stream, UnsafeBufferPointer(start: bytes, count: count))
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, user in
      session(user).streamClosed(stream, code: code)
      return 0
    }
  }

  private static func installFrames(in callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, user in
      session(user).frameBegan(HTTP2Frame(header!.pointee))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
      let frame = frame!
      if frame.pointee.hd.type == UInt8(NGHTTP2_GOAWAY.rawValue) {
        session(user).goAwayArrived(lastStream: frame.pointee.goaway.last_stream_id)
      }
      session(user).frameEnded(HTTP2Frame(frame.pointee.hd), isTrailer: isTrailer(frame))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
      let header = HTTP2Frame(frame!.pointee.hd)
      session(user).frameSent(header, code: header.kind == .reset ? frame!.pointee.rst_stream.error_code : 0)
      return 0
    }
  }
}

// Free functions, because a C callback can capture nothing, not even a type.

private func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session {
  Unmanaged<HTTP2Session>.fromOpaque(user!).takeUnretainedValue()
}

/// A second HEADERS frame on a stream. (A client's first answer is HCAT_RESPONSE; after an interim one
/// nghttp2 says HCAT_HEADERS for the final head as well, and the client session tells them apart by the
/// status.)
private func isTrailer(_ frame: UnsafePointer<nghttp2_frame>) -> Bool {
  frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue)
    && frame.pointee.headers.cat == NGHTTP2_HCAT_HEADERS
}

extension HTTP2Frame {
  init(_ header: nghttp2_frame_hd) {
    self.init(
      type: header.type, flags: header.flags, length: header.length, stream: header.stream_id)
  }
}
