/// A selector of an `aggregationRule`. It is only validated: the cluster's aggregation controller has already
/// filled in the rules that it selects.
struct LabelSelector: Sendable, Hashable {
  struct Requirement: Sendable, Hashable {
    let key: String
    let operation: String
    let values: [ExactText]
  }

  let labels: [Requirement]
  let expressions: [Requirement]

  static func read(_ reader: FieldReader) throws(FieldProblem) -> LabelSelector {
    var labels: [Requirement] = []
    for (key, value) in try reader.texts("matchLabels") {
      labels.append(Requirement(key: key, operation: "In", values: [ExactText(value)]))
    }
    var expressions: [Requirement] = []
    for expression in try reader.objects("matchExpressions", owner: "LabelSelectorRequirement") {
      expressions.append(
        Requirement(
          key: try expression.string("key"), operation: try expression.string("operator"),
          values: try expression.strings("values")))
    }
    return LabelSelector(labels: labels, expressions: expressions)
  }

  func problems(_ field: String) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    for label in labels { problems += label.labelProblems(field + ".matchLabels") }
    for (index, expression) in expressions.enumerated() {
      problems += expression.expressionProblems("\(field).matchExpressions[\(index)]")
    }
    guard !problems.isEmpty else { return [] }
    return problems + [.invalid(field, "null", "invalid label selector.")]
  }
}

extension LabelSelector.Requirement {
  fileprivate func labelProblems(_ field: String) -> [FieldProblem] {
    KubernetesName.labelKeyProblems(key).map { .invalid(field, FieldProblem.quoted(key), $0) }
      + values.flatMap { value in
        KubernetesName.labelValueProblems(value.text).map {
          .invalid(field, FieldProblem.quoted(value.text), $0)
        }
      }
  }

  fileprivate func expressionProblems(_ field: String) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    switch operation {
    case "In", "NotIn":
      if values.isEmpty {
        problems.append(.required(field + ".values", "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    case "Exists", "DoesNotExist":
      if !values.isEmpty {
        let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        problems.append(.forbidden(field + ".values", detail))
      }
    default:
      problems.append(
        .invalid(field + ".operator", FieldProblem.quoted(operation), "not a valid selector operator"))
    }
    problems += KubernetesName.labelKeyProblems(key).map {
      .invalid(field + ".key", FieldProblem.quoted(key), $0)
    }
    for (index, value) in values.enumerated() {
      let field = "\(field).values[\(index)]"
      problems += KubernetesName.labelValueProblems(value.text)
        .map { .invalid(field, FieldProblem.quoted(value.text), $0) }
    }
    return problems
  }
}
