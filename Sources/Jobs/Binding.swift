package import VolumeCopy

/// A place that belongs to a job's DataVolume from before the first byte until its volume is removed.
package struct Binding: Sendable, Hashable {
  /// Absolute: the directory that holds `disk.img`, or the device.
  package var path: String
  package var kind: VolumeLocation.Kind
  /// The PersistentVolume's name; nil for a directory of our own beneath `DATA/volumes`.
  package var volume: String?

  package init(path: String, kind: VolumeLocation.Kind, volume: String? = nil) {
    self.path = path
    self.kind = kind
    self.volume = volume
  }

  /// A directory that the worker makes, and removes with the DataVolume.
  var isGiven: Bool { kind == .directory && volume == nil }
}

/// A binding and whose it is; the job may be removed, its volume not yet.
package struct BoundVolume: Sendable, Hashable {
  package let binding: Binding
  package let job: Job

  package init(binding: Binding, job: Job) {
    self.binding = binding
    self.job = job
  }
}

/// What the journal knows of places when one job's volumes are looked for.
package struct KnownVolumes: Sendable, Hashable {
  package let bound: [BoundVolume]
  /// The live job of the DataVolume that has the source's name, if there is one.
  package let sourceJob: Job?
  /// `Journal.setStandaloneDirectory`.
  package let standaloneDirectory: String?

  package init(bound: [BoundVolume], sourceJob: Job?, standaloneDirectory: String? = nil) {
    self.bound = bound
    self.sourceJob = sourceJob
    self.standaloneDirectory = standaloneDirectory
  }
}
