/// Which jobs to list; the empty filter lists all that are not removed, oldest first.
package struct JobFilter: Sendable, Hashable {
  package var namespace: String?
  package var name: String?
  package var steps: Set<JobStep>?
  /// Also those whose DataVolume is gone and whose volume is still to be removed.
  package var includesRemoved: Bool

  package init(
    namespace: String? = nil, name: String? = nil, steps: Set<JobStep>? = nil, includesRemoved: Bool = false
  ) {
    self.namespace = namespace
    self.name = name
    self.steps = steps
    self.includesRemoved = includesRemoved
  }
}
