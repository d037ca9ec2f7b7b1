import Admission
import Foundation
import JSON
import Testing

@Suite struct FilesystemOverheadTests {
  private static let grid = World.peer.appending(path: "probes/overhead.json")
  private static let isAbsent = !FileManager.default.fileExists(atPath: grid.path)

  @Test(.disabled(if: isAbsent, "../shared/peer is not there"))
  func `sizes are CDI's to the byte`() throws {
    let rows = try World.json(Self.grid).array ?? []
    #expect(rows.count > 50)
    for row in rows {
      let overhead = Double(row["overhead"]?.string ?? "") ?? -1
      let size = row["size"]?.int ?? -1
      let required = FilesystemOverhead.required(for: size, overhead: overhead)
      #expect(required == row["required"]?.int, "\(row)")
      #expect(FilesystemOverhead.usable(of: size, overhead: overhead) == row["usable"]?.int, "\(row)")
      let usable = FilesystemOverhead.usable(of: required, overhead: overhead)
      #expect(usable == row["usableOfRequired"]?.int, "\(row)")
    }
  }

  @Test(
    arguments: [
      (1 << 20, 1_111_491), (1_000_000_000, 1_060_361_995), (1 << 30, 1_138_166_334),
      (10 << 30, 11_381_663_335),
      (100 << 30, 113_816_633_344),
    ] as [(Int64, Int64)])
  func `the documented sizes are required at 0_06`(size: Int64, required: Int64) {
    #expect(FilesystemOverhead.required(for: size, overhead: 0.06) == required)
  }

  @Test func `the largest sizes do not trap`() {
    #expect(FilesystemOverhead.required(for: Int64.max, overhead: 1) == Int64.max)
    #expect(FilesystemOverhead.usable(of: Int64.max, overhead: 0) > 0)
  }

  @Test func `the overhead is the class's, else the default class's, else the global one`() {
    let overhead = FilesystemOverhead(global: 0.06, perClass: ["fast": 0.1, "slow": 0])
    #expect(overhead.fraction(storageClass: "fast", fallback: "slow") == 0.1)
    #expect(overhead.fraction(storageClass: "other", fallback: "slow") == 0)
    #expect(overhead.fraction(storageClass: nil, fallback: nil) == 0.06)
    #expect(overhead.fraction(storageClass: "", fallback: "fast") == 0)
  }
}
