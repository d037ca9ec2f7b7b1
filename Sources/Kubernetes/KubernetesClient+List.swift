package import JSON

/// Which objects of a collection are meant.
package struct ObjectSelector: Sendable, Hashable {
  package var labels: String?
  package var fields: String?

  package init(labels: String? = nil, fields: String? = nil) {
    self.labels = labels
    self.fields = fields
  }

  var parameters: [(String, String)] {
    var result: [(String, String)] = []
    if let labels { result.append(("labelSelector", labels)) }
    if let fields { result.append(("fieldSelector", fields)) }
    return result
  }
}

/// What a collection held at one moment.
package struct ObjectList<Element: Sendable>: Sendable {
  package var items: [Element]
  /// Of the moment: where a watch goes on from.
  package var resourceVersion: String
}

extension KubernetesClient {
  /// Every object of a collection, in one namespace or in all, with `kind` and `apiVersion` filled in: items
  /// of built-in types come without.
  /// - Parameter limit: for each page.
  package func list(
    _ type: ResourceType, in namespace: String? = nil, selector: ObjectSelector = .init(),
    within limit: Duration? = nil
  ) async throws(KubernetesError) -> ObjectList<JSONValue> {
    try await list(type, in: namespace, selector: selector, within: limit) { item, page in
      var object = item.value
      if object["apiVersion"] == nil { object["apiVersion"] = page["apiVersion"]?.value }
      if object["kind"] == nil, let kind = page["kind"]?.string, kind.hasSuffix("List") {
        object["kind"] = .string(String(kind.dropLast(4)))
      }
      return object
    }
  }

  /// Reads a collection in pages and keeps of each object only what `project` makes of it.
  ///
  /// A list whose version expires while it is read begins again; after the second time it is asked for whole.
  /// - Parameters:
  ///   - limit: for each page.
  ///   - pageSize: objects a page; smaller ones are asked for when a page is over the limit.
  ///   - project: is given the item and the page that holds it.
  func list<Element: Sendable>(
    _ type: ResourceType, in namespace: String?, selector: ObjectSelector,
    pageSize: Int = KubernetesLimits.pageSize, within limit: Duration? = nil,
    project: (_ item: JSONNode, _ page: JSONNode) -> Element
  ) async throws(KubernetesError) -> ObjectList<Element> {
    var pages = PagedList(pageSize: pageSize)
    var items: [Element] = []
    let path = try type.collection(in: namespace)
    while let parameters = pages.next {
      let request = APIRequest(method: "GET", path: path, parameters: selector.parameters + parameters)
      do throws(KubernetesError) {
        let page = try await document(request, limit, KubernetesLimits.page).root
        if pages.isFirst { items = [] }
        page["items"]?.forEachElement { items.append(project($0, page)) }
        try pages.read(page)
      } catch {
        try pages.failed(error)
      }
    }
    return ObjectList(items: items, resourceVersion: pages.resourceVersion)
  }
}
