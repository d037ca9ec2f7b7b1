/// What the frames of one peer have cost so far; a pure value that says when it is too much.
struct HTTP2Budget {
  private let limits: HTTP2Limits
  private var peerResets: TokenBucket
  private var ourResets: TokenBucket
  private var acknowledgements: TokenBucket
  private var emptyFrames: TokenBucket
  private var controlFrames: TokenBucket

  init(_ limits: HTTP2Limits, at now: ContinuousClock.Instant) {
    self.limits = limits
    peerResets = TokenBucket(limits.peerResets, at: now)
    ourResets = TokenBucket(limits.ourResets, at: now)
    acknowledgements = TokenBucket(limits.acknowledgements, at: now)
    emptyFrames = TokenBucket(limits.emptyFrames, at: now)
    controlFrames = TokenBucket(limits.controlFrames, at: now)
  }

  /// Charges for a frame that begins to arrive; false when its sender has to be cut off.
  mutating func receive(_ frame: HTTP2Frame, at now: ContinuousClock.Instant) -> Bool {
    switch frame.kind {
    case .data: frame.length > 0 || frame.endsStream || emptyFrames.spend(at: now)
    case .headers, .continuation, .goAway, .pushPromise: true
    case .reset: peerResets.spend(at: now)
    case .settings, .ping:
      frame.isAcknowledgement ? controlFrames.spend(at: now) : acknowledgements.spend(at: now)
    case .priority, .windowUpdate, .unknown: controlFrames.spend(at: now)
    }
  }

  /// Charges for a stream that we had to reset.
  mutating func reset(at now: ContinuousClock.Instant) -> Bool { ourResets.spend(at: now) }

  /// A whole request has arrived: it pays for the window updates that its answer will cause.
  mutating func requestArrived() { controlFrames.earn(limits.controlFramesPerRequest) }
}

/// The header of a frame (RFC 9113 section 4.1).
struct HTTP2Frame {
  enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
    case unknown = 255
  }

  let kind: Kind
  let flags: UInt8
  let length: Int
  let stream: Int32

  init(type: UInt8, flags: UInt8, length: Int, stream: Int32) {
    kind = Kind(rawValue: type) ?? .unknown
    self.flags = flags
    self.length = length
    self.stream = stream
  }

  /// END_STREAM, on DATA and HEADERS.
  var endsStream: Bool { flags & 1 == 1 && (kind == .data || kind == .headers) }
  /// ACK, on SETTINGS and PING.
  var isAcknowledgement: Bool { flags & 1 == 1 && (kind == .settings || kind == .ping) }
}
