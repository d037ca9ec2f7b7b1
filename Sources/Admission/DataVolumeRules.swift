// SPDX-License-Identifier: Apache-2.0
internal import Authorization
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

  /// Kubernetes: a DNS subdomain of at most 253 characters. An empty name comes from `generateName` and is
  /// checked later.
  private var nameRefusal: Refusal? {
    guard !dataVolume.name.isEmpty, let problem = KubernetesName.subdomainProblems(dataVolume.name).first
    else { return nil }
    return .invalid(
      "metadata.name", "the name \(BoundedText.quoted(dataVolume.name)) cannot be used: \(problem)")
  }
}
