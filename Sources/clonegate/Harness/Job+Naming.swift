import Jobs

extension Job {
  /// The DataVolume that it fills.
  var dataVolume: ObjectName {
    ObjectName(kind: ObjectKind.dataVolume.kind, namespace: terms.namespace, name: terms.name)
  }
}

extension [Job] {
  /// Those of the DataVolumes that files named; all of them without files.
  func of(_ chosen: Set<ObjectName>?) -> [Job] {
    chosen.map { chosen in filter { chosen.contains($0.dataVolume) } } ?? self
  }
}
