internal import HTTP
package import JSON
internal import Synchronization

/// Follows a collection for ever: lists it, then watches it from where the list ended, and goes on from where
/// a watch ended. Nothing is missed and nothing comes twice, except that `replaced` says everything again.
///
///     let reflector = Reflector(.roleBindings, client: client, project: RoleBinding.init) { change in
///       mirror.apply(change)
///     }
///     try await withThrowingDiscardingTaskGroup { $0.addTask { await reflector.run() } … }
///
/// It keeps no object. `project` makes of each what its reader needs, straight from the bytes. Items of a
/// list come without `kind` and `apiVersion`: which type this is, the reader knows.
package final class Reflector<Element: Sendable>: Sendable {
  package typealias Sink = @Sendable (ObjectChange<Element>) async -> Void

  private let type: ResourceType
  private let namespace: String?
  private let selector: ObjectSelector
  private let client: KubernetesClient
  private let timing: ReflectorTiming
  private let chance: ReflectorChance
  private let forgetsMissing: Bool
  private let project: @Sendable (JSONNode) -> Element
  private let sink: Sink
  private let standing = Mutex(ReflectorStanding())

  /// - Parameters:
  ///   - namespace: nil watches all of them.
  ///   - forgetsMissing: whether the reader is told that there is nothing once the server says that it does
  ///     not know the type any more.
  ///   - project: what is kept of an object; pure, called once for each time it is seen.
  ///   - sink: is told one change after the other, and waited for: a slow one slows the watch down.
  package init(
    _ type: ResourceType, in namespace: String? = nil, selector: ObjectSelector = .init(),
    client: KubernetesClient, timing: ReflectorTiming = .init(), chance: ReflectorChance = .init(),
    forgetsMissing: Bool = false, project: @escaping @Sendable (JSONNode) -> Element, sink: @escaping Sink
  ) {
    self.type = type
    self.namespace = namespace
    self.selector = selector
    self.client = client
    self.timing = timing
    self.chance = chance
    self.forgetsMissing = forgetsMissing
    self.project = project
    self.sink = sink
  }

  /// How things stand: whether there was a whole list, how old what was delivered may be, what went wrong
  /// last.
  package var current: ReflectorStanding { standing.withLock { $0 } }

  /// Runs until its task is cancelled.
  package func run() async {
    var core = ReflectorCore(timing: timing)
    while !Task.isCancelled {
      var failure: KubernetesError?
      do throws(KubernetesError) {
        switch core.next {
        case .list:
          try await list(&core)
          continue
        case .watch(let version): try await watch(&core, from: version)
        }
      } catch {
        failure = error
      }
      guard !Task.isCancelled else { return }
      let isQuiet = core.isQuiet(failure)
      let pause = core.ended(failure, random: chance.random())
      if let failure, !isQuiet { await failed(failure) }
      if pause > .zero { try? await chance.pause(pause) }
    }
  }

  private func failed(_ error: KubernetesError) async {
    let isNews = standing.withLock { standing in
      let wasMissing = standing.isMissing
      standing.failed(error)
      return standing.isMissing && !wasMissing && standing.isSynchronized
    }
    if isNews, forgetsMissing { await sink(.replaced([])) }
  }

  private func list(_ core: inout ReflectorCore) async throws(KubernetesError) {
    let begun = ContinuousClock.now, project = project
    let list = try await client.list(type, in: namespace, selector: selector) { item, _ in
      Result { () throws(KubernetesError) in try ObservedObject(item, project) }
    }
    var objects: [ObservedObject<Element>] = []
    objects.reserveCapacity(list.items.count)
    for item in list.items { objects.append(try item.get()) }
    await sink(.replaced(objects))
    core.listed(list.resourceVersion)
    // A list shows how things were when it was asked for, at the earliest.
    standing.withLock { $0.listed(at: begun, until: .now) }
  }

  private func watch(_ core: inout ReflectorCore, from version: String) async throws(KubernetesError) {
    let seconds = Int(timing.shortestWatch / .seconds(1) * (1 + chance.random()))
    let request = APIRequest(
      method: "GET", path: try type.collection(in: namespace),
      parameters: selector.parameters + [
        ("watch", "1"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
        ("timeoutSeconds", "\(max(1, seconds))"),
      ])
    let stream = try await client.connection.stream(request, within: timing.head, silence: timing.silence)
    defer {
      stream.cancel()
      standing.withLock { $0.unwatched(since: .now) }
    }
    core.opened()
    standing.withLock { $0.watching(at: .now) }
    var lines = WatchLines()
    while let bytes = try await Self.next(stream) {
      for line in try lines.read(bytes) {
        let event = try WatchEvent(line: line)
        var change: ObjectChange<Element>?
        if case .change(let kind, let object, _) = event {
          change = ObjectChange(kind, try ObservedObject(object, project))
        }
        try core.heard(event)
        if let change { await sink(change) }
        standing.withLock { $0.heard(at: .now) }
      }
    }
  }

  private static func next(_ stream: HTTPStream) async throws(KubernetesError) -> [UInt8]? {
    do throws(HTTPClientError) { return try await stream.next() } catch { throw KubernetesError(error) }
  }
}
