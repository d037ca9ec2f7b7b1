internal import JSON

/// What an answer of the API server may cost, and how long we ask. Every number has its reason beside it.
enum KubernetesLimits {
  /// A Status: causes of an invalid object are many at worst, not large.
  static let status = JSONLimits(maxBytes: 1 << 20, maxDepth: 64, maxValues: 50_000)
  /// One object: etcd takes 1.5 MiB a request, of which the API server's JSON makes up to six times as much
  /// (it writes `<` as `\u003c`); the rest is for what nobody foresaw. Whatever the API server has stored has
  /// to be read: one object that is not would blind us to all of its kind, and a Pod is anyone's to make. As
  /// many values as there can be, `[0,0,0]`, and no look into managedFields, which may hold anything. Names
  /// may repeat: two that are no UTF-8 and differ, which a Pod sent as protobuf may hold, are written alike.
  static let object = JSONLimits(
    maxBytes: 16 << 20, maxValues: 2 << 20, passedOver: [.managedFields, .repeatedNames])
  /// One page: `pageSize` objects, which are a few KiB each, or two of the largest. Pages that are larger are
  /// asked for in smaller ones. What is nested deeper than anything that is looked at is passed over, since
  /// it is never written back.
  static let page = JSONLimits(
    maxBytes: 32 << 20, maxValues: 4_000_000, passedOver: [.managedFields, .depths, .repeatedNames])
  /// Objects a page: what client-go's pager and kubectl ask for.
  static let pageSize = 500
  /// A list that expires this often while it is read is asked for whole: the cluster changes faster than its
  /// pages are read.
  static let pagedAttempts = 2
  /// One line of a watch: an object and a few words.
  static let watchLine = JSONLimits(
    maxBytes: object.maxBytes + 1024, maxValues: object.maxValues + 16, passedOver: page.passedOver)
  /// A whole call, with every retry in it: what kubectl and client-go call reasonable for one object.
  static let call = Duration.seconds(30)
  /// Attempts of one call that the server turns away with Retry-After: client-go's number.
  static let attempts = 10
  /// Where a server says 429 without saying when: client-go's default.
  static let retryAfter = Duration.seconds(1)
  /// Fresh reads of an object that others keep changing: client-go's DefaultRetry has 5 steps.
  static let conflicts = 5
}
