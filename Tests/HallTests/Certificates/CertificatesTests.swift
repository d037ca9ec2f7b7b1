import Foundation
import JSON
import Testing

@testable import clonegate

@Suite struct CertificatesTests {
  private let directory =
    FileManager.default.temporaryDirectory.path + "/clonegate-certs-\(UUID().uuidString)"
  private var files: CertificateFiles { CertificateFiles(directory: directory) }

  private func make(_ hosts: [String], force: Bool = false) throws {
    try files.make(hosts: hosts, days: 30, authorityDays: 60, force: force)
  }
  private func contents(_ name: String) throws -> String {
    try String(contentsOfFile: files.path(name), encoding: .utf8)
  }
  private func shown() throws -> JSONValue {
    try JSONValue(parsing: Array(CertificateText.json(files.report()).utf8))
  }

  @Test func `what init makes belongs together and answers on its own machine too`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try make(["gate.clonegate.svc", "10.0.0.7", "localhost"])
    let report = try shown(), certificate = report["certificate"]
    #expect(report["usable"] == true && report["keyMatches"] == true && report["chain"] == "ok")
    #expect(certificate?["dnsNames"] == ["gate.clonegate.svc", "localhost"])
    #expect(certificate?["addresses"] == ["10.0.0.7", "127.0.0.1", "::1"])
    #expect([29, 30].contains(certificate?["daysLeft"]?.int))
    #expect([59, 60].contains(report["authority"]?["daysLeft"]?.int))
  }

  @Test func `init replaces nothing unless it is forced, not even one file of four`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try make([])
    let before = try contents("ca.crt")
    for name in ["ca.crt", "tls.crt", "tls.key"] {
      try FileManager.default.removeItem(atPath: files.path(name))
    }
    #expect(throws: CommandFailure.self) { try make([]) }
    #expect(!FileManager.default.fileExists(atPath: files.path("ca.crt")))
    try make([], force: true)
    #expect(try contents("ca.crt") != before)
    #expect(try shown()["usable"] == true)
  }

  @Test func `renew keeps the authority and the names and makes a new key`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try make(["gate.clonegate.svc"])
    let (authority, key) = (try contents("ca.crt"), try contents("tls.key"))
    try files.renew(adding: ["gate.example"], days: 10)
    #expect(try contents("ca.crt") == authority && contents("tls.key") != key)
    let report = try shown()
    #expect(report["certificate"]?["dnsNames"] == ["gate.clonegate.svc", "localhost", "gate.example"])
    #expect(report["usable"] == true)
  }

  @Test func `a key that does not belong is shown as unusable`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try make([])
    try FileManager.default.removeItem(atPath: files.path("tls.key"))
    try FileManager.default.copyItem(atPath: files.path("ca.key"), toPath: files.path("tls.key"))
    let report = try shown()
    #expect(report["usable"] == false && report["keyMatches"] == false)
  }
}

@Suite struct WebhookRegistrationTests {
  private func registration(
    _ place: WebhookRegistration.Place, _ setting: WebhookRegistration.Setting? = nil
  ) throws -> [JSONValue] {
    let list = WebhookRegistration(
      name: "clonegate", place: place, setting: setting, authorities: "QUJD"
    ).list
    return try JSONValue(parsing: Array(list.utf8))["items"]?.array ?? []
  }

  /// Webhooks as `name path resource operations failurePolicy sideEffects`.
  private func rows(_ place: WebhookRegistration.Place) throws -> [String] {
    let items = try registration(place)
    #expect(items.map { $0["kind"] } == ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
    return items.flatMap { $0["webhooks"]?.array ?? [] }.map { webhook in
      let rule = webhook["rules"]?.array?.first
      let operations = rule?["operations"]?.array?.compactMap(\.string).joined(separator: ",") ?? ""
      let client = webhook["clientConfig"]
      let path = client?["service"]?["path"]?.string ?? client?["url"]?.string
      return [
        webhook["name"]?.string, path, rule?["resources"]?.array?.first?.string, operations,
        webhook["failurePolicy"]?.string, webhook["sideEffects"]?.string,
      ].map { $0 ?? "-" }.joined(separator: " ")
    }
  }

  @Test func `a gate of the cluster is registered to fail closed, without side effects`() throws {
    #expect(
      try rows(.init(service: "clonegate/gate")) == [
        "datavolume-mutate.clonegate.dev /mutate datavolumes CREATE Fail None",
        "virtualmachine-mutate.clonegate.dev /mutate virtualmachines CREATE Fail None",
        "datavolume-validate.clonegate.dev /validate datavolumes CREATE,UPDATE Fail None",
        "virtualmachine-validate.clonegate.dev /validate virtualmachines CREATE,UPDATE Fail None",
      ])
  }

  @Test func `a gate with a journal hears of deletions, which never wait for it`() throws {
    #expect(
      try rows(.init(url: "https://h")) == [
        "datavolume-mutate.clonegate.dev https://h/mutate datavolumes CREATE Fail NoneOnDryRun",
        "virtualmachine-mutate.clonegate.dev https://h/mutate virtualmachines CREATE Fail NoneOnDryRun",
        "datavolume-validate.clonegate.dev https://h/validate datavolumes CREATE,UPDATE Fail NoneOnDryRun",
        "virtualmachine-validate.clonegate.dev https://h/validate virtualmachines CREATE,UPDATE Fail"
          + " NoneOnDryRun",
        "datavolume-delete.clonegate.dev https://h/validate datavolumes DELETE Ignore NoneOnDryRun",
        "virtualmachine-delete.clonegate.dev https://h/validate virtualmachines DELETE Ignore NoneOnDryRun",
      ])
  }

  @Test func `what is registered follows the setting, wherever the gate is`() throws {
    func webhooks(_ place: WebhookRegistration.Place, _ setting: WebhookRegistration.Setting) throws
      -> [JSONValue]
    {
      try registration(place, setting).flatMap { $0["webhooks"]?.array ?? [] }
    }
    let standalone = try webhooks(.init(service: "clonegate/gate"), .standalone)
    #expect(standalone.count == 6)
    #expect(standalone.allSatisfy { $0["sideEffects"] == "NoneOnDryRun" && $0["matchConditions"] == nil })
    let cluster = try webhooks(.init(url: "https://h"), .cluster)
    #expect(cluster.count == 4)
    #expect(cluster.allSatisfy { $0["sideEffects"] == "None" })
    #expect(cluster.contains { $0["matchConditions"] != nil })
  }

  @Test func `a url is called with the path behind it, and carries the bundle`() throws {
    let webhook = try registration(.init(url: "https://127.0.0.1:8443/"))[0]["webhooks"]?.array?.first
    #expect(webhook?["clientConfig"]?["url"] == "https://127.0.0.1:8443/mutate")
    #expect(webhook?["clientConfig"]?["caBundle"] == "QUJD")
    #expect(webhook?["admissionReviewVersions"] == ["v1", "v1beta1"] && webhook?["timeoutSeconds"] == 10)
  }

  @Test(arguments: ["gate", "/gate", "ns/", "ns/gate:0", "ns/gate:x", "ns/gate:1:2", "a/b/c", ""])
  func `what is no Service is refused`(_ text: String) {
    #expect(throws: CommandFailure.self) { try WebhookRegistration.Place(service: text) }
  }

  @Test(arguments: [
    "http://gate", "https://", "gate:8443", "https://a?b=c", "https://a#b", "https://user@gate",
  ])
  func `what an API server would not call is refused`(_ text: String) {
    #expect(throws: CommandFailure.self) { try WebhookRegistration.Place(url: text) }
  }
}
