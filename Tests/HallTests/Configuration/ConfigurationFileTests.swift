import Admission
import ArgumentParser
import Testing

@testable import clonegate

@Suite struct `The configuration file` {
  private let home: TemporaryDirectory
  private var path: String { home.path + "/serve.yaml" }

  init() throws { home = try TemporaryDirectory() }

  private func serve(_ yaml: String, _ words: String...) throws -> ServeOptions {
    try home.write("serve.yaml", yaml)
    let expanded = try ConfigurationFile.expand(["serve", "--config", path] + words, root: Clonegate.self)
    return try #require(try Clonegate.parseAsRoot(expanded) as? ServeCommand).options
  }

  @Test func `every flag of a command can be a key`() throws {
    let options = try serve(
      """
      standalone: /etc/clonegate/objects
      data: /var/lib/clonegate
      listen: 0.0.0.0:8443
      health-listen: "[::1]:8081"
      tls-min: "1.2"
      client-ca: /etc/ca.crt
      client-name: [kube-apiserver, other]
      dv-subject: requester
      implicit-pod-grant: false
      threads: 2
      no-worker: true
      log-format: text
      """)
    #expect(options.standalone == "/etc/clonegate/objects")
    #expect("\(options.healthListen)" == "[::1]:8081")
    #expect(options.tlsMin == .v12)
    #expect(options.clientName == ["kube-apiserver", "other"])
    #expect(options.dvSubject == .requester)
    #expect(options.implicitPodGrant == false)
    #expect(options.threads == 2)
    #expect(options.noWorker)
    #expect("\(options.log.logFormat)" == "text")
  }

  @Test func `the command line wins over the file`() throws {
    let options = try serve("data: file\nno-worker: false\nthreads: 4\n", "--data", "line", "--threads=2")
    #expect(options.data == "line")
    #expect(options.threads == 2)
    #expect(!options.noWorker)
  }

  @Test(arguments: [
    ("standalon: x", "unknown key `standalon`\nhint: the nearest known one is `standalone`"),
    ("zzz: 1", "unknown key `zzz`"),
    ("help: true", "unknown key `help`"), ("config: other.yaml", "unknown key `config`"),
    ("no-worker: 3", "`no-worker` is true or false"),
    ("data: [a]", "`data` needs a text"),
    ("data: {a: b}", "`data` needs a text"),
    ("client-name: {a: b}", "`client-name` needs a value or a list"),
    ("- a", "a mapping of options was expected"),
    ("a: 1\n---\nb: 2", "one document was expected"),
    ("data: [", "did not find"),
  ])
  func `what is not understood is refused with the file's name`(yaml: String, words: String) throws {
    let failure = #expect(throws: CommandFailure.self) { try serve(yaml) }
    #expect(failure?.exitCode == 2)
    #expect(failure?.description.hasPrefix("--config \(path): ") == true)
    #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
  }

  @Test func `without --config nothing changes, and after -- it is not an option`() throws {
    let words = ["serve", "--data", "x", "--", "--config", "y"]
    #expect(try ConfigurationFile.expand(words, root: Clonegate.self) == words)
    #expect(throws: CommandFailure.self) {
      try ConfigurationFile.expand(["serve", "--config"], root: Clonegate.self)
    }
    #expect(throws: CommandFailure.self) {
      try ConfigurationFile.expand(["serve", "--config", "a", "--config=b"], root: Clonegate.self)
    }
  }
}
