package import Foundation

/// The inputs that mutation starts from, in the order of their names.
package struct Corpus {
  package let inputs: [[UInt8]]

  package init(folder: URL) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    inputs = try names.filter { !$0.hasPrefix(".") }.map {
      Array(try Data(contentsOf: folder.appending(path: $0)))
    }
    guard !inputs.isEmpty else { throw BrokenRule("the corpus \(folder.path) is empty") }
  }
}
