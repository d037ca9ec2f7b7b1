import JSON
import Jobs

/// What the journal's jobs mean to the gate: DataVolumes that exist, and the claims that they own.
enum RecordedObjects {
  static func all(of jobs: [Job]) -> [JSONValue] {
    jobs.flatMap { objects(of: $0.terms, uid: $0.uid, bytes: $0.progress.total) }
  }

  /// - Parameter bytes: size of the volume, 0 while it is not known.
  static func objects(of terms: CloneTerms, uid: String, bytes: Int64 = 0) -> [JSONValue] {
    [dataVolume(terms, uid: uid), claim(terms, uid: uid, bytes: bytes)]
  }

  private static func dataVolume(_ terms: CloneTerms, uid: String) -> JSONValue {
    [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
      "metadata": [
        "namespace": .string(terms.namespace), "name": .string(terms.name), "uid": .string(uid),
      ],
    ]
  }

  private static func claim(_ terms: CloneTerms, uid: String, bytes: Int64) -> JSONValue {
    let owner: JSONValue = [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "name": .string(terms.name),
      "uid": .string(uid), "controller": true,
    ]
    var spec: JSONValue = [
      "volumeMode": .string(terms.volumeMode.rawValue),
      "accessModes": .array(terms.accessModes.map { .string($0) }),
    ]
    if let storageClass = terms.storageClass { spec["storageClassName"] = .string(storageClass) }
    let size = max(terms.requestedBytes ?? 0, bytes)
    if size > 0 { spec["resources"] = ["requests": ["storage": .string(String(size))]] }
    return [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": [
        "namespace": .string(terms.namespace), "name": .string(terms.name), "ownerReferences": [owner],
        "annotations": ["cdi.kubevirt.io/storage.contentType": .string(terms.contentType.rawValue)],
      ],
      "spec": spec,
    ]
  }
}
