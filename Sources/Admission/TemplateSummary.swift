/// Many templates, one ruling: refused if one is, with every refusal; else allowed by the strongest rule
/// that was needed.
struct TemplateSummary {
  private var rulings: [Ruling] = []

  mutating func add(_ ruling: Ruling) { rulings.append(ruling) }

  /// What a reader of the log wants to see first.
  private static let byWeight: [Rule] = [
    .implicitGrant, .granted, .prePopulated, .staticVolume, .unresolvedSource, .existingDataVolume,
    .sameNamespace,
  ]

  var ruling: Ruling {
    let refusals = rulings.compactMap(\.refusal)
    let weighty = Self.byWeight.lazy.compactMap { rule in rulings.first { $0.rule == rule } }.first
    guard var summary = weighty ?? rulings.first else {
      return .allowed(.notAClone, "there are no templates")
    }
    if let first = rulings.first(where: { $0.refusal != nil }) {
      summary = .refused(.joined(refusals), rule: first.rule)
      summary.questions = rulings.flatMap(\.questions)
    } else {
      summary.additions = rulings.flatMap(\.additions)
      summary.accepted = rulings.flatMap(\.accepted)
      summary.grantedBy = joined(\.grantedBy)
      summary.source = joined(\.source)
    }
    summary.warnings = []
    for warning in rulings.flatMap(\.warnings) { summary.warn(warning) }
    return summary
  }

  /// Each text once.
  private func joined(_ text: (Ruling) -> String?) -> String? {
    var found: [String] = []
    for text in rulings.compactMap(text) where !found.contains(text) { found.append(text) }
    return found.isEmpty ? nil : BoundedText.message(found.joined(separator: "; "))
  }
}
