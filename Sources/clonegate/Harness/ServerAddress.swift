/// `https://HOST:PORT`.
struct ServerAddress: Hashable {
  let host: String
  let port: UInt16

  init(_ text: String) throws {
    let scheme = "https://"
    guard text.hasPrefix(scheme) else {
      throw CommandFailure.usage(
        "--server \(text): the gate speaks https only", hint: "for example https://127.0.0.1:8443")
    }
    var rest = text.dropFirst(scheme.count)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    var host = rest
    var port: UInt16? = 443
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
      host = rest[..<colon]
      port = UInt16(rest[rest.index(after: colon)...])
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard let port, !host.isEmpty, !host.contains("/") else {
      throw CommandFailure.usage("--server \(text) is not https://HOST:PORT")
    }
    self.host = String(host)
    self.port = port
  }
}
