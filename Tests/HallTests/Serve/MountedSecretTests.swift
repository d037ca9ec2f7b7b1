import Foundation
import Testing
import Transport

@testable import clonegate

/// A Secret as the kubelet mounts it: `tls.crt` is a link to `..data/tls.crt`, and `..data` a link to a
/// directory that is replaced whole (k8s.io/kubernetes, pkg/volume/util/atomic_writer.go).
@Suite final class MountedSecretTests {
  private let directory = NSTemporaryDirectory() + "clonegate-mount-\(UUID().uuidString)"
  private let authority: CertificateAuthority
  private var generation = 0

  init() throws {
    authority = try CertificateAuthority()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try mount()
    for name in ["tls.crt", "tls.key"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory)/\(name)", withDestinationPath: "..data/\(name)")
    }
  }
  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes a new certificate in the kubelet's order: new directory, link swapped, old directory removed.
  private func mount(key: [UInt8]? = nil) throws {
    let old = "\(directory)/..gen\(generation)"
    generation += 1
    let fresh = "\(directory)/..gen\(generation)"
    try FileManager.default.createDirectory(atPath: fresh, withIntermediateDirectories: false)
    let leaf = try authority.issue(.init(hosts: ["gate.ns.svc"]))
    try Data(leaf.certificate).write(to: URL(filePath: "\(fresh)/tls.crt"))
    try Data(key ?? leaf.key).write(to: URL(filePath: "\(fresh)/tls.key"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(directory)/..data_tmp", withDestinationPath: "..gen\(generation)")
    try #require(rename("\(directory)/..data_tmp", "\(directory)/..data") == 0)
    try? FileManager.default.removeItem(atPath: old)
  }

  private var stamps: [FileStamp?] {
    ["tls.crt", "tls.key"].map { FileStamp(path: "\(directory)/\($0)") }
  }

  private func context() throws -> TLSServerContext {
    try TLSServerContext(.init(certificate: "\(directory)/tls.crt", key: "\(directory)/tls.key"))
  }

  @Test func `every swap is seen and taken up`() throws {
    let tls = try context()
    for _ in 0..<5 {
      let (before, served) = (stamps, tls.certificate.fingerprint)
      try mount()
      #expect(stamps.allSatisfy { $0 != nil } && stamps != before)
      guard case .swapped(let certificate) = tls.reload() else { return #expect(Bool(false), "not taken up") }
      #expect(certificate.fingerprint != served && tls.certificate == certificate)
      guard case .unchanged = tls.reload() else { return #expect(Bool(false), "taken up twice") }
    }
  }

  @Test func `a pair that was read across a swap is not served, and the next look heals it`() throws {
    let tls = try context()
    let served = tls.certificate.fingerprint
    try mount(key: try authority.issue(.init(hosts: ["gate.ns.svc"])).key)
    guard case .kept = tls.reload() else { return #expect(Bool(false), "a torn pair is served") }
    #expect(tls.certificate.fingerprint == served)
    try mount()
    guard case .swapped = tls.reload() else { return #expect(Bool(false), "not taken up") }
  }
}
