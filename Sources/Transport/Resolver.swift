internal import CLinux
import Glibc
import Synchronization

/// Names to addresses through the system's resolver, which blocks: each question has a thread of its own.
enum Resolver {
  private typealias Answer = Result<[SocketAddress], TransportError>

  /// Numeric addresses are answered at once. A resolver that is silent for longer than `limit` is given up
  /// (its thread ends when the system's own timeouts do).
  static func addresses(
    of host: String, port: UInt16, within limit: Duration
  ) async throws(TransportError) -> [SocketAddress] {
    if let numeric = try? SocketAddress(host: host, port: port) { return [numeric] }
    let answer: Answer = await withCheckedContinuation { continuation in
      let question = Question(continuation)
      let timer = Task {
        try await Task.sleep(for: limit)
        question.settle(
          .failure(TransportError(.deadline, "the resolver did not answer for '\(host)' in \(limit)")))
      }
      SystemThread.detach {
        question.settle(ask(host, port))
        timer.cancel()
      }
    }
    return try answer.get()
  }

  /// Whoever comes first answers.
  private final class Question: Sendable {
    private let waiting: Mutex<CheckedContinuation<Answer, Never>?>
    init(_ continuation: CheckedContinuation<Answer, Never>) { waiting = Mutex(continuation) }
    func settle(_ answer: Answer) {
      let continuation = waiting.withLock { waiting in
        defer { waiting = nil }
        return waiting
      }
      continuation?.resume(returning: answer)
    }
  }

  private static func ask(_ host: String, _ port: UInt16) -> Answer {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      return .failure(
        TransportError(.resolve, "cannot resolve '\(host)'", cause: String(cString: gai_strerror(code))))
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = list
    while let current = entry?.pointee {
      var storage = sockaddr_storage()
      memcpy(&storage, current.ai_addr, min(Int(current.ai_addrlen), MemoryLayout<sockaddr_storage>.size))
      if let address = SocketAddress(storage), !addresses.contains(address) { addresses.append(address) }
      entry = current.ai_next
    }
    return .success(addresses)
  }
}
