/// The gate looks at its directory several times a second. Whoever writes there and asks at once would be
/// judged by the objects of a moment ago; so a command that wrote waits this long before it asks or ends.
struct Settling {
  /// "Changing the YAML directory takes effect within a second": the gate's own promise.
  private static let period = Duration.seconds(1)
  private var deadline: ContinuousClock.Instant?

  mutating func changed() { deadline = .now + Self.period }

  mutating func wait() async {
    guard let deadline else { return }
    try? await Task.sleep(until: deadline, clock: .continuous)
    self.deadline = nil
  }
}
