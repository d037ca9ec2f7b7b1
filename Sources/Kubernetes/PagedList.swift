internal import JSON

/// Which page comes next while a collection is read (client-go, tools/pager).
struct PagedList {
  private let fullSize: Int
  private var size: Int
  private var token: String?
  private var expirations = 0
  private var isDone = false
  private(set) var resourceVersion = ""

  init(pageSize: Int) { (fullSize, size) = (pageSize, pageSize) }

  /// What to ask for, or nil at the end.
  var next: [(String, String)]? {
    guard !isDone else { return nil }
    var parameters: [(String, String)] = []
    if size > 0 { parameters.append(("limit", "\(size)")) }
    if let token { parameters.append(("continue", token)) }
    return parameters
  }

  /// The page asked for is the first one: what was read of an older list is void.
  var isFirst: Bool { token == nil }

  mutating func read(_ page: JSONNode) throws(KubernetesError) {
    guard let version = page["metadata"]?["resourceVersion"]?.string, page["items"] != nil else {
      throw KubernetesError(.malformed, message: "the answer to a list is no list")
    }
    resourceVersion = version
    token = page["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    isDone = token == nil
    // A few large objects, which anyone may have made, do not slow the rest of the list down.
    size = min(2 * size, fullSize)
  }

  /// Goes on after what can be repaired, throws the rest.
  mutating func failed(_ error: KubernetesError) throws(KubernetesError) {
    if error.isExpired, token != nil {
      token = nil
      expirations += 1
      if expirations >= KubernetesLimits.pagedAttempts { size = 0 }
    } else if error.reason == .malformed, error.code == nil, size > 1 {
      size = max(1, size / 8)
    } else {
      throw error
    }
  }
}
