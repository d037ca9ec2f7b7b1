import JSON
import Jobs

/// Everything that `get` can list on this machine, read at one moment.
struct ObjectCatalog: Sendable {
  let objects: [StoredObject]
  let jobs: [Job]
  let manifests: [Manifest]
  /// Why some of the directory could not be read.
  let problems: [ManifestProblem]

  static func read(_ journal: Journal?, _ directory: StandaloneDirectory?) async throws -> ObjectCatalog {
    let contents = directory?.read()
    return ObjectCatalog(
      objects: try await journal?.objects() ?? [], jobs: try await journal?.jobs() ?? [],
      manifests: contents?.manifests ?? [],
      problems: contents?.problems ?? [])
  }

  /// Objects of a kind, by namespace and name.
  func views(_ kind: ObjectKind) -> [ObjectView] {
    let views: [ObjectView]
    switch kind {
    case .dataVolume: views = stored(kind).map(dataVolume)
    case .virtualMachine: views = stored(kind).map(virtualMachine)
    case .claim: views = files(kind) + claimsOfJobs(besides: files(kind))
    case .volume: views = files(kind).map(volume)
    default: views = files(kind)
    }
    return views.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }

  private func stored(_ kind: ObjectKind) -> [StoredObject] { objects.filter { $0.name.kind == kind.kind } }

  private func files(_ kind: ObjectKind) -> [ObjectView] {
    manifests.filter { $0.kind == kind.kind && $0.identity.group == kind.group }
      .map { ObjectView(kind: kind, json: $0.value) }
  }

  private func dataVolume(_ object: StoredObject) -> ObjectView {
    let job = jobs.first { $0.uid == object.uid }
    var json = shown(object)
    json["status"] = job.map { DataVolumeStatus($0).json } ?? UncopiedDataVolume(json).status
    return ObjectView(kind: .dataVolume, json: json, job: job)
  }

  /// Without `managedFields`, as kubectl shows objects.
  private func shown(_ object: StoredObject) -> JSONValue {
    var json = object.json
    json["metadata"]?["managedFields"] = nil
    json["metadata"]?["uid"] = .string(object.uid)
    return json
  }
}

/// Machines, claims and volumes.
extension ObjectCatalog {
  /// A machine waits for its disks: `Provisioning` until each is there, `DataVolumeError` when one cannot be
  /// made.
  private func virtualMachine(_ object: StoredObject) -> ObjectView {
    var json = shown(object)
    let templates = json["spec"]?["dataVolumeTemplates"]?.array ?? []
    let phases = templates.map { template -> DataVolumePhase? in
      let name = template["metadata"]?["name"]?.string
      return jobs.first { $0.terms.namespace == object.name.namespace && $0.terms.name == name }?.phase
    }
    let isReady = phases.allSatisfy { $0 == .succeeded }
    let word = phases.contains(.failed) ? "DataVolumeError" : isReady ? "Stopped" : "Provisioning"
    let message =
      isReady
      ? "the disks are ready" : "\(phases.count { $0 == .succeeded }) of \(phases.count) disks are ready"
    json["status"] = [
      "printableStatus": .string(word), "created": false, "ready": false,
      "conditions": [
        [
          "type": "DataVolumesReady", "status": .string(isReady ? "True" : "False"),
          "message": .string(message),
        ],
        ["type": "Ready", "status": "False", "reason": "VMINotExists", "message": "VMI does not exist"],
      ],
    ]
    return ObjectView(kind: .virtualMachine, json: json)
  }

  /// The claim that a DataVolume fills has its name, and lives as long as it.
  private func claimsOfJobs(besides known: [ObjectView]) -> [ObjectView] {
    jobs.filter { job in !known.contains { $0.namespace == job.terms.namespace && $0.name == job.terms.name }
    }
    .map { job in
      let terms = job.terms
      var spec: JSONObject = [
        "accessModes": .array(terms.accessModes.map { .string($0) }),
        "volumeMode": .string(terms.volumeMode.rawValue),
      ]
      let bytes = terms.requestedBytes ?? (job.progress.total > 0 ? job.progress.total : nil)
      if let bytes { spec["resources"] = ["requests": ["storage": .string(String(bytes))]] }
      if let storageClass = terms.storageClass { spec["storageClassName"] = .string(storageClass) }
      if let volume = volumeName(at: job.targetPlace) { spec["volumeName"] = .string(volume) }
      return ObjectView(
        kind: .claim,
        json: [
          "apiVersion": "v1", "kind": "PersistentVolumeClaim",
          "metadata": [
            "name": .string(terms.name), "namespace": .string(terms.namespace),
            "ownerReferences": [owner(of: job)],
          ],
          "spec": .object(spec), "status": ["phase": .string(job.targetPlace == nil ? "Pending" : "Bound")],
        ], job: job)
    }
  }

  private func owner(of job: Job) -> JSONValue {
    [
      "apiVersion": .string(ObjectKind.dataVolume.apiVersion), "kind": "DataVolume",
      "name": .string(job.terms.name),
      "uid": .string(job.uid), "controller": true, "blockOwnerDeletion": true,
    ]
  }

  private func volume(_ view: ObjectView) -> ObjectView {
    var json = view.json
    let place = Self.path(of: json)
    let job = jobs.first { $0.targetPlace != nil && $0.targetPlace == place }
    let claim = job.map { ($0.terms.namespace, $0.terms.name) } ?? claim(naming: view.name)
    if let claim, json["spec"]?["claimRef"] == nil {
      json["spec"]?["claimRef"] = [
        "kind": "PersistentVolumeClaim", "namespace": .string(claim.0), "name": .string(claim.1),
      ]
    }
    let isBound = json["spec"]?["claimRef"]?.object != nil
    json["status"] = ["phase": .string(isBound ? "Bound" : "Available")]
    return ObjectView(kind: view.kind, json: json)
  }

  /// The claim of the directory that asks for the volume by name.
  private func claim(naming volume: String) -> (String, String)? {
    manifests.first { $0.kind == ObjectKind.claim.kind && $0.value["spec"]?["volumeName"]?.string == volume }
      .map { ($0.namespace, $0.name) }
  }

  private func volumeName(at place: String?) -> String? {
    guard let place else { return nil }
    return manifests.first { $0.kind == "PersistentVolume" && Self.path(of: $0.value) == place }?.name
  }

  /// `local.path` or `hostPath.path`.
  static func path(of volume: JSONValue) -> String? {
    (volume["spec"]?["local"]?["path"] ?? volume["spec"]?["hostPath"]?["path"])?.string
  }
}
