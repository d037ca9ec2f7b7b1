import VolumeCopy

/// The copy as the worker sees it; tests put another in its place.
struct CopyEngine: Sendable {
  typealias Run =
    @Sendable (CopyPlaces, CopyOptions, CopyCheckpoint?, CopyEvents) throws(CopyError) -> CopyReport
  let run: Run
  /// What the copy would read and write.
  let devices: @Sendable (CopyPlaces) -> Set<Device>

  init(devices: @escaping @Sendable (CopyPlaces) -> Set<Device> = Device.beneath, run: @escaping Run) {
    self.devices = devices
    self.run = run
  }

  /// The real one.
  static let volumes = CopyEngine { places, options, checkpoint, events throws(CopyError) in
    let copier = try Copier(source: places.source, target: places.target, options: options)
    return try copier.run(resuming: checkpoint, events: events)
  }
}
