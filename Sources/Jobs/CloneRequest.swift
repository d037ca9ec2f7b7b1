package import JSON

/// A clone that the gate accepted, as it is handed to the journal.
package struct CloneRequest: Sendable, Hashable {
  /// Makes repeats harmless: the DataVolume's uid; for a template "VM-UID/TEMPLATE"; without a uid
  /// "NAMESPACE/NAME".
  package var key: String
  package var terms: CloneTerms
  /// The DataVolume to store, so that `get` can show it.
  package var object: JSONValue

  package init(key: String, terms: CloneTerms, object: JSONValue) {
    self.key = key
    self.terms = terms
    self.object = object
  }
}

/// What was agreed: from where, to where, in which shape. Never changes after it was accepted.
package struct CloneTerms: Sendable, Hashable {
  package enum VolumeMode: String, Sendable, Hashable, CaseIterable {
    case filesystem = "Filesystem"
    case block = "Block"
  }
  package enum ContentType: String, Sendable, Hashable, CaseIterable { case kubevirt, archive }

  /// The object that this clone lives and dies with.
  package struct Owner: Sendable, Hashable {
    package var kind: String
    package var name: String
    package var uid: String
    package init(kind: String, name: String, uid: String) {
      self.kind = kind
      self.name = name
      self.uid = uid
    }
  }

  /// The target: the DataVolume, and the claim of the same name.
  package var namespace: String
  package var name: String
  package var sourceNamespace: String
  package var sourceName: String
  package var volumeMode: VolumeMode
  package var contentType: ContentType
  /// Bytes asked for; nil means as large as the source.
  package var requestedBytes: Int64?
  package var storageClass: String?
  package var accessModes: [String]
  package var preallocation: Bool
  package var owner: Owner?
  /// Who asked, for the record.
  package var requester: String

  package init(
    namespace: String, name: String, sourceNamespace: String, sourceName: String,
    volumeMode: VolumeMode = .filesystem, contentType: ContentType = .kubevirt, requestedBytes: Int64? = nil,
    storageClass: String? = nil, accessModes: [String] = [], preallocation: Bool = false, owner: Owner? = nil,
    requester: String = ""
  ) {
    self.namespace = namespace
    self.name = name
    self.sourceNamespace = sourceNamespace
    self.sourceName = sourceName
    self.volumeMode = volumeMode
    self.contentType = contentType
    self.requestedBytes = requestedBytes
    self.storageClass = storageClass
    self.accessModes = accessModes
    self.preallocation = preallocation
    self.owner = owner
    self.requester = requester
  }
}
