/// What a rotation keeps to. Times are in seconds.
struct RotationRules: Sendable, Hashable {
  /// How long a new authority is published before a certificate by it is served. API servers follow the
  /// registrations by watch; one that lost its etcd notices after 40 s (its client pings each 30 s and waits
  /// 10 s) and lists anew.
  static let settle: Int64 = 60
  /// How long an old authority stays trusted after the certificate by the new one was stored. The kubelet
  /// writes a changed Secret into running pods within its sync period and cache time, up to 6 min in large
  /// clusters; a gate takes it up within seconds. The rest is reserve, and costs nothing.
  static let overlap: Int64 = 3600
  /// Days of a serving certificate: three renewals fit into a quarter, so that they stay practised.
  static let days = 90
  /// Days before the end at which a new certificate is made: time for two months of failed runs.
  static let renewBefore = 60
  /// A longer life would not fit into that of an authority twice.
  static let mostDays = 1825
  /// Authorities in one bundle. Each is 0.6 KB that every webhook call's trust is built from.
  static let mostAuthorities = 8
  /// A time so far in the future was written by a clock that is wrong.
  static let clockSkew: Int64 = 300

  var settle = Self.settle
  var overlap = Self.overlap
  var days = Self.days
  var renewBefore = Self.renewBefore
  /// What the certificate must prove.
  var names: Set<String> = []
  /// Replace this authority even though it has time left.
  var replacing: String?
}
