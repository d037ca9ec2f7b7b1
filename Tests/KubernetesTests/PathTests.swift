import JSON
import Testing

@testable import Kubernetes

@Suite struct PathTests {
  @Test func `paths are those that the API server was asked with`() throws {
    let space = "destination-namespace"
    #expect(
      try ResourceType.dataVolumes.object("created", in: space, subresource: "status")
        == "/apis/cdi.kubevirt.io/v1beta1/namespaces/destination-namespace/datavolumes/created/status")
    #expect(try ResourceType.persistentVolumeClaims.collection(in: nil) == "/api/v1/persistentvolumeclaims")
    #expect(try ResourceType.namespaces.object(space, in: nil) == "/api/v1/namespaces/\(space)")
  }

  @Test(arguments: ["", ".", "..", "a/b", "a%2fb"])
  func `a name that would change the path is refused`(name: String) {
    for namespace in [name, "n"] {
      #expect(throws: KubernetesError.self) { _ = try ResourceType.pods.object(name, in: namespace) }
    }
  }

  @Test func `every other name is one segment`() throws {
    #expect(
      try ResourceType.clusterRoles.object("system:a b?#é", in: nil)
        == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aa%20b%3F%23%C3%A9")
    #expect(
      PathSegment.query([("labelSelector", "a=b,c"), ("limit", "5")]) == "labelSelector=a%3Db%2Cc&limit=5")
  }

  @Test func `scope and namespace have to agree`() {
    #expect(throws: KubernetesError.self) { _ = try ResourceType.pods.object("p", in: nil) }
    #expect(throws: KubernetesError.self) { _ = try ResourceType.nodes.object("n", in: "space") }
  }

  @Test func `a list that expires in the middle begins again, and the second time whole`() throws {
    let expired = KubernetesError(.expired, code: 410, message: "too old")
    let page = JSONNode(["metadata": ["resourceVersion": "5", "continue": "t"], "items": []])
    var pages = PagedList(pageSize: 500)
    #expect(throws: KubernetesError.self) { try pages.failed(expired) }
    for expected in [["limit"], []] {
      try pages.read(page)
      #expect(pages.next?.map(\.0).contains("continue") == true)
      try pages.failed(expired)
      #expect(pages.isFirst && pages.next?.map(\.0) == expected)
    }
    try pages.read(JSONNode(["metadata": ["resourceVersion": "9"], "items": []]))
    #expect(pages.next == nil && pages.resourceVersion == "9")
  }

  @Test func `pages that are too large are asked for in smaller ones`() throws {
    var pages = PagedList(pageSize: 500)
    let tooLarge = KubernetesError(.malformed, message: "over the limit")
    for expected in ["62", "7", "1"] {
      try pages.failed(tooLarge)
      #expect(pages.next?.first?.1 == expected)
    }
    #expect(throws: KubernetesError.self) { try pages.failed(tooLarge) }
  }

  @Test func `a large page does not slow down those behind it`() throws {
    let page = JSONNode(["metadata": ["resourceVersion": "5", "continue": "t"], "items": []])
    var pages = PagedList(pageSize: 500)
    try pages.failed(KubernetesError(.malformed, message: "over the limit"))
    for expected in ["124", "248", "496", "500", "500"] {
      try pages.read(page)
      #expect(pages.next?.first?.1 == expected)
    }
  }
}
