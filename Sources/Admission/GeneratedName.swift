/// How an API server makes a name of `generateName`.
package enum GeneratedName {
  /// It cuts the prefix there, to have room for the suffix (k8s.io/apiserver, storage/names).
  package static let maxPrefix = 58
  package static let suffixLength = 5
  /// No vowels, and nothing that is mistaken for one (k8s.io/apimachinery, util/rand).
  package static let suffixAlphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

  /// Whether `name` may have been made of `prefix`.
  static func matches(_ name: String, prefix: String) -> Bool {
    let head = prefix.utf8.prefix(maxPrefix)
    let suffix = name.utf8.dropFirst(head.count)
    return name.utf8.starts(with: head) && suffix.count == suffixLength
      && suffix.allSatisfy(suffixAlphabet.contains)
  }
}
