import JSON

/// Which namespaces a webhook's `namespaceSelector` lets through by their names, which the API server keeps
/// as a label of each. Other labels are not known here: they leave nothing out.
struct NamesSelector: Sendable, Hashable {
  private static let label = "kubernetes.io/metadata.name"

  private var among: [Set<String>] = []
  private var except: Set<String> = []

  init(_ selector: JSONNode?) {
    if let name = selector?["matchLabels"]?[Self.label]?.string { among.append([name]) }
    for expression in selector?["matchExpressions"]?.elements ?? []
    where expression["key"]?.string == Self.label {
      let names = Set((expression["values"]?.elements ?? []).compactMap(\.string))
      switch expression["operator"]?.string {
      case "In": among.append(names)
      case "NotIn": except.formUnion(names)
      case "DoesNotExist": among.append([])
      default: break
      }
    }
  }

  func admits(_ namespace: String) -> Bool {
    !except.contains(namespace) && among.allSatisfy { $0.contains(namespace) }
  }
}
