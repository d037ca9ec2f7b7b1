/// Which bytes HTTP allows where, as bit sets over ASCII.
enum ByteClass {
  /// tchar (RFC 9110 section 5.6.2): ! # $ % & ' * + - . ^ _ ` | ~, digits and letters.
  @inline(__always) static func isToken(_ byte: UInt8) -> Bool {
    contains(byte, 0x3ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe)
  }

  /// What an origin-form target may hold (RFC 3986: pchar, `/`, `?`, and `%` of an escape).
  @inline(__always) static func isTarget(_ byte: UInt8) -> Bool {
    contains(byte, 0xafff_fff2_0000_0000, 0x47ff_fffe_87ff_ffff)
  }

  /// What an authority may hold (RFC 3986: reg-name, IP literal, port), without userinfo.
  @inline(__always) static func isAuthority(_ byte: UInt8) -> Bool {
    contains(byte, 0x2fff_7ff2_0000_0000, 0x47ff_fffe_afff_fffe)
  }

  /// What a field value may hold (RFC 9110 section 5.5): visible bytes, space, tab and bytes from 0x80 on.
  @inline(__always) static func isFieldValue(_ byte: UInt8) -> Bool {
    (byte >= 0x20 && byte != 0x7f) || byte == 0x09
  }

  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  @inline(__always) static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  /// The value of a hexadecimal digit, or nil.
  @inline(__always) static func hexValue(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x37
    case 0x61...0x66: Int(byte) - 0x57
    default: nil
    }
  }

  @inline(__always) private static func contains(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
    byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
  }
}
