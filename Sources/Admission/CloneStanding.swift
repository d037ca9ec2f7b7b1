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
  /// exists; nor does it tell what DataSources of a foreign namespace say.
  func standing(of dataVolume: DataVolume, asker: CloneAsker) -> CloneStanding {
    let search = inventory.source(of: dataVolume)
    let isLenient = dataVolume.isPrePopulated || dataVolume.isStaticVolume
    switch search.resolution {
    case .notAClone:
      return CloneStanding(ruling: .allowed(.notAClone, "\(dataVolume.description) is no clone"))
    case .unresolved(let why):
      if isLenient { return lenient(dataVolume) }
      return concealed(search, dataVolume, asker) ?? unresolved(why)
    case .refused(let refusal):
      if isLenient { return lenient(dataVolume) }
      return concealed(search, dataVolume, asker) ?? CloneStanding(ruling: .refused(refusal))
    case .clone(let source, let field):
      let verdict = ask(asker, source, dataVolume.namespace)
      if dataVolume.isPrePopulated { return lenient(dataVolume) }
      if verdict.allowed { return allowed(source, verdict) }
      if isLenient { return lenient(dataVolume) }
      let open = Ruling.refused(forbidden(verdict, dataVolume, field), rule: .forbidden)
      var standing = concealed(search, dataVolume, asker) ?? CloneStanding(ruling: open)
      standing.ruling.questions += verdict.unanswered
      return standing
    }
  }

  /// The one answer for a DataSource that is missing, empty, part of a loop, or names a disk that may not be
  /// read, where the asker may not clone from each foreign namespace on the way there; nil where he may. It
  /// depends on nothing that is stored but roles and bindings.
  private func concealed(
    _ search: SourceSearch, _ dataVolume: DataVolume, _ asker: CloneAsker
  ) -> CloneStanding? {
    guard let reference = search.reference else { return nil }
    // Without a name no grant for one disk matches: only who may clone any disk there is told.
    let verdicts = search.foreign.map {
      ask(asker, CloneSource(kind: .claim, namespace: $0, name: ""), dataVolume.namespace)
    }
    guard verdicts.contains(where: { !$0.allowed }) else { return nil }
    let first = verdicts.first { !$0.allowed && $0.source.id.namespace.isExactly(reference.namespace) }
    let why = first.map { Self.reasonAndRemedy($0, "to allow it for disks of that namespace") }
    let target = BoundedText.plain(dataVolume.namespace)
    let refusal = Refusal.forbidden(
      dataVolume.field("sourceRef"),
      "cloning what DataSource \(reference.safe) leads to into namespace \(target) is not "
        + "allowed: \(why ?? Self.leadsAway)")
    var ruling = Ruling.refused(refusal, rule: .forbidden)
    ruling.questions = verdicts.flatMap(\.unanswered)
    return CloneStanding(ruling: ruling)
  }

  private static let leadsAway =
    "it leads through a namespace from which you may not clone; ask whoever made it, or name a source that "
    + "you may read"

  private func unresolved(_ why: String) -> CloneStanding {
    var ruling = Ruling.allowed(.unresolvedSource, why)
    ruling.warn(why)
    return CloneStanding(ruling: ruling)
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
    ruling.source = BoundedText.message(source.description)
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
    let target = BoundedText.plain(dataVolume.namespace)
    return .forbidden(
      field,
      "cloning \(verdict.source) into namespace \(target) is not allowed: "
        + Self.reasonAndRemedy(verdict, "to allow it"))
  }

  private static func reasonAndRemedy(_ verdict: CloneVerdict, _ purpose: String) -> String {
    let commands = verdict.remedy.joined(separator: " && ")
    let next =
      commands.isEmpty
      ? "ask whoever owns that namespace for a disk that you may read"
      : "\(purpose), somebody with rights in that namespace can run: \(commands)"
    return "\(verdict.reason); \(next)"
  }
}
