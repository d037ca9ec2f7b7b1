import GRDB

/// Which DataVolumes the journal holds, as a number that others can compare.
package struct JournalGeneration: Sendable, Hashable {
  private let newest: Int64
  private let live: Int

  init(newest: Int64, live: Int) {
    self.newest = newest
    self.live = live
  }
}

extension Journal {
  /// Another one whenever a DataVolume was recorded or deleted, by whichever process. Ids are never used
  /// twice, so two changes cannot cancel out. Cheap: no rows are read.
  package func generation() async throws(JournalError) -> JournalGeneration {
    try await read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT ifnull((SELECT max(id) FROM jobs), 0) AS newest,
            (SELECT count(*) FROM jobs WHERE removed = 0) AS live
          """)
      return JournalGeneration(newest: row?["newest"] ?? 0, live: row?["live"] ?? 0)
    }
  }
}
