/// How long a lease lasts and how often it is renewed. The numbers of client-go's leader election, which
/// Kubernetes' own controllers use.
package struct LeaseTiming: Sendable {
  /// After so long without a renewal others may take over. Written into the Lease in whole seconds.
  package var duration = Duration.seconds(15)
  /// A leader that could not renew for so long stops believing in itself: well before the others stop, so
  /// that clocks that run apart a little never make two leaders.
  package var renewal = Duration.seconds(10)
  /// Between two attempts, to renew as to acquire.
  package var retry = Duration.seconds(2)
  /// Added to `retry` at random, as part of it, so that candidates do not ask together.
  package var jitter = 0.2

  package init() {}

  var seconds: Int64 { max(1, Int64(duration / .seconds(1))) }
}
