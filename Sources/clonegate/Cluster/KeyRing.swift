import Admission
import JSON
import Kubernetes
import Transport

/// The keys that acceptance stamps are made with, as the Secret `clonegate-keys` holds them: each under the
/// second since 1970 in which it was made. The newest one signs; all of them verify.
struct KeyRing: Sendable {
  static let secretName = "clonegate-keys"
  /// Keys kept: a DataVolume that waited longer than all of them has to be made anew.
  static let mostKeys = 4
  /// Seconds after which a new key is made.
  static let period: Int64 = 30 * 24 * 3600
  /// Seconds by which the clocks of a cluster's nodes may differ.
  static let clockLeeway: Int64 = 300

  struct Key: Sendable {
    let id: String
    /// Seconds since 1970.
    let made: Int64
    let bytes: [UInt8]
  }

  /// Oldest first.
  let keys: [Key]

  /// The keys of a Secret; what is none is left out.
  init(secret: JSONNode) {
    var keys: [Key] = []
    secret["data"]?.forEachMember { name, value in
      let id = name.key
      guard let made = Int64(id), made > 0, id == Self.id(made),
        let bytes = value.string.flatMap(Base64.decoded), bytes.count == MessageCode.keyLength
      else { return }
      keys.append(Key(id: id, made: made, bytes: bytes))
    }
    self.keys = keys.sorted { $0.made < $1.made }
  }

  /// As many digits for each, so that they sort as text too.
  static func id(_ made: Int64) -> String {
    let digits = String(made)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }

  /// What to stamp with; nil without a key.
  func seal(at time: Int64) -> AcceptanceSeal? {
    guard let key = past(time).last ?? keys.first else { return nil }
    return AcceptanceSeal(keyID: key.id, time: time) { MessageCode.code(of: $0, key: key.bytes) }
  }

  /// Whether the code is that key's; nil: there is no such key.
  func check(_ keyID: String, _ covered: [UInt8], _ code: [UInt8]) -> Bool? {
    guard let key = keys.last(where: { $0.id == keyID }) else { return nil }
    return MessageCode.matches(code, covered, key: key.bytes)
  }

  /// Whether no key of the last `period` is there. One from the future does not count: no other would be made
  /// until its day came.
  func isDue(at now: Int64) -> Bool { past(now).last.map { now - $0.made >= Self.period } ?? true }

  /// Keys that were made by a clock far ahead of this one, or by hand. They verify, sign only while there is
  /// no other, and are the first to go.
  func ahead(of now: Int64) -> [Key] { keys.filter { Self.isAhead($0, of: now) } }

  /// What is kept beside a new key.
  func kept(at now: Int64) -> [Key] { (ahead(of: now) + past(now)).suffix(Self.mostKeys - 1) }

  private func past(_ now: Int64) -> [Key] { keys.filter { !Self.isAhead($0, of: now) } }

  private static func isAhead(_ key: Key, of now: Int64) -> Bool { key.made - now > clockLeeway }
}
