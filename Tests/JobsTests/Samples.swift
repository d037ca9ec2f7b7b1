import Foundation
import JSON

@testable import Jobs

/// A directory that goes when the test does.
final class TemporaryDirectory: Sendable {
  let path: String
  init() {
    var template = Array("/tmp/clonegate-jobs-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension CloneTerms {
  static func sample(_ name: String, namespace: String = "target", owner: Owner? = nil) -> CloneTerms {
    CloneTerms(
      namespace: namespace, name: name, sourceNamespace: "source", sourceName: "disk",
      requestedBytes: 1 << 20,
      storageClass: "local", accessModes: ["ReadWriteOnce"], owner: owner, requester: "alice")
  }
}

extension CloneRequest {
  /// A DataVolume of this name whose uid, and so whose key, is `uid-NAME` unless said.
  static func sample(
    _ name: String, uid: String? = nil, namespace: String = "target", owner: CloneTerms.Owner? = nil
  ) -> CloneRequest {
    let uid = uid ?? "uid-\(name)"
    let object: JSONValue = [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
      "metadata": ["name": .string(name), "namespace": .string(namespace), "uid": .string(uid)],
    ]
    return CloneRequest(key: uid, terms: .sample(name, namespace: namespace, owner: owner), object: object)
  }
}
