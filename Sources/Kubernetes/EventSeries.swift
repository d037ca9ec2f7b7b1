internal import JSON

/// Which event is new and which is one that was there, counted on: a pure value (client-go, EventCorrelator).
struct EventSeries: Sendable {
  enum Action: Sendable, Hashable {
    case create(JSONValue, name: String, namespace: String)
    /// A merge patch of the event that exists.
    case count(JSONValue, name: String, namespace: String)
    /// This object has had too many.
    case drop
  }

  /// Equal events within this time are one with a count.
  static let window: Int64 = 600
  /// Events of one object in a row, before it gets one in `refill` seconds: client-go's spam filter.
  static let burst = 25.0
  static let refill = 300.0
  /// Series and objects that are remembered: client-go's caches.
  static let remembered = 4096

  private struct Entry {
    var name: String
    var first: MicroTime
    var last: MicroTime
    var count: Int
  }
  private struct Bucket {
    var level: Double
    var filled: MicroTime
  }

  private let component: String
  private let instance: String
  private var entries: [ObjectEvent: Entry] = [:]
  private var buckets: [ObjectEvent.Reference: Bucket] = [:]

  init(component: String, instance: String) {
    self.component = component
    self.instance = instance
  }

  mutating func take(_ event: ObjectEvent, at now: MicroTime) -> Action {
    guard spend(event.object, at: now) else { return .drop }
    if var entry = entries[event], now.microseconds - entry.last.microseconds <= Self.window * 1_000_000 {
      entry.count += 1
      entry.last = now
      entries[event] = entry
      let patch: JSONValue = [
        "count": .number("\(entry.count)"), "lastTimestamp": .string(now.seconds),
      ]
      return .count(patch, name: entry.name, namespace: event.namespace)
    }
    if entries.count >= Self.remembered { entries = [:] }
    let entry = Entry(name: name(of: event, at: now), first: now, last: now, count: 1)
    entries[event] = entry
    return .create(body(event, entry), name: entry.name, namespace: event.namespace)
  }

  /// The event that was to be counted on is gone: the next one is new.
  mutating func forget(_ event: ObjectEvent) { entries[event] = nil }

  private mutating func spend(_ object: ObjectEvent.Reference, at now: MicroTime) -> Bool {
    if buckets.count >= Self.remembered { buckets = [:] }
    var bucket = buckets[object] ?? Bucket(level: Self.burst, filled: now)
    let seconds = Double(now.microseconds - bucket.filled.microseconds) / 1_000_000
    bucket.level = min(Self.burst, bucket.level + max(0, seconds) / Self.refill)
    bucket.filled = now
    defer { buckets[object] = bucket }
    guard bucket.level >= 1 else { return false }
    bucket.level -= 1
    return true
  }

  /// Our own name instead of `generateName`: a request that is sent twice makes one event.
  private func name(of event: ObjectEvent, at now: MicroTime) -> String {
    let hash = UInt64(bitPattern: Int64(event.hashValue)) & 0xffff
    let suffix = ".\(String(now.microseconds, radix: 16))\(String(hash, radix: 16))"
    // A name has at most 253 characters, and those of objects are ASCII.
    return event.object.name.prefix(253 - suffix.count) + suffix
  }

  private func body(_ event: ObjectEvent, _ entry: Entry) -> JSONValue {
    let object = event.object
    var reference: JSONValue = [
      "apiVersion": .string(object.apiVersion), "kind": .string(object.kind), "name": .string(object.name),
      "uid": .string(object.uid),
    ]
    if let namespace = object.namespace { reference["namespace"] = .string(namespace) }
    return [
      "apiVersion": "v1", "kind": "Event",
      "metadata": ["name": .string(entry.name), "namespace": .string(event.namespace)],
      "involvedObject": reference, "type": .string(event.kind.rawValue), "reason": .string(event.reason),
      "message": .string(event.message), "source": ["component": .string(component)],
      "reportingComponent": .string(component), "reportingInstance": .string(instance),
      "firstTimestamp": .string(entry.first.seconds), "lastTimestamp": .string(entry.last.seconds),
      "count": .number("\(entry.count)"),
    ]
  }
}
