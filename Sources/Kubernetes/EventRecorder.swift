internal import JSON
internal import Synchronization

/// Tells people what happened to an object. Recording costs nothing and never waits: events that cannot be
/// written in time are dropped and counted, since nothing is decided by them.
package final class EventRecorder: Sendable {
  /// Events that wait to be written: client-go's queue is as long.
  private static let waiting = 1000
  /// For one event: an API server that takes longer has other worries.
  private static let patience = Duration.seconds(10)

  private let client: KubernetesClient
  private let series: Mutex<EventSeries>
  private let losses = Mutex(0)
  private let events: AsyncStream<ObjectEvent>
  private let input: AsyncStream<ObjectEvent>.Continuation

  /// - Parameters:
  ///   - component: who says so: `clonegate-control`.
  ///   - instance: which of them: the pod's name.
  package init(client: KubernetesClient, component: String, instance: String) {
    self.client = client
    series = Mutex(EventSeries(component: component, instance: instance))
    (events, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
  }

  /// Events that were not written: too many, or the API server did not take them.
  package var dropped: Int { losses.withLock { $0 } }

  /// Returns at once.
  package func record(_ event: ObjectEvent) {
    if case .dropped = input.yield(event) { lose() }
  }

  /// Nothing more is recorded; `run` returns when what there is has been written.
  package func finish() { input.finish() }

  /// Writes what is recorded, until `finish` or until the task is cancelled. Run it once.
  package func run() async {
    for await event in events { await write(event) }
  }

  private func write(_ event: ObjectEvent) async {
    do throws(KubernetesError) {
      switch series.withLock({ $0.take(event, at: .now) }) {
      case .drop: lose()
      case .create(let body, _, let namespace): try await create(body, in: namespace)
      case .count(let patch, let name, let namespace):
        _ = try await client.patch(.events, name, in: namespace, .merge(patch), within: Self.patience)
      }
    } catch {
      series.withLock { $0.forget(event) }
      // The API server lets events expire; then it is told anew.
      if error.isNotFound, !Task.isCancelled { return await writeAnew(event) }
      lose()
    }
  }

  private func writeAnew(_ event: ObjectEvent) async {
    guard case .create(let body, _, let namespace) = series.withLock({ $0.take(event, at: .now) }) else {
      return lose()
    }
    do throws(KubernetesError) {
      try await create(body, in: namespace)
    } catch {
      series.withLock { $0.forget(event) }
      lose()
    }
  }

  private func create(_ body: JSONValue, in namespace: String) async throws(KubernetesError) {
    do throws(KubernetesError) {
      _ = try await client.create(.events, body, in: namespace, within: Self.patience)
    } catch {
      // Its name is ours: it arrived at the first try after all.
      guard error.isAlreadyExists else { throw error }
    }
  }

  private func lose() { losses.withLock { $0 += 1 } }
}
