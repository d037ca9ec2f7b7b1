package import VolumeCopy

/// How a worker copies; what may change while it runs is in `WorkerLimits`.
package struct WorkerOptions: Sendable {
  package var verification = Verification.digest
  package var threads: Int?
  /// Bytes that a killed worker may have to copy again.
  package var checkpointInterval = CopyLimits.checkpointInterval
  /// Milliseconds between two looks at a job that waits for something.
  package var waitInterval: Int64 = 2_000
  package var allowsReflink = true
  /// The directory that no PersistentVolume's path leaves: nothing beneath it is reached through a link. nil:
  /// only the last step of a path is not followed.
  package var root: String?
  /// A finished copy's place is not the job's any more, so that what was copied stays when the job goes. In a
  /// cluster a volume lives with its claim; on one machine a directory lives with its DataVolume.
  package var releasesPlaces = false
  package init() {}
}

/// One thing that happened, for the log: no object bodies, no secrets.
package struct WorkerEvent: Sendable, Hashable {
  package enum Level: String, Sendable, Hashable { case info, warning, error }
  package let level: Level
  package let message: String
  /// Whose it is; nil for the worker's own.
  package let job: Job?
}
