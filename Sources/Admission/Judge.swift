package import Authorization
internal import JSON

/// Judges reviews. A value: make a new one when the policy, the inventory or the settings change.
package struct Judge: Sendable {
  private let state: JudgeState
  let stamping: Stamping
  var inventory: Inventory { state.inventory }
  var settings: AdmissionSettings { state.settings }
  var authorizer: CloneAuthorizer { state.authorizer }

  package init(policy: Policy, inventory: Inventory, settings: AdmissionSettings) {
    state = JudgeState(
      inventory: inventory, settings: settings,
      authorizer: CloneAuthorizer(policy: policy, settings: settings))
    stamping = .off
  }

  private init(_ state: JudgeState, _ stamping: Stamping) {
    self.state = state
    self.stamping = stamping
  }

  /// The same judge with the API server's answers at hand.
  /// - Parameter trustsPolicy: false when the policy is too old, or was never whole: then nobody has a right
  ///   but by those answers.
  package func asking(_ answers: AccessAnswers, trustsPolicy: Bool = true) -> Judge {
    Judge(state.asking(answers, trustsPolicy: trustsPolicy), stamping)
  }

  /// The same judge, which stamps the clones that it accepts.
  package func stamping(_ stamping: Stamping) -> Judge { Judge(state, stamping) }

  /// `/mutate`: whether the clone is allowed, and the defaults as a patch.
  package func mutate(_ body: [UInt8]) -> Judgement { judge(body, .mutating) }

  /// `/validate`: whether the clone is allowed and the object makes sense, and the copies to be made.
  package func validate(_ body: [UInt8]) -> Judgement { judge(body, .validating) }

  enum Phase { case mutating, validating }

  private func judge(_ body: [UInt8], _ phase: Phase) -> Judgement {
    do {
      let review = try Review(parsing: body)
      return ReviewAnswer(review: review, ruling: ruling(review, phase)).judgement
    } catch {
      return ReviewAnswer.malformed(error)
    }
  }

  private func ruling(_ review: Review, _ phase: Phase) -> Ruling {
    switch (review.group, review.version, review.resource) {
    case ("cdi.kubevirt.io", "v1beta1", "datavolumes"):
      return judged(review, phase) {
        DataVolumeAdmission(judge: self, review: review, object: $0).ruling(phase)
      }
    case ("kubevirt.io", "v1", "virtualmachines"), ("kubevirt.io", "v1alpha3", "virtualmachines"):
      return judged(review, phase) {
        VirtualMachineAdmission(judge: self, review: review, object: $0).ruling(phase)
      }
    case ("", "v1", "persistentvolumeclaims"):
      return .allowed(.notJudged, "PersistentVolumeClaims are not judged: they start no copy here")
    default:
      return .refused(unknown(review), rule: .unknownResource)
    }
  }

  /// What holds for every object that is judged.
  private func judged(_ review: Review, _ phase: Phase, _ judge: (JSONNode) -> Ruling) -> Ruling {
    if review.operation == .delete { return .allowed(.deletion, "a deletion is never refused") }
    if !review.subresource.isEmpty { return .allowed(.subresource, "a subresource cannot start a clone") }
    if review.operation == .connect { return .allowed(.subresource, "a connection cannot start a clone") }
    guard let object = review.object else {
      return .refused(
        .badRequest("request.object is missing: a \(review.operation.rawValue) must carry the object"),
        rule: .badRequest)
    }
    if let problem = strangeUID(object) ?? contradiction(object, review) {
      return .refused(.badRequest(problem), rule: .badRequest)
    }
    // A new object's own word for it is nothing: the API server takes the field away only later.
    let isBeingDeleted = object.field("metadata")?.field("deletionTimestamp") != nil
    if isBeingDeleted, review.operation == .update, phase == .mutating {
      return .allowed(.beingDeleted, "the object is being deleted")
    }
    return judge(object)
  }

  /// The uid becomes the key of a job. API servers write UUIDs; nothing longer or stranger is taken.
  private func strangeUID(_ object: JSONNode) -> String? {
    guard let uid = object.field("metadata")?.field("uid") else { return nil }
    let text = uid.string ?? ""
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
    }
    if isPlain, uid.string != nil, text.utf8.count <= Admission.maxUID { return nil }
    return
      "metadata.uid \(BoundedText.quoted(text)) is none that an API server writes; send its review unchanged"
  }

  /// An API server writes the request's namespace into the object. Where the two differ, somebody else wrote
  /// the review, and "same namespace" would mean nothing.
  private func contradiction(_ object: JSONNode, _ review: Review) -> String? {
    if let kind = object.filled("kind"), let own = Self.kinds[review.resource], !kind.isExactly(own) {
      return
        "the review contradicts itself: \(BoundedText.plain(review.resource)) are of the kind \(own), its "
        + "object is a \(BoundedText.quoted(kind)); \(Self.unchanged)"
    }
    guard let namespace = object.field("metadata")?.filled("namespace"), !review.namespace.isEmpty,
      !namespace.isExactly(review.namespace)
    else { return nil }
    let two = "\(BoundedText.quoted(namespace)) and \(BoundedText.quoted(review.namespace))"
    return
      "the review contradicts itself: object and request name the namespaces \(two); \(Self.unchanged)"
  }

  private static let kinds = ["datavolumes": "DataVolume", "virtualmachines": "VirtualMachine"]
  private static let unchanged = "send it as an API server made it"

  private func unknown(_ review: Review) -> Refusal {
    let resource = BoundedText.quoted("\(review.group)/\(review.version) \(review.resource)")
    return .badRequest(
      "unknown resource \(resource): this webhook judges cdi.kubevirt.io/v1beta1 datavolumes and "
        + "kubevirt.io/v1 virtualmachines; remove the other resource from the webhook's rules")
  }
}
