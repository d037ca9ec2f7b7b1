import JSON
import Kubernetes
import Testing
import Transport

@testable import clonegate

@Suite struct StoredCertificatesTests {
  private static func configuration(
    _ bundles: [String?], annotations: JSONValue? = nil
  ) throws -> StoredRegistration {
    var webhooks: [JSONValue] = []
    for bundle in bundles {
      var call: JSONValue = ["service": ["namespace": "ns", "name": "gate", "path": "/mutate", "port": 443]]
      if let bundle { call["caBundle"] = .string(bundle) }
      webhooks.append([
        "name": .string("w\(webhooks.count).example"), "clientConfig": call,
        "unknown": ["kept": [1, .number("2.50")]],
      ])
    }
    var metadata: JSONValue = ["name": "clonegate", "resourceVersion": "7", "labels": ["a": "b"]]
    if let annotations { metadata["annotations"] = annotations }
    let object: JSONValue = ["metadata": metadata, "webhooks": .array(webhooks), "more": true]
    return StoredRegistration(
      type: .mutatingWebhookConfigurations, kind: "MutatingWebhookConfiguration", object: object)
  }

  private static func secret(_ data: [String: [UInt8]]) -> JSONValue {
    var members: JSONObject = [:]
    for (key, bytes) in data { members[key] = .string(Base64.encoded(bytes)) }
    return ["metadata": ["name": "s", "resourceVersion": "1"], "data": .object(members)]
  }

  @Test(arguments: [nil, [:], ["other": "kept"]] as [JSONValue?])
  func `a patch writes every bundle and its date, and nothing else`(annotations: JSONValue?) throws {
    let authority = try CertificateAuthority(making: "one")
    let bundle = try AuthorityBundle(bytes: authority.certificatePEM(), name: "one")
    let stored = try Self.configuration([nil, "bm9uZQ==", ""], annotations: annotations)
    let patched = try stored.patch(bundle, at: 1_790_000_000).apply(to: stored.object)
    var expected = stored.object
    var dated = annotations ?? [:]
    dated["clonegate.dev/ca-published-at"] = "2026-09-21T14:13:20Z"
    expected["metadata"]?["annotations"] = dated
    var webhooks = expected["webhooks"]?.array ?? []
    for place in webhooks.indices { webhooks[place]["clientConfig"]?["caBundle"] = .string(bundle.base64) }
    expected["webhooks"] = .array(webhooks)
    #expect(patched == expected)
    let again = StoredRegistration(type: stored.type, kind: stored.kind, object: patched)
    #expect(again.facts.publishedAt == 1_790_000_000)
    #expect(again.facts.bundles == Array(repeating: [authority.info.fingerprint], count: 3))
  }

  @Test func `a patch fails on an object that somebody changed`() throws {
    let authority = try CertificateAuthority(making: "one")
    let bundle = try AuthorityBundle(bytes: authority.certificatePEM(), name: "one")
    let stored = try Self.configuration([nil])
    var changed = stored.object
    changed["metadata"]?["resourceVersion"] = "8"
    #expect(throws: JSONPatchError.self) { try stored.patch(bundle, at: 1).apply(to: changed) }
  }

  @Test func `facts say who vouches for what is served, whatever its date`() throws {
    let (old, new) = (try CertificateAuthority(making: "ca"), try CertificateAuthority(making: "ca"))
    let (oldPEM, newPEM) = (try old.certificatePEM(), try new.certificatePEM())
    let leaf = try old.issue(.init(hosts: ["gate.ns.svc"]))
    let oldBundle = try AuthorityBundle(bytes: oldPEM, name: "old")
    let stored = StoredCertificates(
      registrations: [try Self.configuration([oldBundle.base64, nil])],
      authorities: Self.secret(["ca.crt": newPEM, "ca.key": try new.keyPEM()]),
      serving: Self.secret(["tls.crt": leaf.certificate, "tls.key": leaf.key, "ca.crt": oldPEM]))
    #expect(stored.facts.authorities.map(\.id) == [new.info.fingerprint])
    #expect(stored.facts.others.map(\.id) == [old.info.fingerprint])
    #expect(stored.facts.serving?.signer == old.info.fingerprint)
    #expect(stored.facts.serving?.names == ["gate.ns.svc"])
    #expect(stored.facts.registrations.first?.bundles == [[old.info.fingerprint], nil])
    #expect(stored.bundle([new, old].map(\.info.fingerprint)).pem == newPEM + oldPEM)
  }

  @Test func `a certificate without its key serves nobody, an authority without its key signs nothing`()
    throws
  {
    let (one, other) = (try CertificateAuthority(making: "one"), try CertificateAuthority(making: "other"))
    let (leaf, another) = (
      try one.issue(.init(hosts: ["a.example"])), try one.issue(.init(hosts: ["a.example"]))
    )
    let stored = StoredCertificates(
      registrations: [],
      authorities: Self.secret(["ca.crt": try one.certificatePEM(), "ca.key": try other.keyPEM()]),
      serving: Self.secret(["tls.crt": leaf.certificate, "tls.key": another.key]))
    #expect(stored.facts.serving == nil && stored.facts.authorities.isEmpty && stored.signing == nil)
    #expect(stored.authorityProblem?.contains("does not belong") == true)
    // It may still be what gates are trusted by.
    let found = StoredCertificates(
      registrations: [], authorities: Self.secret(["ca.crt": try one.certificatePEM()]), serving: nil)
    #expect(found.facts.others.map(\.id) == [one.info.fingerprint] && found.authorityProblem != nil)
  }
}
