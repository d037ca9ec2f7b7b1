package import Admission
package import JSON

/// A VolumeCopy's spec: copy one volume onto another, on the node that holds both. The controller writes it,
/// the copier of that node reads it and trusts none of it before it has seen claims and volumes itself.
package struct VolumeCopyOrder: Sendable, Hashable {
  /// The DataVolume that it is done for. The order's own name is this uid.
  package struct Purpose: Sendable, Hashable {
    package var namespace: String
    package var name: String
    package var uid: String

    package init(namespace: String, name: String, uid: String) {
      self.namespace = namespace
      self.name = name
      self.uid = uid
    }
  }

  /// A claim and the volume that it was bound to, each by name and uid, so that one of the same name that
  /// came later is never taken for it.
  package struct Disk: Sendable, Hashable {
    package var namespace: String
    package var claim: String
    package var claimUID: String
    package var volume: String
    package var volumeUID: String
    package var mode: VolumeMode

    package init(
      namespace: String, claim: String, claimUID: String, volume: String, volumeUID: String, mode: VolumeMode
    ) {
      self.namespace = namespace
      self.claim = claim
      self.claimUID = claimUID
      self.volume = volume
      self.volumeUID = volumeUID
      self.mode = mode
    }
  }

  /// How the copy is proven.
  package enum Verification: String, Sendable, CaseIterable {
    /// No digest.
    case off
    /// A digest of what was read.
    case digest
    /// The digest, and the target read back and compared.
    case read
  }

  package var dataVolume: Purpose
  package var source: Disk
  package var target: Disk
  package var nodeName: String
  /// Every block of the target is to be allocated.
  package var preallocation: Bool
  package var verification: Verification
  /// From 1. The controller raises it after a failure that may pass; nothing else of an order ever changes.
  package var attempt: Int

  package init(
    dataVolume: Purpose, source: Disk, target: Disk, nodeName: String, preallocation: Bool = false,
    verification: Verification = .digest, attempt: Int = 1
  ) {
    self.dataVolume = dataVolume
    self.source = source
    self.target = target
    self.nodeName = nodeName
    self.preallocation = preallocation
    self.verification = verification
    self.attempt = attempt
  }
}

extension VolumeCopyOrder {
  /// Reads the `spec` of a VolumeCopy.
  /// - Throws: what is missing, out of its range or against the CRD's rules.
  package init(spec node: JSONNode) throws(VolumeCopyProblem) {
    let fields = VolumeCopyFields(node: node, path: "spec")
    let purpose = try fields.object("dataVolume")
    dataVolume = Purpose(
      namespace: try purpose.name("namespace", .label), name: try purpose.name("name", .subdomain),
      uid: try purpose.uid("uid"))
    source = try Disk(fields.object("source"))
    target = try Disk(fields.object("target"))
    nodeName = try fields.name("nodeName", .subdomain)
    preallocation = try fields.flag("preallocation")
    verification = try fields.choice("verify")
    attempt = Int(try fields.number("attempt", in: 1...Int64(Int32.max)))
    if source.claimUID == target.claimUID || source.volumeUID == target.volumeUID {
      throw VolumeCopyProblem("spec.target", "is the source: a volume is not copied onto itself")
    }
  }

  /// The `spec`, as the CRD has it.
  package var json: JSONValue {
    [
      "dataVolume": [
        "namespace": .string(dataVolume.namespace), "name": .string(dataVolume.name),
        "uid": .string(dataVolume.uid),
      ],
      "source": source.json, "target": target.json, "nodeName": .string(nodeName),
      "preallocation": .bool(preallocation), "verify": .string(verification.rawValue),
      "attempt": .number(String(attempt)),
    ]
  }
}

extension VolumeCopyOrder.Disk {
  fileprivate init(_ fields: VolumeCopyFields) throws(VolumeCopyProblem) {
    self.init(
      namespace: try fields.name("namespace", .label), claim: try fields.name("claim", .subdomain),
      claimUID: try fields.uid("claimUID"), volume: try fields.name("volume", .subdomain),
      volumeUID: try fields.uid("volumeUID"), mode: try fields.choice("volumeMode"))
  }

  fileprivate var json: JSONValue {
    [
      "namespace": .string(namespace), "claim": .string(claim), "claimUID": .string(claimUID),
      "volume": .string(volume), "volumeUID": .string(volumeUID), "volumeMode": .string(mode.rawValue),
    ]
  }
}
