import Authorization
import HTTP
import JSON
import Jobs
import Transport

/// The way to the gate: real TLS, certificate checked against the CA that was named. Nothing is read or sent
/// before the first review.
actor GateConnection {
  private let options: GateOptions
  private var client: HTTPClient?

  init(_ options: GateOptions) { self.options = options }

  nonisolated var caller: GateCaller {
    GateCaller { path, body throws(AdmissionFault) in try await self.post(path, body) }
  }

  private func post(_ path: String, _ body: [UInt8]) async throws(AdmissionFault) -> [UInt8] {
    let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
    let request = HTTPRequest(
      method: "POST", path: parts[0], query: parts.count > 1 ? parts[1] : nil,
      headers: ["content-type": "application/json", "accept": "application/json, */*"], body: body)
    let response: HTTPResponse
    do {
      response = try await connected().send(request, within: .seconds(GateCaller.timeoutSeconds))
    } catch { throw AdmissionFault("\(error)") }
    guard response.status == 200 else {
      throw AdmissionFault("the gate answered \(response.status): \(Self.said(response.body))")
    }
    return response.body
  }

  /// Commands end with the process, so the loop and its connections do too.
  private func connected() throws -> HTTPClient {
    if let client { return client }
    let place = try ServerAddress(options.server)
    let trust = try TLSClientContext(authorities: options.ca, certificate: options.identity)
    let client = HTTPClient(host: place.host, port: place.port, tls: trust, loop: try Loop())
    self.client = client
    return client
  }

  /// The message of a Status, else the beginning of whatever came.
  private static func said(_ body: [UInt8]) -> String {
    if let message = try? JSONValue(parsing: body)["message"]?.string { return message }
    return String(decoding: body.prefix(200), as: UTF8.self)
  }
}

extension LocalAPIServer {
  /// Opens the journal and the way to the gate. Nothing is sent yet.
  init(_ storage: StorageOptions, _ gate: GateOptions, user: UserInfo, isDryRun: Bool) async throws {
    self.init(
      gate: GateConnection(gate).caller, storage: storage.journal, directory: try await storage.directory(),
      user: user,
      isDryRun: isDryRun)
  }
}
