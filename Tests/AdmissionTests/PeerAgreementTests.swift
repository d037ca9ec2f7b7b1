import Admission
import Foundation
import Testing

/// The gate allows what CDI and KubeVirt allow, and refuses what they refuse, but for the differences listed
/// here.
@Suite struct PeerAgreementTests {
  static let isAbsent = World.names(in: World.peer).isEmpty

  /// Case (or the start of its name) and why the gate answers differently there.
  static let differences: [(pattern: String, reason: String)] = [
    (
      "probes/validate/001-archive-clone-to-block-volume",
      "an archive cannot be written to a device: CDI fails later"
    ),
    (
      "probes/validate/075-pvc-source-is-the-target-itself",
      "nothing can be cloned onto itself: CDI waits for ever"
    ),
    (
      "probes/mutate/015-prepopulated-annotation-and-sar-error",
      "RBAC is evaluated here, so the question cannot fail"
    ),
    (
      "probes/validate/151-target-pvc-exists-gate-on-created-for-another-datavolume",
      "a claim whose copy for an earlier DataVolume never ended holds nobody's disk"
    ),
    (
      "probes/mutate/037-source-namespace-missing",
      "who may clone may do so before the namespace exists; a warning says it"
    ),
    (
      "probes/mutate/046-sourceref-to-datasource-reference-status-empty",
      "a DataSource that leads nowhere is refused: CDI's clone never starts"
    ),
    (
      "probes/mutate/051-sourceref-to-datasource-without-source",
      "what a DataSource of a foreign namespace says is told to those who may clone from there"
    ),
    ("probes/mutate/055-sourceref-without-namespace-on-an-object", "the request's namespace is the object's"),
    (
      "probes/mutate/061-update-metadata-only-by-unauthorized-user",
      "an update cannot start a clone, so nobody is asked"
    ),
  ]

  private static func difference(_ name: String) -> String? {
    differences.first { name.hasPrefix($0.pattern) }?.reason
  }

  private func expectAgreement(_ peer: PeerCase, _ allowed: Bool, _ message: String) {
    let differs = allowed != peer.isAllowed
    if let reason = Self.difference(peer.name) {
      #expect(differs, "\(peer.name) is listed as different (\(reason)) and no longer is")
    } else {
      #expect(!differs, "\(peer.name): peer \(peer.isAllowed), gate \(allowed) \(message)")
    }
  }

  @Test(
    .disabled(if: isAbsent, "../shared/peer is not there"), arguments: ["cdi/validate", "probes/validate"])
  func `datavolumes are validated as CDI does`(folder: String) throws {
    for name in PeerCase.names(folder) {
      let peer = try PeerCase(name)
      let answer = try Answer(peer.judge.validate(peer.body(resource: "datavolumes")))
      expectAgreement(peer, answer.allowed ?? false, answer.message)
    }
  }

  @Test(.disabled(if: isAbsent, "../shared/peer is not there"), arguments: ["cdi/mutate", "probes/mutate"])
  func `clones are authorized as CDI does`(folder: String) throws {
    for name in PeerCase.names(folder) {
      let peer = try PeerCase(name)
      let answer = try Answer(peer.judge.mutate(peer.body(resource: "datavolumes")))
      expectAgreement(peer, answer.allowed ?? false, answer.message)
    }
  }

  @Test(
    .disabled(if: isAbsent, "../shared/peer is not there"),
    arguments: ["cdi/kubevirt-vm-admit", "cdi/kubevirt-main-dvtemplate-validate"])
  func `templates are validated as KubeVirt does`(folder: String) throws {
    for name in PeerCase.names(folder) {
      let peer = try PeerCase(name)
      let answer = try Answer(peer.judge.validate(peer.body(resource: "virtualmachines")))
      expectAgreement(peer, answer.allowed ?? false, answer.message)
    }
  }

  @Test(.disabled(if: isAbsent, "../shared/peer is not there"), arguments: ["cdi/kubevirt-vm-authorize"])
  func `templates are authorized as KubeVirt did`(folder: String) throws {
    for name in PeerCase.names(folder) {
      let peer = try PeerCase(name)
      let answer = try Answer(peer.judge.mutate(peer.body(resource: "virtualmachines")))
      expectAgreement(peer, answer.allowed ?? false, answer.message)
    }
  }

  @Test(.disabled(if: isAbsent, "../shared/peer is not there"))
  func `every listed difference is about a case that exists`() {
    let folders = [
      "cdi/validate", "probes/validate", "cdi/mutate", "probes/mutate", "cdi/kubevirt-vm-admit",
      "cdi/kubevirt-main-dvtemplate-validate", "cdi/kubevirt-vm-authorize",
    ]
    let names = folders.flatMap(PeerCase.names)
    for difference in Self.differences {
      #expect(names.contains { $0.hasPrefix(difference.pattern) }, "\(difference.pattern)")
    }
  }
}
