/// What one HTTP/2 peer may ask of us, beyond `HTTPLimits`. A peer that spends a budget gets GOAWAY with
/// ENHANCE_YOUR_CALM and is cut off.
struct HTTP2Limits: Sendable {
  /// Streams at once on a connection: the default of Go's server, and far above what one API server has in
  /// flight.
  var concurrentStreams = 250
  /// Decoded bytes of one header block, after which the connection is cut and not only the request refused:
  /// fields that refer to HPACK's table cost a byte on the wire and up to 4 KiB here ("HPACK bomb",
  /// CVE-2016-6581).
  var headerBytesCut = 256 * 1024
  /// CONTINUATION frames behind one HEADERS frame: nghttp2's default since CVE-2024-28182.
  var continuations = 8
  /// Bytes that may be on their way to us on one stream. A review arrives without waiting for a window
  /// update.
  var streamWindow = 1024 * 1024
  /// The same for the connection: two of the largest bodies.
  var connectionWindow = 16 * 1024 * 1024
  /// Streams that the peer resets. All that it can have open may be cancelled at once (an API server that
  /// gives up); 33 a second is nghttp2's default since "rapid reset" (CVE-2023-44487).
  var peerResets = TokenBucket.Size(burst: 250, perSecond: 33)
  /// Streams that the peer makes us reset by frames that break the rules on them: "made you reset"
  /// (CVE-2025-8671) is rapid reset by another hand, so it has the same size.
  var ourResets = TokenBucket.Size(burst: 250, perSecond: 33)
  /// SETTINGS and PING, which we must acknowledge (CVE-2019-9512, CVE-2019-9515). An API server sends a PING
  /// in 30 s and SETTINGS once; clients that measure bandwidth with PING send some ten a second.
  var acknowledgements = TokenBucket.Size(burst: 100, perSecond: 20)
  /// DATA frames without data that end nothing (CVE-2019-9518). Honest peers send none.
  var emptyFrames = TokenBucket.Size(burst: 50, perSecond: 5)
  /// WINDOW_UPDATE, PRIORITY and acknowledgements (CVE-2019-9511, CVE-2019-9513). Frames of unknown kinds are
  /// skipped by nghttp2 and cost no more than their bytes.
  var controlFrames = TokenBucket.Size(burst: 1000, perSecond: 200)
  /// Control frames that each request earns: a window update for each of the first frames of its answer and
  /// two for the connection.
  var controlFramesPerRequest = 4
}

/// A budget that refills with time.
struct TokenBucket {
  struct Size: Sendable {
    var burst: Int
    var perSecond: Int
  }

  private let size: Size
  private var level: Double
  private var filled: ContinuousClock.Instant

  init(_ size: Size, at now: ContinuousClock.Instant) {
    self.size = size
    level = Double(size.burst)
    filled = now
  }

  /// Takes one; false when there is none.
  mutating func spend(at now: ContinuousClock.Instant) -> Bool {
    let seconds = (now - filled) / .seconds(1)
    level = min(Double(size.burst), level + seconds * Double(size.perSecond))
    filled = now
    guard level >= 1 else { return false }
    level -= 1
    return true
  }

  mutating func earn(_ count: Int) { level = min(Double(size.burst), level + Double(count)) }
}
