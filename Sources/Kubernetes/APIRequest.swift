internal import HTTP

/// One request to the API server, before it is known with which credential it goes.
struct APIRequest: Sendable {
  var method: String
  /// From `/api` or `/apis` on; escaped.
  var path: String
  var parameters: [(String, String)] = []
  var contentType: String?
  var body: [UInt8] = []

  static let json = "application/json"

  func httpRequest(
    to server: ServerAddress, as shown: CredentialSource.Shown, userAgent: String
  ) -> HTTPRequest {
    var headers: HTTPHeaders = ["accept": Self.json, "user-agent": userAgent]
    if let contentType { headers.add("content-type", contentType) }
    if let token = shown.token { headers.add("authorization", "Bearer \(token)") }
    return HTTPRequest(
      method: method, path: server.path + path, query: PathSegment.query(parameters), headers: headers,
      body: body)
  }
}
