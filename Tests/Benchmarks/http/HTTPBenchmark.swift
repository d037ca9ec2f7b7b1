import Glibc
import HTTP
import Transport

/// The server side of the benchmark: our HTTP room with a fixed answer, alone on its threads.
///
///     HTTPBenchmark CERTIFICATE KEY THREADS [now|later]
///
/// Prints the port it was given, and serves until it is killed. `Tests/Benchmarks/http/run` drives it.
@main enum HTTPBenchmark {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count >= 4, let threads = Int(words[3]) else {
      print("usage: HTTPBenchmark CERTIFICATE KEY THREADS [now|later]")
      return
    }
    let tls = try TLSServerContext(.init(certificate: words[1], key: words[2]))
    let loops = try LoopGroup(count: threads)
    let server = HTTPServer(
      configuration: .init(address: try SocketAddress("127.0.0.1:0")), tls: tls, loops: loops,
      handler: words.last == "later" ? answerLater : answer)
    let line = Array("\(try await server.start().port)\n".utf8)
    // print() would keep it in a buffer while the output is a file.
    _ = write(STDOUT_FILENO, line, line.count)
    while true { try await Task.sleep(for: .seconds(3600)) }
  }

  /// As long as the answer that allows a review and patches it.
  private static let body = Array(
    (#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"#
      + #""uid":"9d7c6ddf-e652-463f-9d7f-c4c8373c8b90","allowed":true,"patchType":"JSONPatch","#
      + #""patch":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL3NwZWMvY29udGVudFR5cGUiLCJ2YWx1ZSI6Imt1YmV2aXJ0In1d"}}"#)
      .utf8)

  private static func answer(_ request: HTTPRequest) -> HTTPReply { .now(.json(body)) }
  private static func answerLater(_ request: HTTPRequest) -> HTTPReply { .later { .json(body) } }
}
