/// One question to the policy: may this user do this? The fields are those of a SubjectAccessReview; an empty
/// string means that the field was not given.
package struct Attributes: Sendable, Hashable {
  package var user: UserInfo
  package var verb: String
  /// API group; `""` is the core group.
  package var group: String
  /// Carried for completeness: RBAC does not look at the version.
  package var version: String
  package var resource: String
  package var subresource: String
  /// Empty for a cluster-wide question, which only ClusterRoleBindings can answer.
  package var namespace: String
  package var name: String
  /// Set for a non-resource question such as `/metrics`; then only it and the verb count.
  package var path: String?

  package init(
    user: UserInfo, verb: String, group: String = "", version: String = "", resource: String,
    subresource: String = "", namespace: String = "", name: String = ""
  ) {
    self.user = user
    self.verb = verb
    self.group = group
    self.version = version
    self.resource = resource
    self.subresource = subresource
    self.namespace = namespace
    self.name = name
  }

  /// A non-resource question.
  package init(user: UserInfo, verb: String, path: String) {
    self.init(user: user, verb: verb, resource: "")
    self.path = path
  }

  /// `resource` or `resource/subresource`: what a rule's `resources` are compared with.
  package var combinedResource: String { subresource.isEmpty ? resource : resource + "/" + subresource }

  /// What is asked, for people: `create datavolumes/source (cdi.kubevirt.io) "disk" in namespace "a"`.
  package var question: String {
    if let path { return "\(verb) \(path)" }
    let group = group.isEmpty ? "" : " (\(group))"
    let name = name.isEmpty ? "" : " \"\(name)\""
    let place = namespace.isEmpty ? "in the whole cluster" : "in namespace \"\(namespace)\""
    return "\(verb) \(combinedResource)\(group)\(name) \(place)"
  }
}
