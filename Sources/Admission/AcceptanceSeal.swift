/// What the gate stamps with: one key of the ring, and the time.
package struct AcceptanceSeal: Sendable {
  /// Says which key it is; ids sort by age.
  package let keyID: String
  /// Seconds since 1970.
  let time: Int64
  package let code: @Sendable ([UInt8]) -> [UInt8]

  /// - Parameter code: the message authentication code of the bytes, by the key `keyID`.
  package init(keyID: String, time: Int64, code: @escaping @Sendable ([UInt8]) -> [UInt8]) {
    self.keyID = keyID
    self.time = time
    self.code = code
  }
}

/// Whether accepted clones are stamped.
package enum Stamping: Sendable {
  /// Nobody would look at a stamp: the standalone setting, or CDI copies.
  case off
  /// They must be, and there is no key: nothing can be accepted.
  case keyless
  /// The API server asks about no creation of a DataVolume, so whoever asks is not it.
  case unasked
  /// `isAsked`: whether the API server asks about what is created in a namespace. What is created elsewhere
  /// gets no stamp, which nothing would replace: somebody else made that review.
  case with(AcceptanceSeal, isAsked: @Sendable (String) -> Bool = { _ in true })
}
