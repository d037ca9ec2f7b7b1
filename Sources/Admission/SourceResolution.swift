package import JSON

/// Which disk a DataVolume reads. `source` comes before `sourceRef`, a claim before a snapshot: CDI's order.
enum SourceResolution {
  /// An import, an upload, a blank disk, or no source at all.
  case notAClone
  /// `field` is the JSON path of what names the source.
  case clone(CloneSource, field: String)
  /// A DataSource that has no source yet: nothing can be judged, and nothing will be copied.
  case unresolved(String)
  case refused(Refusal)
}

/// Where a DataVolume leads, and what was read on the way.
struct SourceSearch {
  let resolution: SourceResolution
  /// Of a `sourceRef`: the DataSource that the user wrote.
  var reference: NamespacedName?
  /// Namespaces other than the target's in which a DataSource was looked for, each once. What was found
  /// there, or that nothing was, is for those to know who may clone from there.
  var foreign: [String] = []
}

/// Where a stored DataVolume leads now.
package struct StoredSource: Sendable, Hashable {
  /// The disk; nil while a DataSource leads nowhere.
  package let disk: CloneSource?
  /// As `SourceSearch.foreign`.
  package let foreign: [String]

  package init(disk: CloneSource?, foreign: [String] = []) {
    self.disk = disk
    self.foreign = foreign
  }
}

extension Inventory {
  /// - Parameter dataVolume: its namespace stands for every source namespace left out, except that KubeVirt
  ///   reads one left out in a DataSource as the DataSource's own.
  func source(of dataVolume: DataVolume) -> SourceSearch {
    guard let spec = dataVolume.spec else { return SourceSearch(resolution: .notAClone) }
    if let source = spec.field("source") { return SourceSearch(resolution: direct(source, dataVolume)) }
    guard let reference = spec.field("sourceRef"), reference.text("kind") == "DataSource" else {
      return SourceSearch(resolution: .notAClone)
    }
    let start = NamespacedName(
      namespace: reference.filled("namespace") ?? dataVolume.namespace, name: reference.text("name") ?? "")
    var seen: [NamespacedName] = []
    var search = SourceSearch(resolution: follow(start, dataVolume, &seen), reference: start)
    for namespace in seen.map(\.namespace)
    where !namespace.isExactly(dataVolume.namespace) && !search.foreign.contains(where: namespace.isExactly) {
      search.foreign.append(namespace)
    }
    return search
  }

  package func source(ofStored object: JSONNode) -> StoredSource {
    let search = source(of: DataVolume(stored: object))
    guard case .clone(let disk, _) = search.resolution else {
      return StoredSource(disk: nil, foreign: search.foreign)
    }
    return StoredSource(disk: disk, foreign: search.foreign)
  }

  private func direct(_ source: JSONNode, _ dataVolume: DataVolume) -> SourceResolution {
    for (name, kind) in [("pvc", CloneSource.Kind.claim), ("snapshot", .snapshot)] {
      guard let node = source.field(name) else { continue }
      let namespace = node.filled("namespace") ?? dataVolume.namespace
      return .clone(
        CloneSource(kind: kind, namespace: namespace, name: node.text("name") ?? ""),
        field: dataVolume.field("source.\(name).namespace"))
    }
    return .notAClone
  }

  /// Follows DataSources that point at DataSources. What CDI's controller resolved (`status`) is taken as it
  /// is.
  /// - Parameter seen: every DataSource that was looked for, in turn.
  private func follow(
    _ start: NamespacedName, _ dataVolume: DataVolume, _ seen: inout [NamespacedName]
  ) -> SourceResolution {
    let field = dataVolume.field("sourceRef")
    var at = start
    while true {
      guard !seen.contains(at) else { return .refused(loop(seen + [at], field)) }
      guard seen.count < Admission.maxDataSourceDepth else { return .refused(tooDeep(start, field)) }
      seen.append(at)
      guard let dataSource = dataSources[at] else { return .refused(missing(at, from: seen, field)) }
      guard let target = dataSource.target else {
        return .unresolved(
          "DataSource \(at.safe) has no source yet: nothing is copied until a new DataVolume is made")
      }
      guard case .dataSource(let namespace, let name) = target else { return found(target, at, dataVolume) }
      if let resolved = dataSource.resolved, case .claim = resolved { return found(resolved, at, dataVolume) }
      if let resolved = dataSource.resolved, case .snapshot = resolved {
        return found(resolved, at, dataVolume)
      }
      at = NamespacedName(namespace: namespace.flatMap { $0.isEmpty ? nil : $0 } ?? at.namespace, name: name)
    }
  }

  private func found(
    _ target: DataSource.Target, _ dataSource: NamespacedName, _ dataVolume: DataVolume
  ) -> SourceResolution {
    let fallback = dataVolume.template == nil ? dataVolume.namespace : dataSource.namespace
    let field = dataVolume.field("sourceRef")
    func clone(_ kind: CloneSource.Kind, _ namespace: String?, _ name: String) -> SourceResolution {
      let place = namespace.flatMap { $0.isEmpty ? nil : $0 } ?? fallback
      return .clone(CloneSource(kind: kind, namespace: place, name: name), field: field)
    }
    switch target {
    case .claim(let namespace, let name): return clone(.claim, namespace, name)
    case .snapshot(let namespace, let name): return clone(.snapshot, namespace, name)
    case .dataSource: return .notAClone
    }
  }

  private func missing(_ id: NamespacedName, from chain: [NamespacedName], _ field: String) -> Refusal {
    let by = chain.count > 1 ? ", which DataSource \(chain[chain.count - 2].safe) points at," : ""
    return .invalid(
      field, "DataSource \(id.safe)\(by) does not exist; create it first, or name the source claim itself",
      .notFound)
  }

  private func loop(_ chain: [NamespacedName], _ field: String) -> Refusal {
    let text = chain.map(\.safe).joined(separator: " -> ")
    return .invalid(field, "the DataSources point at each other (\(text)); let one of them name a claim")
  }

  private func tooDeep(_ start: NamespacedName, _ field: String) -> Refusal {
    let limit = Admission.maxDataSourceDepth
    return .invalid(
      field,
      "DataSource \(start.safe) leads through more than \(limit) DataSources; point it at the last one")
  }
}
