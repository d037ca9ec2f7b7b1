package import Authorization
package import JSON

/// The answer to one review, and what follows from it.
package struct Judgement: Sendable {
  /// HTTP status: 200 for every review that could be read, whatever the verdict; 400 otherwise.
  package let status: Int
  /// A JSON body: an AdmissionReview, or a Status when there was no review to answer.
  package let body: [UInt8]
  package let decision: DecisionRecord
  /// Copies to be made. Empty unless this was `/validate` of an accepted CREATE that is not a dry run.
  package let accepted: [AcceptedClone]
  /// The object as reviewed, to be stored with its copies: set when `accepted` is not empty.
  package let object: JSONValue?
  /// Of a refusal for a missing right: what to ask the API server before it is final. Judge again with its
  /// answers. Empty when nothing it could say would change the judgement.
  package var questions: [Attributes] = []
}

/// What the log and the metrics say about one decision. Never holds an object's content.
package struct DecisionRecord: Sendable {
  package var uid = ""
  package var operation = ""
  package var kind = ""
  package var namespace = ""
  package var name = ""
  package var user = ""
  /// The disks of an allowed clone: `PersistentVolumeClaim a/b`; empty when there is none.
  package var source = ""
  package var allowed = false
  package var rule: Rule
  /// For a refusal the refusal's message.
  package var reason: String
  package var dryRun = false
  package var warnings: [String] = []
}

/// A copy that was authorized and validated: all that the worker must know.
package struct AcceptedClone: Sendable {
  /// The object that owns the copy.
  package struct Owner: Sendable, Hashable {
    package let kind: String
    package let name: String
    package let uid: String
  }

  /// The object's uid; `<machine's uid>/<template>` for a template; `namespace/name` when there is no uid.
  package let key: String
  package let namespace: String
  package let name: String
  package let sourceNamespace: String
  package let sourceName: String
  package let volumeMode: VolumeMode
  package let contentType: ContentType
  /// Bytes asked for; nil when the size is the source's and the source is not known yet.
  package let requestedBytes: Int64?
  package let storageClass: String?
  package let accessModes: [String]
  package let preallocation: Bool
  package let owner: Owner?
  /// Who sent the request.
  package let requester: String
  /// The DataVolume to store: the reviewed one, or the one that a template describes.
  package let object: JSONValue
}
