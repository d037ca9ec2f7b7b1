import JSON

/// A stored DataVolume that no job belongs to: why not, since it stays as it is.
struct UncopiedDataVolume {
  let reason: String
  let message: String

  init(_ object: JSONValue) {
    let spec = object["spec"]
    let source = spec?["source"]
    if source?["snapshot"] != nil {
      reason = "SnapshotNotCopied"
      message = "clonegate copies claims only; nothing copies a snapshot here"
    } else if source?["pvc"] == nil, spec?["sourceRef"] == nil {
      reason = "NotAClone"
      message = "clonegate copies claims only; nothing imports, uploads or blanks a disk here"
    } else {
      reason = "NothingToCopy"
      message = "when it was accepted nothing was to be copied into it"
    }
  }

  var status: JSONValue {
    let conditions = ["Running", "Ready"].map { type -> JSONValue in
      ["type": .string(type), "status": "False", "reason": .string(reason), "message": .string(message)]
    }
    return ["phase": "Pending", "progress": "N/A", "conditions": .array(conditions)]
  }
}
