import Fuzzing
import HTTP

extension FuzzTarget {
  /// The same bytes give the same events in any split; what is taken is never more than what was given.
  static let http1 = FuzzTarget(
    name: "http1",
    words: [
      "POST /validate?timeout=10s HTTP/1.1\r\n", "GET / HTTP/1.1\r\n", "Host: a\r\n", "Content-Length: 5\r\n",
      "\r\n\r\n", "\r\n",
      "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", "0\r\n\r\n", "Connection: close\r\n",
      "Expect: 100-continue\r\n", "HTTP/1.0",
      "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", " ", "\t", ":", "ffffffffffffffff\r\n", ";ext=1",
      "chunked, chunked", "\n",
      "http://a/", "*", "%00", "Trailer: x\r\n", "Upgrade: h2c\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r",
      "\u{0}",
    ]
  ) { bytes in
    let whole = try events([bytes])
    var random = bytes.reduce(into: UInt64(bytes.count)) { $0 = ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    for longest in [1, 3, 17, 200] {
      let split = try events(chunks(bytes, longest: longest, &random))
      try BrokenRule.check(split == whole, "in pieces of up to \(longest): \(split) and whole: \(whole)")
    }
    return whole.map { String($0.prefix(60)) }.joined(separator: "|")
  }

  private static func chunks(_ bytes: [UInt8], longest: Int, _ random: inout UInt64) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let count = 1 + Int(random >> 33) % longest
      chunks.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return chunks
  }

  private static func events(_ chunks: [[UInt8]]) throws -> [String] {
    var parser = HTTP1Parser()
    var events: [String] = []
    for chunk in chunks {
      var rest = chunk[...]
      while !rest.isEmpty {
        let (consumed, event) = parser.read(Array(rest).span)
        try BrokenRule.check(consumed <= rest.count, "more is taken than was given")
        rest = rest.dropFirst(consumed)
        switch event {
        case .more:
          try BrokenRule.check(rest.isEmpty, "more is asked for while there is some")
        case .head(let expects):
          try BrokenRule.check(consumed > 0, "a head out of nothing")
          events.append("head \(expects)")
        case .request(let request, let keepsAlive):
          try sane(request)
          events.append(
            "\(request.method) \(request.target) \(request.headers) \(request.body) \(keepsAlive)")
        case .refused(let refusal):
          try BrokenRule.check((400...599).contains(refusal.status), "refused with \(refusal.status)")
          events.append("refused \(refusal.status) \(refusal.message)")
          return events
        }
      }
    }
    return events
  }

  /// Nothing in a request can be read as the start of another, or end a log line.
  private static func sane(_ request: HTTPRequest) throws {
    let visible = { (text: String) in text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } }
    try BrokenRule.check(!request.method.isEmpty && visible(request.method), "a method with spaces in it")
    try BrokenRule.check(
      request.path.hasPrefix("/") || request.path == "*", "a path that is none: \(request.path)")
    try BrokenRule.check(visible(request.target), "a target with spaces in it")
  }
}
