internal import Authorization
internal import JSON

/// Judges a CREATE or UPDATE of a VirtualMachine by the disks that its templates ask for.
struct VirtualMachineAdmission {
  let judge: Judge
  let review: Review
  let object: JSONNode

  func ruling(_ phase: Judge.Phase) -> Ruling {
    let machine = VirtualMachine(object, review: review)
    if object.field("metadata")?.field("deletionTimestamp") != nil, review.operation == .update {
      return .allowed(.beingDeleted, "the machine is being deleted")
    }
    if review.operation == .update, review.oldObject == nil {
      return .refused(
        .badRequest("request.oldObject is missing: an UPDATE must carry the stored object"), rule: .badRequest
      )
    }
    let changed = changedTemplates(of: machine)
    guard !changed.isEmpty else { return .allowed(.notAClone, "no template was added or changed") }
    if let refusal = listRefusal(of: machine) { return .refused(refusal) }
    return ruling(machine, changed, phase)
  }

  /// Of an update only what it adds or changes: a machine that runs must stay editable when a right was
  /// withdrawn.
  private func changedTemplates(of machine: VirtualMachine) -> [Int] {
    let all = Array(machine.templates.indices)
    guard review.operation == .update, let oldObject = review.oldObject else { return all }
    var before: [String: JSONNode] = [:]
    oldObject.field("spec")?.field("dataVolumeTemplates")?.forEachElement { template in
      if let name = template.field("metadata")?.text("name") { before[name] = template }
    }
    return all.filter { index in
      let name = machine.templates[index].field("metadata")?.text("name") ?? ""
      return before[name].map { !SpecChange.isUnchanged($0, machine.templates[index]) } ?? true
    }
  }

  private func listRefusal(of machine: VirtualMachine) -> Refusal? {
    let count = machine.templates.count
    guard count <= Admission.maxTemplates else {
      return .invalid(
        "spec.dataVolumeTemplates",
        "\(count) templates are more than the \(Admission.maxTemplates) that can be judged at once; "
          + "create the rest as DataVolumes",
        .tooMany)
    }
    var seen: Set<String> = []
    for (index, template) in machine.templates.enumerated() {
      guard let name = template.field("metadata")?.filled("name"), !seen.insert(name).inserted else {
        continue
      }
      return .invalid(
        "spec.dataVolumeTemplates[\(index)].metadata.name",
        "two templates have the name \(BoundedText.quoted(name)); give each disk its own", .duplicate)
    }
    return nil
  }

  private func ruling(_ machine: VirtualMachine, _ changed: [Int], _ phase: Judge.Phase) -> Ruling {
    var summary = TemplateSummary()
    for index in changed {
      let dataVolume = machine.dataVolume(index)
      guard dataVolume.name.isEmpty || !judge.inventory.hasDataVolume(dataVolume.id) else {
        summary.add(.allowed(.existingDataVolume, "\(dataVolume.description) exists and is used as it is"))
        continue
      }
      summary.add(phase == .mutating ? mutate(machine, dataVolume) : validate(machine, dataVolume))
    }
    var ruling = summary.ruling
    if !ruling.accepted.isEmpty { ruling.object = object.value }
    return ruling
  }

  private func standing(_ machine: VirtualMachine, _ dataVolume: DataVolume) -> CloneStanding {
    judge.standing(of: dataVolume, asker: .serviceAccount(machine.serviceAccount))
  }

  private func mutate(_ machine: VirtualMachine, _ dataVolume: DataVolume) -> Ruling {
    var standing = standing(machine, dataVolume)
    guard standing.refusal == nil, review.operation == .create else { return standing.ruling }
    standing.ruling.additions =
      Defaulting(judge: judge, dataVolume: dataVolume, source: standing.source).additions
    return standing.ruling
  }

  private func validate(_ machine: VirtualMachine, _ written: DataVolume) -> Ruling {
    // Nobody fills in an update of a machine; the review of the DataVolume that KubeVirt makes of it will.
    let dataVolume = review.operation == .update ? filled(machine, written) : written
    let rules = TemplateRules(machine: machine, dataVolume: dataVolume, judge: judge)
    if let refusal = rules.refusal { return .refused(refusal) }
    var standing = standing(machine, dataVolume)
    guard standing.refusal == nil else { return standing.ruling }
    let order = CloneOrder(judge: judge, dataVolume: dataVolume, source: standing.source)
    if let refusal = order.refusal { return .refused(refusal) }
    for warning in order.warnings { standing.ruling.warn(warning) }
    guard review.operation == .create else { return standing.ruling }
    let owner = AcceptedClone.Owner(kind: "VirtualMachine", name: machine.name, uid: machine.uid ?? "")
    let key = machine.uid.map { "\($0)/\(dataVolume.name)" } ?? dataVolume.id.description
    let stored = TemplateDataVolume(machine: machine, dataVolume: dataVolume).object
    if let copy = order.copy(key: key, owner: owner, requester: review.user.name, object: stored) {
      standing.ruling.accepted = [copy]
    }
    return standing.ruling
  }

  private func filled(_ machine: VirtualMachine, _ dataVolume: DataVolume) -> DataVolume {
    let additions = Defaulting(judge: judge, dataVolume: dataVolume, source: nil).additions
    guard let index = dataVolume.template, !additions.isEmpty else { return dataVolume }
    var template = dataVolume.node.value
    for addition in additions {
      let tokens = JSONPointer(addition.pointer)?.tokens ?? []
      // Behind `spec`, `dataVolumeTemplates` and the position.
      Self.add(addition.value ?? .null, at: tokens.dropFirst(3), in: &template)
    }
    return DataVolume(template: JSONNode(template), index: index, namespace: machine.namespace)
  }

  private static func add(_ value: JSONValue, at tokens: ArraySlice<String>, in tree: inout JSONValue) {
    guard let key = tokens.first else {
      tree = value
      return
    }
    var child = tree[key] ?? .null
    add(value, at: tokens.dropFirst(), in: &child)
    tree[key] = child
  }
}
