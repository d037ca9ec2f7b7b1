import Testing

@testable import HTTP

@Suite struct HTTPHeadersTests {
  @Test func `names are compared without regard to case and values come back as sent`() {
    var headers: HTTPHeaders = ["Content-Type": "application/json", "Accept": "a", "accept": "b"]
    #expect(headers["CONTENT-TYPE"] == "application/json")
    #expect(headers.values(of: "accept") == ["a", "b"])
    headers["accept"] = nil
    #expect(headers.count == 1)
    #expect(headers.has("content-type", "application/json"))
    #expect(!headers.has("content-type", "application/jso"))
  }

  @Test func `a value cannot start a line of its own`() {
    let headers: HTTPHeaders = ["x": "a\r\nevil: 1"]
    #expect(headers["x"] == "a  evil: 1")
  }
}
