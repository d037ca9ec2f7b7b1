import Authorization
import HTTP
import JSON
import Kubernetes
import Transport

/// A cluster's policy, listed once: what the gate would mirror at this moment.
enum ClusterPolicy {
  static func read(
    _ configuration: ClusterConfiguration, on loops: LoopGroup
  ) async throws(KubernetesError) -> (policy: Policy, problems: [Problem]) {
    let client = KubernetesClient(configuration, clients: HTTPClientFactory(loop: loops.leastLoaded))
    do throws(KubernetesError) {
      var objects: [JSONNode] = []
      for resource in MirroredResource.policy {
        objects += try await client.list(resource.type).items.map { JSONNode($0) }
      }
      await client.close()
      return Policy.build(from: objects)
    } catch {
      await client.close()
      throw error
    }
  }
}
