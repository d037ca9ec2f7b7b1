@testable import HTTP

/// HTTP/2 frames written by hand, so that a test can also say what no library would.
enum RawFrames {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
      + number(stream)
      + payload
  }

  static func settings(_ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
    frame(4, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + number($0.1) })
  }
  static let settingsAck = frame(4, flags: 1)
  static func ping(_ tag: UInt8 = 0) -> [UInt8] { frame(6, Array(repeating: tag, count: 8)) }
  static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
    frame(3, stream: stream, number(code))
  }
  static func windowUpdate(_ stream: UInt32, _ by: UInt32) -> [UInt8] { frame(8, stream: stream, number(by)) }
  static func priority(_ stream: UInt32) -> [UInt8] { frame(2, stream: stream, [0, 0, 0, 0, 16]) }
  static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = true) -> [UInt8] {
    frame(0, flags: ends ? 1 : 0, stream: stream, bytes)
  }

  static let get: [(String, String)] = [
    (":method", "GET"), (":scheme", "https"), (":path", "/x?y"), (":authority", "gate"),
  ]
  static let post: [(String, String)] = [
    (":method", "POST"), (":scheme", "https"), (":path", "/validate"), (":authority", "gate"),
  ]

  static func headers(_ stream: UInt32, _ fields: [(String, String)], ends: Bool = true, whole: Bool = true)
    -> [UInt8]
  {
    frame(1, flags: (ends ? 1 : 0) | (whole ? 4 : 0), stream: stream, block(fields))
  }
  static func continuation(_ stream: UInt32, _ fields: [(String, String)], whole: Bool) -> [UInt8] {
    frame(9, flags: whole ? 4 : 0, stream: stream, block(fields))
  }

  /// HPACK (RFC 7541 section 6.2.2): literal fields without indexing, no Huffman coding.
  static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + text($0.0) + text($0.1) }
  }

  private static func text(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
    var rest = bytes.count - 127
    var length: [UInt8] = [127]
    while rest >= 128 {
      length.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return length + [UInt8(rest)] + bytes
  }

  static func number(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  /// Takes bytes apart again: `TYPE/stream flags` and, for RST_STREAM and GOAWAY, the error code.
  static func describe(_ bytes: [UInt8]) -> [String] {
    let names = [
      "DATA", "HEADERS", "PRIORITY", "RST", "SETTINGS", "PUSH", "PING", "GOAWAY", "WINDOW", "CONT",
    ]
    var rest = bytes[...]
    var found: [String] = []
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      let payload = Array(rest.dropFirst(9).prefix(length))
      rest = rest.dropFirst(9 + length)
      let stream = UInt32(head[5]) << 24 | UInt32(head[6]) << 16 | UInt32(head[7]) << 8 | UInt32(head[8])
      var text = "\(names[Int(head[3])])/\(stream)"
      if head[4] & 1 == 1 { text += head[3] == 4 || head[3] == 6 ? " ACK" : " END" }
      if head[3] == 3 { text += " code=\(payload[3])" }
      if head[3] == 7 { text += " last=\(Int(payload[0]) << 24 | Int(payload[3])) code=\(payload[7])" }
      found.append(text)
    }
    return found
  }
}

/// A server session with a handler that says what it was asked; bytes in, bytes out.
final class RawServer {
  let session: HTTP2ServerSession
  var now = ContinuousClock.now
  private(set) var requests: [String] = []
  private(set) var isOpen = true
  var holdsAnswers = false
  let date = Array("Mon, 23 Nov 2026 06:00:00 GMT".utf8)

  init(limits: HTTPLimits = HTTPLimits(), http2: HTTP2Limits = HTTP2Limits()) {
    session = HTTP2ServerSession(limits: limits, http2: http2, peer: nil, at: now)
  }

  /// Feeds bytes and returns what the server sends for them.
  @discardableResult func feed(_ bytes: [UInt8]) -> [UInt8] {
    if isOpen { isOpen = session.receive(bytes.span, at: now) }
    session.takeRequests(date) { id, request in
      requests.append(HTTPTests.describe(request))
      if !holdsAnswers { session.respond(id, .json(Array("{}".utf8)), date: date) }
    }
    return output()
  }

  func output() -> [UInt8] {
    var out: [UInt8] = []
    session.send(into: &out, limit: .max)
    if session.isFinished { isOpen = false }
    return out
  }

  /// The frames that answer `bytes` after a handshake that is not shown.
  func frames(for bytes: [UInt8]) -> [String] { RawFrames.describe(feed(bytes)) }

  func shakeHands() { feed(RawFrames.preface + RawFrames.settings() + RawFrames.settingsAck) }
}
