import JSON
import Kubernetes
import Synchronization

/// The two webhook configurations as the API server holds them, followed by name.
final class RegistrationMirror: Sendable {
  private struct State {
    /// By kind; the kinds that were listed. Nil: it is not installed.
    var webhooks: [String: [RegisteredWebhook]?] = [:]
    var revision = 0
  }

  /// Of both.
  let name: String
  private let client: KubernetesClient
  private let state = Mutex(State())
  private let reflectors: Mutex<[Reflector<[RegisteredWebhook]>]> = Mutex([])

  init(client: KubernetesClient, name: String) {
    self.client = client
    self.name = name
  }

  /// Follows until its task is cancelled.
  func run() async {
    let reflectors = StoredRegistration.types.map { reflector($0.type, $0.kind) }
    self.reflectors.withLock { $0 = reflectors }
    await withDiscardingTaskGroup { group in
      for reflector in reflectors { group.addTask { await reflector.run() } }
    }
  }

  /// Grows with each change.
  var revision: Int { state.withLock { $0.revision } }

  /// Nil until both configurations were looked for.
  var webhooks: [RegisteredWebhook]? {
    state.withLock { state in
      guard state.webhooks.count == StoredRegistration.types.count else { return nil }
      return StoredRegistration.types.flatMap { (state.webhooks[$0.kind] ?? nil) ?? [] }
    }
  }

  /// The webhooks that stamp. Nil while the API server calls none: the configuration is not installed, or was
  /// not looked for yet.
  var stamping: [RegisteredWebhook]? {
    state.withLock { state in
      (state.webhooks["MutatingWebhookConfiguration"] ?? nil)?.filter(\.isOfDataVolumes)
    }
  }

  /// Kinds that are known not to be installed.
  var absent: [String] {
    state.withLock { state in
      StoredRegistration.types.map(\.kind).filter { kind in
        state.webhooks[kind].map { $0 == nil } ?? false
      }
    }
  }

  /// - Parameter webhooks: of the one configuration of that kind; nil: it is not installed.
  func take(_ webhooks: [RegisteredWebhook]?, of kind: String) {
    state.withLock { state in
      state.webhooks[kind] = .some(webhooks)
      state.revision += 1
    }
  }

  /// Why they could not be read the last time.
  var failure: KubernetesError? {
    reflectors.withLock { $0.lazy.compactMap(\.current.lastFailure).first }
  }

  private func reflector(_ type: ResourceType, _ kind: String) -> Reflector<[RegisteredWebhook]> {
    let configuration = "\(kind) \(name)"
    return Reflector(
      type, selector: ObjectSelector(fields: "metadata.name=\(name)"), client: client,
      project: { object in
        (object["webhooks"]?.elements ?? []).compactMap { RegisteredWebhook($0, of: configuration) }
      },
      sink: { [self] change in
        let webhooks: [RegisteredWebhook]? =
          switch change {
          case .replaced(let all): all.first?.element
          case .added(let object), .modified(let object): object.element
          case .deleted: nil
          }
        take(webhooks, of: kind)
      })
  }
}
