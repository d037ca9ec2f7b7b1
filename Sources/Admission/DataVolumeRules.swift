internal import JSON

/// What makes a DataVolume valid, apart from the rights of who asks. The order is CDI's
/// (`datavolume-validate.go`); the first rule that is broken answers. Rules that CDI leaves to fail later
/// are at the end.
struct DataVolumeRules {
  let dataVolume: DataVolume
  let judge: Judge

  /// For a CREATE.
  var creationRefusal: Refusal? {
    nameRefusal ?? TargetClaimRule(dataVolume: dataVolume, judge: judge).refusal ?? specRefusal
      ?? CloneShapeRules(dataVolume: dataVolume).refusal
  }

  /// What an object that is already stored must keep.
  var specRefusal: Refusal? {
    guard let spec = dataVolume.spec else {
      return .invalid(
        dataVolume.field(""), "the spec is missing; say what to clone and how large the disk is", .required)
    }
    if let refusal = TargetRules(dataVolume: dataVolume, spec: spec).refusal { return refusal }
    if dataVolume.isExternallyPopulated {
      return ExternalPopulationRules(dataVolume: dataVolume, spec: spec).refusal
    }
    return SourceRules(dataVolume: dataVolume, spec: spec).refusal
  }

  /// Kubernetes: a DNS subdomain in a namespace that is a DNS label. Both become parts of paths and jobs, so
  /// nothing else may pass, whoever wrote the review. `generateName` has become a name before `/validate` is
  /// called.
  private var nameRefusal: Refusal? {
    if let problem = NameRule.label.problem(with: dataVolume.namespace) {
      return wrongName("namespace", dataVolume.namespace, problem)
    }
    return NameRule.subdomain.problem(with: dataVolume.name).map {
      wrongName("name", dataVolume.name, $0)
    }
  }

  private func wrongName(_ part: String, _ text: String, _ problem: String) -> Refusal {
    .invalid(
      dataVolume.metadataField(part), "the \(part) \(BoundedText.quoted(text)) cannot be used: \(problem)")
  }
}
