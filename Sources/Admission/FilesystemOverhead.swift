/// How much larger a Filesystem volume must be than the disk image it holds.
///
/// The arithmetic is CDI's (v1.63 and later), in 64-bit floats and in this order, so that a claim made by
/// either has the same size. `../shared/peer/probes/overhead.json` holds CDI's own answers.
package struct FilesystemOverhead: Sendable, Hashable {
  /// CDI's global default since v1.64.
  package static let defaultFraction = 0.06

  /// Part of the image's size, 0 to 1, for classes that are not named below.
  package var global: Double
  package var perClass: [String: Double]

  package init(global: Double = FilesystemOverhead.defaultFraction, perClass: [String: Double] = [:]) {
    self.global = global
    self.perClass = perClass
  }

  /// The overhead of a storage class. No class at all (`""`) holds no filesystem of ours: 0. An absent or
  /// unknown class is read as `fallback`, the cluster's default class.
  package func fraction(storageClass: String?, fallback: String?) -> Double {
    if storageClass == "" { return 0 }
    if let name = storageClass, let own = perClass[name] { return own }
    if let name = fallback, let own = perClass[name] { return own }
    return global
  }

  private static let mebibyte = 1_048_576.0

  /// Bytes that a volume needs for an image of `size` bytes.
  package static func required(for size: Int64, overhead: Double) -> Int64 {
    let aligned = (Double(size) / mebibyte).rounded(.up) * mebibyte
    return bytes((aligned * (1 + overhead)).rounded(.up))
  }

  /// Bytes, a multiple of 1 MiB, that are left for an image on a volume of `size` bytes.
  package static func usable(of size: Int64, overhead: Double) -> Int64 {
    let free = (Double(size) / (1 + overhead)).rounded(.up)
    return bytes((free / mebibyte).rounded(.down) * mebibyte)
  }

  private static func bytes(_ number: Double) -> Int64 { Int64(exactly: number) ?? Int64.max }
}
