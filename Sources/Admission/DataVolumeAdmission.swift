internal import Authorization
internal import JSON

/// Judges a CREATE or UPDATE of a DataVolume.
struct DataVolumeAdmission {
  let judge: Judge
  let review: Review
  let object: JSONNode

  private var dataVolume: DataVolume { DataVolume(object, review: review) }

  func ruling(_ phase: Judge.Phase) -> Ruling {
    switch (review.operation, phase) {
    case (.create, .mutating): return mutateCreation(dataVolume)
    case (.create, .validating): return validateCreation(dataVolume)
    case (_, .mutating): return .allowed(.update, "an update is given no defaults and asks for no new clone")
    case (_, .validating): return validateUpdate(dataVolume)
    }
  }

  private func mutateCreation(_ dataVolume: DataVolume) -> Ruling {
    var standing = judge.standing(of: dataVolume, asker: .requester(review.user))
    guard standing.refusal == nil else { return standing.ruling }
    standing.ruling.additions =
      Defaulting(judge: judge, dataVolume: dataVolume, source: standing.source).additions
    return StampRule(judge: judge, review: review, object: object).stamped(standing)
  }

  private func validateCreation(_ dataVolume: DataVolume) -> Ruling {
    let rules = DataVolumeRules(dataVolume: dataVolume, judge: judge)
    if let refusal = rules.creationRefusal { return .refused(refusal) }
    var standing = judge.standing(of: dataVolume, asker: .requester(review.user))
    guard standing.refusal == nil else { return standing.ruling }
    let order = CloneOrder(judge: judge, dataVolume: dataVolume, source: standing.source)
    if let refusal = order.refusal { return .refused(refusal) }
    for warning in order.warnings { standing.ruling.warn(warning) }
    let key = object.field("metadata")?.filled("uid") ?? dataVolume.id.description
    guard let copy = order.copy(key: key, owner: owner, requester: review.user.name, object: object.value)
    else {
      return standing.ruling
    }
    standing.ruling.accepted = [copy]
    standing.ruling.object = copy.object
    return standing.ruling
  }

  /// The machine that KubeVirt's controller made it for, or whoever else controls it.
  private var owner: AcceptedClone.Owner? {
    let references = object.field("metadata")?.field("ownerReferences")?.elements ?? []
    guard let owner = references.first(where: { $0["controller"]?.bool == true }) else { return nil }
    return AcceptedClone.Owner(
      kind: owner.text("kind") ?? "", name: owner.text("name") ?? "", uid: owner.text("uid") ?? "")
  }

  /// The spec never changes. An unchanged one is judged again, as in CDI, unless the object is being
  /// deleted: a finalizer must come off whatever the spec says.
  private func validateUpdate(_ dataVolume: DataVolume) -> Ruling {
    guard let old = review.oldObject else {
      return .refused(
        .badRequest("request.oldObject is missing: an UPDATE must carry the stored object"), rule: .badRequest
      )
    }
    if let field = SpecChange(from: old.field("spec"), to: dataVolume.spec).changedField {
      return .refused(immutable(field), rule: .immutable)
    }
    if let refusal = StampRule(judge: judge, review: review, object: object).refusal(ofChangeFrom: old) {
      return .refused(refusal, rule: .immutable)
    }
    if object.field("metadata")?.field("deletionTimestamp") != nil {
      return .allowed(.beingDeleted, "the object is being deleted and its spec is unchanged")
    }
    if let refusal = DataVolumeRules(dataVolume: dataVolume, judge: judge).specRefusal {
      return .refused(refusal)
    }
    return .allowed(.update, "the spec is unchanged")
  }

  private func immutable(_ field: String) -> Refusal {
    .invalid(
      BoundedText.plain(field),
      "\(dataVolume.description) is made from its spec once; delete it and create another to change the spec",
      .duplicate)
  }
}
