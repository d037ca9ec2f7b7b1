/// Text that becomes part of a request's target.
enum PathSegment {
  /// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3).
  static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A name as a segment of its own. An empty one would turn the request for an object into one for its whole
  /// collection, and `.` or `..` into one for something else (k8s.io/apimachinery,
  /// path.IsValidPathSegmentName).
  static func checked(_ name: String) throws(KubernetesError) -> String {
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0x2f), !name.utf8.contains(0x25)
    else { throw .unusable("'\(name)' cannot be the name of an object") }
    return escaped(name)
  }

  /// A query string of these parameters, or nil if there are none.
  static func query(_ parameters: [(String, String)]) -> String? {
    guard !parameters.isEmpty else { return nil }
    return parameters.map { "\($0.0)=\(escaped($0.1))" }.joined(separator: "&")
  }
}
