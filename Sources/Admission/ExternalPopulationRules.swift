internal import JSON

/// A disk whose content comes from a Kubernetes populator (`dataSource`, `dataSourceRef`). CDI's row 13.
struct ExternalPopulationRules {
  let dataVolume: DataVolume
  let spec: JSONNode

  var refusal: Refusal? {
    if spec.field("source") != nil || spec.field("sourceRef") != nil {
      return .invalid(
        dataVolume.field("source"),
        "the disk's dataSource already says where its content comes from; remove it, or source and sourceRef")
    }
    let refusals =
      ["dataSource", "dataSourceRef"].flatMap { problems(of: $0) } + [bothProblem].compactMap(\.self)
    return refusals.isEmpty ? nil : .joined(refusals)
  }

  private var claim: (kind: DataVolume.ClaimKind, node: JSONNode)? { dataVolume.claim }

  private var bothProblem: Refusal? {
    guard let claim, claim.node.field("dataSource") != nil, claim.node.field("dataSourceRef") != nil else {
      return nil
    }
    return .invalid(
      dataVolume.field("\(claim.kind.rawValue).dataSource"),
      "dataSource and dataSourceRef say the same; keep one")
  }

  private func problems(of name: String) -> [Refusal] {
    guard let claim, let reference = claim.node.field(name) else { return [] }
    let path = dataVolume.field("\(claim.kind.rawValue).\(name)")
    var refusals: [Refusal] = []
    if name == "dataSourceRef", reference.filled("namespace") != nil {
      refusals.append(.invalid("\(path).namespace", "another namespace is not supported; remove it"))
    }
    if reference.filled("name") == nil {
      refusals.append(.invalid("\(path).name", "the name is missing", .required))
    }
    let kind = reference.filled("kind")
    if kind == nil { refusals.append(.invalid("\(path).kind", "the kind is missing", .required)) }
    if kind != "PersistentVolumeClaim", reference.filled("apiGroup") == nil {
      let message = "the apiGroup is missing; only the kind PersistentVolumeClaim has none"
      refusals.append(.invalid("\(path).apiGroup", message, .required))
    }
    return refusals
  }
}
