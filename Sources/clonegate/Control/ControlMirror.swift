import Admission
import Control
import JSON
import Kubernetes

/// Follows everything that the controller decides by, and tells which DataVolumes to look at again. Every
/// replica follows, so that the next leader knows all at once.
final class ControlMirror: Sendable {
  let tables = ControlTables()
  private let reflectors: [(resource: ControlledResource, reflector: Reflector<[UInt8]>)]
  private let pods: Reflector<PodDisks?>

  /// - Parameters:
  ///   - home: clonegate's namespace, where the orders are.
  ///   - changed: is told the DataVolumes that may see a change; must not wait.
  init(
    client: KubernetesClient, home: String, changed: @escaping @Sendable (Set<ObjectKey>) -> Void
  ) {
    reflectors = ControlledResource.allCases.map { [tables] resource in
      let reflector = Reflector(
        resource.type, in: resource == .orders ? home : nil, client: client,
        forgetsMissing: resource.isOptional, project: { resource.kept(of: $0) },
        sink: { changed(tables.apply($0, to: resource)) })
      return (resource, reflector)
    }
    pods = Reflector(
      .pods, client: client, project: { PodDisks($0) }, sink: { [tables] in changed(tables.apply($0)) })
  }

  /// Follows until its task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for (_, reflector) in reflectors { group.addTask { await reflector.run() } }
      group.addTask { await self.pods.run() }
    }
  }

  /// Why decisions cannot be made yet, or no longer: what is not known, or not heard of for too long.
  var problems: [String] {
    let all = reflectors.map { ($0.resource.type.description, $0.resource.isOptional, $0.reflector.current) }
    return (all + [(ResourceType.pods.description, false, pods.current)]).compactMap {
      name, isOptional, standing in
      Self.problem(name, isOptional: isOptional, standing)
    }
  }

  /// Whether there was a whole list of everything, however long ago. Decisions that begin nothing need no
  /// more: what they write is not taken where it is not meant.
  var isListed: Bool {
    pods.current.isSynchronized
      && reflectors.allSatisfy { resource, reflector in
        let standing = reflector.current
        return standing.isSynchronized || (resource.isOptional && standing.isMissing)
      }
  }

  /// Of a type whose CRD is not installed (any more) there is nothing to know.
  static func problem(_ name: String, isOptional: Bool, _ standing: ReflectorStanding) -> String? {
    if isOptional, standing.isMissing { return nil }
    return standing.doubt().map { "\(name): \($0)" }
  }
}
