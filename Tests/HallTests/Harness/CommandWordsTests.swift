import Control
import ArgumentParser
import Authorization
import JSON
import Testing

@testable import clonegate

@Suite struct `Words of the harness` {
  @Test(
    arguments: [
      ("dv", "DataVolume"), ("DataVolumes", "DataVolume"), ("datavolume.cdi.kubevirt.io", "DataVolume"),
      ("vm", "VirtualMachine"), ("pvc", "PersistentVolumeClaim"), ("rolebinding", "RoleBinding"),
      ("sc", "StorageClass"),
    ])
  func `a kind has short and long names`(word: String, kind: String) {
    #expect(ObjectKind.named(word)?.kind == kind)
  }

  @Test func `objects are named in kubectl's two ways`() throws {
    let two = [ObjectArgument(kind: .dataVolume, name: "a"), ObjectArgument(kind: .dataVolume, name: "b")]
    #expect(try ObjectArgument.parse(["dv", "a", "b"]) == two)
    #expect(try ObjectArgument.parse(["dv/a", "datavolumes/b"]) == two)
    for words in [["dv"], ["foo", "a"], ["dv/"], []] {
      #expect(throws: CommandFailure.self) { try ObjectArgument.parse(words) }
    }
  }

  @Test(
    arguments: [
      (nil, [], "kubernetes-admin", ["system:masters", "system:authenticated"]),
      ("dave", [], "dave", ["system:authenticated"]),
      ("dave", ["devs"], "dave", ["devs", "system:authenticated"]),
      ("system:anonymous", [], "system:anonymous", ["system:unauthenticated"]),
      (
        "system:serviceaccount:a:b", [], "system:serviceaccount:a:b",
        ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"]
      ),
      ("system:serviceaccount:a:b", ["x"], "system:serviceaccount:a:b", ["x", "system:authenticated"]),
    ] as [(String?, [String], String, [String])])
  func `impersonation gives the groups that an API server gives`(
    name: String?, groups: [String], user: String, result: [String]
  ) {
    #expect(RequestUser.impersonating(name, groups: groups) == UserInfo(name: user, groups: result))
  }

  @Test(
    arguments: [
      (0, "0B"), (1023, "1.00KiB"), (999, "999B"), (1024, "1.00KiB"), (1_572_864, "1.50MiB"),
      (2 << 30, "2.00GiB"), (20 << 30, "20.0GiB"), (123 << 30, "123GiB"), (1_000 << 30, "0.98TiB"),
      (Int64.max, "8.00EiB"),
    ] as [(Int64, String)])
  func `bytes have three digits`(count: Int64, text: String) {
    #expect(Magnitude.bytes(count) == text)
  }

  @Test(
    arguments: [
      (0, "0s"), (59, "59s"), (60, "1m"), (192, "3m12s"), (3600, "1h"), (18_121, "5h2m"), (273_600, "3d4h"),
      (-5, "0s"),
    ] as [(Int64, String)])
  func `durations have two parts`(seconds: Int64, text: String) {
    #expect(Magnitude.duration(seconds) == text)
  }

  @Test(
    arguments: [
      ("https://127.0.0.1:8443", "127.0.0.1", 8443), ("https://gate.example/", "gate.example", 443),
      ("https://[::1]:9", "::1", 9), ("https://[::1]", "::1", 443),
    ] as [(String, String, UInt16)])
  func `a server is a host and a port`(text: String, host: String, port: UInt16) throws {
    let address = try ServerAddress(text)
    #expect(address.host == host && address.port == port)
  }

  @Test(arguments: ["http://a:1", "https://", "https://a:99999", "https://a/b", "a:1"])
  func `anything else is no server`(text: String) {
    #expect(throws: CommandFailure.self) { try ServerAddress(text) }
  }

  @Test func `a table lines its columns up`() {
    let table = TextTable(columns: ["NAME", "PHASE"], rows: [["a-long-name", "Pending"], ["b", ""]])
    #expect(table.text == "NAME          PHASE\na-long-name   Pending\nb             ")
  }

  @Test(arguments: [
    ["apply"], ["delete"], ["delete", "dv"], ["get"], ["can-clone", "--from", "a", "--to", "b"],
  ])
  func `a command that lacks its object is a usage error`(words: [String]) {
    #expect(throws: (any Error).self) {
      var command = try Clonegate.parseAsRoot(words)
      _ = try ObjectArgument.parse((command as? DeleteCommand)?.words ?? [])
      try command.run()
    }
  }
}
