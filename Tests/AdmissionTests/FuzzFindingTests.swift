import Admission
import Foundation
import JSON
import Testing

/// Inputs of Tests/Fixtures/fuzz/review that broke a rule once.
@Suite struct FuzzFindingTests {
  private static let folder = World.package.appending(path: "Tests/Fixtures/fuzz/review")

  @Test func `a review without a namespace gets no empty namespace as default`() throws {
    let body = try World.bytes(Self.folder.appending(path: "found-no-namespace.json"))
    let answer = try Answer(try World.judge().mutate(body))
    #expect(answer.allowed == true)
    let paths = answer.patch?.compactMap { $0["path"] as? String } ?? []
    #expect(!paths.contains("/spec/source/pvc/namespace"))
  }
}
