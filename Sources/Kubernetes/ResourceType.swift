/// A kind of object as the API server's paths name it.
package struct ResourceType: Sendable, Hashable, CustomStringConvertible {
  /// Empty for the core group.
  package let group: String
  package let version: String
  /// The plural: `persistentvolumeclaims`.
  package let resource: String
  package let isNamespaced: Bool

  package init(_ group: String, _ version: String, _ resource: String, namespaced: Bool) {
    self.group = group
    self.version = version
    self.resource = resource
    isNamespaced = namespaced
  }

  /// As `kubectl` names it: `datavolumes.cdi.kubevirt.io`.
  package var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
  /// As objects name it: `v1`, `cdi.kubevirt.io/v1beta1`.
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  var root: String {
    let version = PathSegment.escaped(version)
    return group.isEmpty ? "/api/\(version)" : "/apis/\(PathSegment.escaped(group))/\(version)"
  }

  /// The path of the collection, in one namespace or in all.
  func collection(in namespace: String?) throws(KubernetesError) -> String {
    guard let namespace else { return "\(root)/\(PathSegment.escaped(resource))" }
    guard isNamespaced else {
      throw .unusable("\(self) have no namespace, but '\(namespace)' was given: leave it out")
    }
    return "\(root)/namespaces/\(try PathSegment.checked(namespace))/\(PathSegment.escaped(resource))"
  }

  /// The path of one object, or of a part of it such as `status`.
  func object(
    _ name: String, in namespace: String?, subresource: String? = nil
  ) throws(KubernetesError) -> String {
    guard namespace != nil || !isNamespaced else {
      throw .unusable("\(self) live in namespaces: name one for '\(name)'")
    }
    let path = "\(try collection(in: namespace))/\(try PathSegment.checked(name))"
    guard let subresource else { return path }
    return "\(path)/\(try PathSegment.checked(subresource))"
  }
}

extension ResourceType {
  package static let namespaces = ResourceType("", "v1", "namespaces", namespaced: false)
  package static let pods = ResourceType("", "v1", "pods", namespaced: true)
  package static let nodes = ResourceType("", "v1", "nodes", namespaced: false)
  package static let secrets = ResourceType("", "v1", "secrets", namespaced: true)
  package static let configMaps = ResourceType("", "v1", "configmaps", namespaced: true)
  package static let events = ResourceType("", "v1", "events", namespaced: true)
  package static let persistentVolumes = ResourceType("", "v1", "persistentvolumes", namespaced: false)
  package static let persistentVolumeClaims = ResourceType(
    "", "v1", "persistentvolumeclaims", namespaced: true)
  package static let storageClasses = ResourceType(
    "storage.k8s.io", "v1", "storageclasses", namespaced: false)
  package static let roles = rbac("roles", namespaced: true)
  package static let clusterRoles = rbac("clusterroles", namespaced: false)
  package static let roleBindings = rbac("rolebindings", namespaced: true)
  package static let clusterRoleBindings = rbac("clusterrolebindings", namespaced: false)
  package static let subjectAccessReviews = ResourceType(
    "authorization.k8s.io", "v1", "subjectaccessreviews", namespaced: false)
  package static let leases = ResourceType("coordination.k8s.io", "v1", "leases", namespaced: true)
  package static let dataVolumes = cdi("datavolumes", namespaced: true)
  package static let dataSources = cdi("datasources", namespaced: true)
  package static let storageProfiles = cdi("storageprofiles", namespaced: false)
  package static let virtualMachines = ResourceType(
    "kubevirt.io", "v1", "virtualmachines", namespaced: true)
  package static let customResourceDefinitions = ResourceType(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", namespaced: false)
  package static let validatingWebhookConfigurations = registration("validatingwebhookconfigurations")
  package static let mutatingWebhookConfigurations = registration("mutatingwebhookconfigurations")

  private static func rbac(_ resource: String, namespaced: Bool) -> ResourceType {
    ResourceType("rbac.authorization.k8s.io", "v1", resource, namespaced: namespaced)
  }
  private static func cdi(_ resource: String, namespaced: Bool) -> ResourceType {
    ResourceType("cdi.kubevirt.io", "v1beta1", resource, namespaced: namespaced)
  }
  private static func registration(_ resource: String) -> ResourceType {
    ResourceType("admissionregistration.k8s.io", "v1", resource, namespaced: false)
  }
}
