extension Comparison {
  /// A volume beside a list of digests.
  package struct ListOutcome: Sendable, Equatable {
    /// The first run that differs, or what differs beyond the image; `nil`: equal.
    package let difference: Difference?
    /// How many runs differ; 0 when the difference lies beyond the image.
    package let differingRuns: Int
    package let runs: Int
    /// The volume's size.
    package let bytes: Int64
    /// The volume is larger than the image by so many bytes, all of them zero.
    package let zeroTail: Int64
  }

  /// The digests of a volume, as `DigestList`; its `digest` is the volume's.
  package static func digests(
    of location: VolumeLocation, threads: Int? = nil, limits: [RateLimiter] = [], direct: Bool = false,
    events: CopyEvents = CopyEvents(), calls: DiskCalls = .system
  ) throws(CopyError) -> DigestList {
    let volume = try Volume.open(location, side: .source)
    let reader = try reader(volume, threads, limits, direct, calls)
    return try reader.digests(volume.size, tick: tick(volume.size, events))
  }

  /// Compares a volume with a list. A volume that is larger is equal if the rest of it is zero; of one that
  /// is smaller, the runs that it cannot fill differ.
  package static func compare(
    _ location: VolumeLocation, with list: DigestList, threads: Int? = nil, limits: [RateLimiter] = [],
    direct: Bool = false, events: CopyEvents = CopyEvents(), calls: DiskCalls = .system
  ) throws(CopyError) -> ListOutcome {
    let volume = try Volume.open(location, side: .source)
    let reader = try reader(volume, threads, limits, direct, calls)
    let common = min(volume.size, list.length)
    let found = try reader.digests(common, runBytes: list.runBytes, tick: tick(common, events))
    let differing = found.differingRuns(from: list)
    var place = differing.first.map(list.range)
    if place == nil && volume.size > list.length {
      place = try zeroTail(volume, list.length..<volume.size, calls, limits, events, direct: direct)
    }
    return ListOutcome(
      difference: place.map { Difference(offset: $0.lowerBound, length: $0.length) },
      differingRuns: differing.count, runs: list.nodes.count, bytes: volume.size,
      zeroTail: max(0, volume.size - list.length))
  }

  private static func reader(
    _ volume: Volume, _ threads: Int?, _ limits: [RateLimiter], _ direct: Bool, _ calls: DiskCalls
  ) throws(CopyError) -> TreeReader {
    var options = CopyOptions()
    options.threads = threads
    try options.check()
    return TreeReader(volume, calls: calls, threads: options.threadCount, direct: direct, limits: limits)
  }
}

extension DigestList {
  /// The runs of `list` that this one, of an image that is not longer, does not have.
  func differingRuns(from list: DigestList) -> [Int] {
    list.nodes.indices.filter { run in
      run >= nodes.count || nodes[run] != list.nodes[run] || range(run) != list.range(run)
    }
  }
}
