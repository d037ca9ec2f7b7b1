import Admission
import JSON
import Jobs

/// Makes an accepted clone durable before anybody hears that it was accepted.
struct CloneRecorder: Sendable {
  let journal: Journal
  let store: SnapshotStore

  enum Outcome: Sendable {
    case recorded
    /// Another object has the name: the request must be refused.
    case taken(String)
    /// The journal could not be written: nobody may be told yes.
    case failed(JournalError)
  }

  func record(_ judgement: Judgement) async -> Outcome {
    let requests = judgement.accepted.map { CloneRequest($0) }
    do throws(JournalError) {
      let submitted = judgement.object.flatMap { StoredObject($0, namespace: judgement.decision.namespace) }
      let outcomes = try await journal.record(requests, object: submitted)
      let fresh = Set(outcomes.filter { $0.outcome == .new }.map(\.key))
      store.addRecorded(
        requests.filter { fresh.contains($0.key) }.flatMap { request in
          RecordedObjects.objects(of: request.terms, uid: request.object["metadata"]?["uid"]?.string ?? "")
        })
      return .recorded
    } catch {
      return error.code == .conflict ? .taken(error.message) : .failed(error)
    }
  }
}

extension CloneRequest {
  init(_ clone: AcceptedClone) {
    let terms = CloneTerms(
      namespace: clone.namespace, name: clone.name, sourceNamespace: clone.sourceNamespace,
      sourceName: clone.sourceName, volumeMode: clone.volumeMode == .block ? .block : .filesystem,
      contentType: clone.contentType == .archive ? .archive : .kubevirt, requestedBytes: clone.requestedBytes,
      storageClass: clone.storageClass, accessModes: clone.accessModes, preallocation: clone.preallocation,
      owner: clone.owner.map { CloneTerms.Owner(kind: $0.kind, name: $0.name, uid: $0.uid) },
      requester: clone.requester)
    self.init(key: clone.key, terms: terms, object: clone.object)
  }
}
