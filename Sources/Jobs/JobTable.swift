import Foundation
import GRDB

/// Jobs as rows.
enum JobTable {
  /// Every column of a job, its progress beside it.
  static let selection = """
    SELECT jobs.*, \(ProgressTable.columns)
    FROM jobs LEFT JOIN progress ON progress.job = jobs.id
    """

  static func fetch(_ db: Database, key: String) throws -> Job? {
    try Row.fetchOne(
      db, sql: "\(selection) WHERE key = ? ORDER BY removed, id DESC LIMIT 1", arguments: [key]
    )
    .map(Job.init)
  }

  static func fetch(_ db: Database, id: Int64) throws -> Job? {
    try Row.fetchOne(db, sql: "\(selection) WHERE id = ?", arguments: [id]).map(Job.init)
  }

  static func fetchLive(_ db: Database, namespace: String, name: String) throws -> Job? {
    try Row.fetchOne(
      db, sql: "\(selection) WHERE removed = 0 AND namespace = ? AND name = ?", arguments: [namespace, name]
    ).map(Job.init)
  }

  static func fetch(_ db: Database, _ filter: JobFilter) throws -> [Job] {
    var conditions = [filter.includesRemoved ? "removed < 2" : "removed = 0"]
    var arguments: [any DatabaseValueConvertible] = []
    func require(_ column: String, _ value: String?) {
      guard let value else { return }
      conditions.append("\(column) = ?")
      arguments.append(value)
    }
    require("namespace", filter.namespace)
    require("name", filter.name)
    if let steps = filter.steps {
      conditions.append("step IN (\(steps.map { _ in "?" }.joined(separator: ",")))")
      arguments += steps.map(\.rawValue)
    }
    let sql = "\(selection) WHERE \(conditions.joined(separator: " AND ")) ORDER BY id"
    return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).map(Job.init)
  }

  static func insert(_ db: Database, key: String, uid: String, _ terms: CloneTerms) throws {
    try db.execute(
      sql: """
        INSERT INTO jobs(key, uid, namespace, name, source_namespace, source_name, volume_mode, content_type,
          requested_bytes, storage_class, access_modes, preallocation, owner_kind, owner_name, owner_uid,
          requester, accepted_at)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        key, uid, terms.namespace, terms.name, terms.sourceNamespace, terms.sourceName,
        terms.volumeMode.rawValue,
        terms.contentType.rawValue, terms.requestedBytes, terms.storageClass,
        terms.accessModes.joined(separator: ","), terms.preallocation, terms.owner?.kind, terms.owner?.name,
        terms.owner?.uid, terms.requester, MachineClock.now(),
      ])
  }
}

extension Job {
  init(_ row: Row) {
    let isFailed = row["step"] == JobStep.failed.rawValue
    let isFinal: Bool = row["is_final"]
    let removed: Int = row["removed"]
    self.init(
      id: row["id"], key: row["key"], uid: row["uid"], terms: CloneTerms(row),
      step: JobStep(rawValue: row["step"]) ?? .failed, reason: row["reason"], message: row["message"],
      failure: isFailed ? (isFinal ? .final : .retry(at: row["retry_at"])) : nil,
      isRetryable: isFailed && row["is_retryable"], attempt: row["attempt"], restarts: row["restarts"],
      cancelRequested: row["cancel"], removed: removed > 0, progress: JobProgress(row),
      report: (row["report"] as String?).flatMap(JobReport.init(text:)), sourcePlace: row["source_place"],
      targetPlace: row["target_place"], acceptedAt: row["accepted_at"], startedAt: row["started_at"],
      finishedAt: row["finished_at"])
  }
}

extension CloneTerms {
  fileprivate init(_ row: Row) {
    let modes: String = row["access_modes"]
    let owner: Owner? = (row["owner_uid"] as String?).map {
      Owner(kind: row["owner_kind"] ?? "", name: row["owner_name"] ?? "", uid: $0)
    }
    self.init(
      namespace: row["namespace"], name: row["name"], sourceNamespace: row["source_namespace"],
      sourceName: row["source_name"], volumeMode: VolumeMode(rawValue: row["volume_mode"]) ?? .filesystem,
      contentType: ContentType(rawValue: row["content_type"]) ?? .kubevirt,
      requestedBytes: row["requested_bytes"],
      storageClass: row["storage_class"], accessModes: modes.split(separator: ",").map(String.init),
      preallocation: row["preallocation"], owner: owner, requester: row["requester"])
  }
}

/// Kept as JSON text, because it is only ever shown.
extension JobReport {
  init?(text: String) {
    guard let report = try? JSONDecoder().decode(JobReport.self, from: Data(text.utf8)) else { return nil }
    self = report
  }

  var text: String {
    // Strings and arrays of strings always encode.
    String(decoding: (try? JSONEncoder().encode(self)) ?? Data("{}".utf8), as: UTF8.self)
  }
}
