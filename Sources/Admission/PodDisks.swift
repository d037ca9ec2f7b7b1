package import JSON

/// The claims that one Pod uses; all that anybody here wants to know of a Pod.
///
/// A use is read-only when the volume says so, or when no container mounts it writable and none has it as a
/// device (CDI, `C/common/util.go`). Unlike CDI, init and ephemeral containers count: they write like any
/// other.
package struct PodDisks: Sendable, Hashable {
  package let namespace: String
  package let name: String
  /// Names of claims, each with whether the Pod can write to it.
  package let claims: [String: Bool]

  /// Nil for a Pod that is over (Succeeded, Failed) or uses no claim.
  package init?(_ pod: JSONNode) {
    let phase = pod.field("status")?.text("phase")
    guard phase != "Succeeded", phase != "Failed", let metadata = pod.field("metadata"),
      let spec = pod.field("spec"), let name = metadata.filled("name"),
      let namespace = metadata.filled("namespace")
    else { return nil }
    let written = Self.writableVolumes(spec)
    var claims: [String: Bool] = [:]
    spec.field("volumes")?.forEachElement { volume in
      guard let volumeName = volume.filled("name"), let claim = Self.claim(of: volume, pod: name) else {
        return
      }
      let isWritable = !claim.isReadOnly && written.contains(volumeName)
      claims[claim.name] = isWritable || claims[claim.name] == true
    }
    guard !claims.isEmpty else { return nil }
    self.namespace = namespace
    self.name = name
    self.claims = claims
  }

  package init(namespace: String, name: String, claims: [String: Bool]) {
    self.namespace = namespace
    self.name = name
    self.claims = claims
  }

  /// `a/b`, safe to print.
  package var description: String { NamespacedName(namespace: namespace, name: name).safe }

  /// An ephemeral volume's claim is named after Pod and volume (Kubernetes, generic ephemeral volumes).
  private static func claim(of volume: JSONNode, pod: String) -> (name: String, isReadOnly: Bool)? {
    if let claim = volume.field("persistentVolumeClaim"), let name = claim.filled("claimName") {
      return (name, claim.field("readOnly")?.bool == true)
    }
    guard volume.field("ephemeral") != nil, let name = volume.filled("name") else { return nil }
    return ("\(pod)-\(name)", false)
  }

  /// Names of volumes that some container mounts writable or has as a device.
  private static func writableVolumes(_ spec: JSONNode) -> Set<String> {
    var names: Set<String> = []
    for kind in ["containers", "initContainers", "ephemeralContainers"] {
      spec.field(kind)?.forEachElement { container in
        container.field("volumeMounts")?.forEachElement { mount in
          if mount.field("readOnly")?.bool != true, let name = mount.filled("name") { names.insert(name) }
        }
        container.field("volumeDevices")?.forEachElement { device in
          if let name = device.filled("name") { names.insert(name) }
        }
      }
    }
    return names
  }
}
