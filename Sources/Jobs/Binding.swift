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
}

/// A binding and whose it is.
package struct BoundVolume: Sendable, Hashable {
  package let binding: Binding
  package let job: Job
}
