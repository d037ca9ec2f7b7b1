import ArgumentParser

/// Who copies the disks of accepted clones in a cluster.
enum Copying: String, ExpressibleByArgument, CaseIterable {
  /// `clonegate control` and `clonegate work`: the gate stamps what they may copy.
  case clonegate
  /// CDI: the gate judges beside it, stamps nothing, and clonegate's controller does nothing.
  case cdi
}
