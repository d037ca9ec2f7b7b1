internal import Authorization

/// How a DataVolume or template stands after the question who may clone.
struct CloneStanding {
  var ruling: Ruling
  /// The disk to be read. Set only when reading it is allowed and a copy is wanted.
  var source: CloneSource?

  var refusal: Refusal? { ruling.refusal }
}

/// Who asks: for a DataVolume the user who sent it, for a template the ServiceAccount of its machine.
enum CloneAsker {
  case requester(UserInfo)
  case serviceAccount(String)
}

extension Judge {
  /// Nothing of the source is looked up before the asker is allowed, so the answer never tells whether it
  /// exists.
  func standing(of dataVolume: DataVolume, asker: CloneAsker) -> CloneStanding {
    let isLenient = dataVolume.isPrePopulated || dataVolume.isStaticVolume
    switch inventory.source(of: dataVolume) {
    case .notAClone:
      return CloneStanding(ruling: .allowed(.notAClone, "\(dataVolume.description) is no clone"))
    case .unresolved(let why):
      var ruling = Ruling.allowed(.unresolvedSource, why)
      ruling.warn(why)
      return CloneStanding(ruling: ruling)
    case .refused(let refusal):
      return isLenient ? lenient(dataVolume) : CloneStanding(ruling: .refused(refusal))
    case .clone(let source, let field):
      let verdict = ask(asker, source, dataVolume.namespace)
      if dataVolume.isPrePopulated { return lenient(dataVolume) }
      if verdict.allowed { return allowed(source, verdict) }
      if isLenient { return lenient(dataVolume) }
      var ruling = Ruling.refused(forbidden(verdict, dataVolume, field), rule: .forbidden)
      ruling.questions = verdict.unanswered
      return CloneStanding(ruling: ruling)
    }
  }

  private func ask(_ asker: CloneAsker, _ source: CloneSource, _ target: String) -> CloneVerdict {
    switch asker {
    case .requester(let user):
      authorizer.decide(requester: user, targetNamespace: target, source: source)
    case .serviceAccount(let name):
      authorizer.decide(serviceAccount: name, targetNamespace: target, source: source)
    }
  }

  private func allowed(_ source: CloneSource, _ verdict: CloneVerdict) -> CloneStanding {
    let grant = verdict.grant
    var ruling = Ruling.allowed(verdict.rule, verdict.reason(grant: grant))
    ruling.grantedBy = grant
    return CloneStanding(ruling: ruling, source: source)
  }

  /// CDI's two annotations: the disk is filled by other means, so no right is needed and nothing is copied
  /// here.
  private func lenient(_ dataVolume: DataVolume) -> CloneStanding {
    let ruling: Ruling =
      dataVolume.isPrePopulated
      ? .allowed(.prePopulated, "annotation \(DataVolume.prePopulated) says that the disk is filled already")
      : .allowed(
        .staticVolume, "annotation \(DataVolume.checkStaticVolume): only a static volume may be used")
    return CloneStanding(ruling: ruling)
  }

  private func forbidden(_ verdict: CloneVerdict, _ dataVolume: DataVolume, _ field: String) -> Refusal {
    let commands = verdict.remedy.joined(separator: " && ")
    let next =
      commands.isEmpty
      ? "ask whoever owns that namespace for a disk that you may read"
      : "to allow it, somebody with rights in that namespace can run: \(commands)"
    let target = BoundedText.plain(dataVolume.namespace)
    return .forbidden(
      field, "cloning \(verdict.source) into namespace \(target) is not allowed: \(verdict.reason); \(next)")
  }
}
