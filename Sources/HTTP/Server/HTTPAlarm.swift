internal import Transport

/// A connection's deadline, moved only when it comes nearer: whoever is woken too early looks and sets it
/// again. A busy connection whose idle deadline moves with every request so never touches the loop's table.
struct HTTPAlarm {
  private var due: ContinuousClock.Instant?

  mutating func set(_ deadline: ContinuousClock.Instant, on connection: Connection) {
    if let due, due <= deadline { return }
    due = deadline
    connection.setDeadline(deadline)
  }

  mutating func hasRung() { due = nil }
}
