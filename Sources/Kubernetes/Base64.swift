/// Base64 as kubeconfigs and Secrets hold it (RFC 4648 section 4); line breaks are allowed.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8?] = {
    var table = [UInt8?](repeating: nil, count: 256)
    for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
    return table
  }()

  /// nil when the text is not base64.
  package static func decoded(_ text: String) -> [UInt8]? {
    let symbols = text.utf8.filter { $0 != 0x0a && $0 != 0x0d && $0 != 0x20 }
    let body = symbols.prefix { $0 != 0x3d }
    guard symbols.count.isMultiple(of: 4), symbols.dropFirst(body.count).allSatisfy({ $0 == 0x3d }),
      symbols.count - body.count <= 2
    else { return nil }
    var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
    for symbol in body {
      guard let value = values[Int(symbol)] else { return nil }
      bits = (bits << 6 | UInt32(value)) & 0xff_ffff
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return bytes
  }

  package static func encoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
      for index in 0..<4 {
        text.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : 0x3d)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
