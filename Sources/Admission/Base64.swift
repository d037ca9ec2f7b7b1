/// RFC 4648, section 4, with padding: how an AdmissionReview carries a patch.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  static func text(of bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for at in stride(from: 0, to: bytes.count, by: 3) {
      let known = min(3, bytes.count - at)
      let second = known > 1 ? Int(bytes[at + 1]) : 0
      let third = known > 2 ? Int(bytes[at + 2]) : 0
      let bits = Int(bytes[at]) << 16 | second << 8 | third
      result.append(alphabet[bits >> 18])
      result.append(alphabet[bits >> 12 & 63])
      result.append(known > 1 ? alphabet[bits >> 6 & 63] : padding)
      result.append(known > 2 ? alphabet[bits & 63] : padding)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
