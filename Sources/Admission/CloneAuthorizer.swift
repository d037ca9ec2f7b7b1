package import Authorization

/// Who may clone: the one place where this is decided, for `/mutate`, `/validate` and `can-clone` alike.
///
/// Asked is `create datavolumes/source` (group `cdi.kubevirt.io`) on the source in its own namespace, by
/// name, so that `resourceNames` can grant a single disk. Rules: the product's design, section 3; CDI's
/// `authorize_utils.go`.
package struct CloneAuthorizer: Sendable {
  private let policy: Policy
  private let subjectRule: AdmissionSettings.SubjectRule
  private let implicitPodGrant: Bool
  private let remedy: Remedy
  private var answers = AccessAnswers.none

  package init(policy: Policy, settings: AdmissionSettings) {
    self.policy = policy
    subjectRule = settings.subjectRule
    implicitPodGrant = settings.implicitPodGrant
    remedy = Remedy(policy: policy)
  }

  private init(_ other: CloneAuthorizer, policy: Policy, answers: AccessAnswers) {
    self.policy = policy
    subjectRule = other.subjectRule
    implicitPodGrant = other.implicitPodGrant
    remedy = other.remedy
    self.answers = answers
  }

  /// The same, with what the API server said where the policy says no.
  /// - Parameter trustsPolicy: false when the policy is too old to be believed: then only the answers count.
  package func asking(_ answers: AccessAnswers, trustsPolicy: Bool) -> CloneAuthorizer {
    CloneAuthorizer(self, policy: trustsPolicy ? policy : .empty, answers: answers)
  }

  /// For a DataVolume: the requesting user, or the ServiceAccount `default` of the target namespace where
  /// the operator allows that.
  package func decide(requester: UserInfo, targetNamespace: String, source: CloneSource) -> CloneVerdict {
    var identities = [requester]
    let account = UserInfo.serviceAccount(namespace: targetNamespace, name: "default")
    if subjectRule == .either, account.name != requester.name { identities.append(account) }
    return decide(identities, targetNamespace: targetNamespace, source: source)
  }

  /// For a template of a VirtualMachine: the ServiceAccount that the machine runs as, and nobody else.
  package func decide(
    serviceAccount: String, targetNamespace: String, source: CloneSource
  ) -> CloneVerdict {
    let account = UserInfo.serviceAccount(namespace: targetNamespace, name: serviceAccount)
    return decide([account], targetNamespace: targetNamespace, source: source)
  }

  private func decide(
    _ identities: [UserInfo], targetNamespace: String, source: CloneSource
  ) -> CloneVerdict {
    var verdict = CloneVerdict(
      source: source, targetNamespace: targetNamespace, identities: identities, remedy: remedy)
    if source.id.namespace.isExactly(targetNamespace) {
      verdict.rule = .sameNamespace
      return verdict
    }
    for identity in identities {
      if ask(identity, .cloneSource, &verdict) {
        verdict.rule = .granted
        return verdict
      }
      if implicitPodGrant, asksImplicitly(identity, &verdict) {
        verdict.rule = .implicitGrant
        return verdict
      }
    }
    verdict.by = nil
    return verdict
  }

  /// Who may run a pod beside a claim can read it. A snapshot must first become a claim, so that right is
  /// needed too.
  private func asksImplicitly(_ identity: UserInfo, _ verdict: inout CloneVerdict) -> Bool {
    guard ask(identity, .pods, &verdict) else { return false }
    return verdict.source.kind == .claim || ask(identity, .claims, &verdict)
  }

  private func ask(_ identity: UserInfo, _ right: CloneRight, _ verdict: inout CloneVerdict) -> Bool {
    let id = verdict.source.id
    let question = Attributes(
      user: identity, verb: "create", group: right.group, resource: right.resource,
      subresource: right.subresource,
      namespace: id.namespace, name: id.name)
    let answer = policy.decide(question)
    verdict.asked.append(answer)
    verdict.by = answer.binding
    guard !answer.allowed else { return true }
    verdict.secondOpinion = answers.grant(for: question)
    if !answers.isKnown(question) { verdict.unanswered.append(question) }
    return verdict.secondOpinion != nil
  }
}

/// What can be asked of the policy about a clone. The verb is always `create`.
enum CloneRight {
  case cloneSource, pods, claims

  var group: String { self == .cloneSource ? "cdi.kubevirt.io" : "" }
  var subresource: String { self == .cloneSource ? "source" : "" }
  var resource: String {
    switch self {
    case .cloneSource: "datavolumes"
    case .pods: "pods"
    case .claims: "persistentvolumeclaims"
    }
  }
}
