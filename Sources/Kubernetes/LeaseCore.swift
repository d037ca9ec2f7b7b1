internal import JSON

/// Who may lead, as one candidate sees it: a pure value. It trusts no clock but its own: when it saw the
/// lease change counts, not the times that others write into it.
struct LeaseCore: Sendable {
  enum Decision: Sendable, Hashable {
    /// There is no lease: create this one.
    case create(JSONValue)
    /// Write this over what was read; a conflict means that somebody was quicker.
    case write(JSONValue)
    /// Somebody else leads.
    case wait
  }

  let identity: String
  let timing: LeaseTiming
  /// What was last seen in the lease, and when it was first seen so.
  private var seen: (mark: [String], at: ContinuousClock.Instant)?
  /// Until when we may believe that we lead.
  private(set) var validUntil: ContinuousClock.Instant?

  init(identity: String, timing: LeaseTiming) {
    self.identity = identity
    self.timing = timing
  }

  /// - Parameters:
  ///   - lease: as it was just read; nil when there is none.
  ///   - now: after it was read. Seeing it late only makes us wait longer.
  ///   - clock: for the times that people read.
  mutating func decide(
    _ lease: JSONValue?, name: String, at now: ContinuousClock.Instant, clock: MicroTime
  ) -> Decision {
    guard let lease else {
      return .create(renewed(["metadata": ["name": .string(name)], "spec": [:]], clock, isNew: true))
    }
    let spec = lease["spec"]
    let holder = spec?["holderIdentity"]?.string ?? ""
    if holder == identity { return .write(renewed(lease, clock, isNew: false)) }
    let mark = [
      holder, spec?["renewTime"]?.string ?? "", lease["metadata"]?["resourceVersion"]?.string ?? "",
    ]
    if seen?.mark != mark { seen = (mark, now) }
    let written = Duration.seconds(max(0, min(spec?["leaseDurationSeconds"]?.int ?? 0, Self.longest)))
    let patience = max(written, timing.duration)
    guard holder.isEmpty || now - (seen?.at ?? now) >= patience else { return .wait }
    return .write(renewed(lease, clock, isNew: true))
  }

  /// A lease that says more was written by mistake.
  private static let longest: Int64 = 3600

  /// Our write was accepted.
  /// - Parameter sent: before it was sent: others count from when they see it, which is later.
  mutating func wrote(sentAt sent: ContinuousClock.Instant) { validUntil = sent + timing.renewal }

  /// Somebody else holds the lease, or we gave it back.
  mutating func lost() { validUntil = nil }

  func leads(at now: ContinuousClock.Instant) -> Bool { validUntil.map { now < $0 } ?? false }

  /// When to try next. A leader does not sleep past the end of its belief; one whose belief has ended, and
  /// whom nobody has told who leads, waits like everybody else.
  /// - Parameter random: from 0 up to 1.
  func nextAttempt(after now: ContinuousClock.Instant, random: Double) -> ContinuousClock.Instant {
    let next = now + timing.retry * (1 + random * timing.jitter)
    guard let validUntil, leads(at: now) else { return next }
    return min(next, validUntil)
  }

  /// The lease without a holder: others may take it at once. What we do not know in it stays.
  func released(_ lease: JSONValue, _ clock: MicroTime) -> JSONValue {
    var lease = lease
    lease["spec"]?["holderIdentity"] = ""
    lease["spec"]?["leaseDurationSeconds"] = 1
    lease["spec"]?["renewTime"] = .string(clock.description)
    return lease
  }

  private func renewed(_ lease: JSONValue, _ clock: MicroTime, isNew: Bool) -> JSONValue {
    var lease = lease
    var spec = lease["spec"] ?? [:]
    if isNew {
      let wasHeld = spec["acquireTime"] != nil
      let transitions = spec["leaseTransitions"]?.int ?? 0
      spec["acquireTime"] = .string(clock.description)
      spec["leaseTransitions"] = .number("\(wasHeld ? transitions + 1 : transitions)")
    }
    spec["holderIdentity"] = .string(identity)
    spec["leaseDurationSeconds"] = .number("\(timing.seconds)")
    spec["renewTime"] = .string(clock.description)
    lease["spec"] = spec
    return lease
  }
}
