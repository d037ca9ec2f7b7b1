import ArgumentParser
import Transport

/// `certs`: an authority and a serving certificate of our own.
struct CertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "Make an authority and a serving certificate, renew, rotate in a cluster, show days left.",
    subcommands: [Initialize.self, Renew.self, Show.self, Rotate.self])

  struct Folder: ParsableArguments {
    @Option(name: .customLong("dir"), help: "Directory of ca.crt, ca.key, tls.crt and tls.key.")
    var directory = "certs"
    var files: CertificateFiles { CertificateFiles(directory: directory) }
  }

  struct Lifetime: ParsableArguments {
    @Option(help: "Days that the serving certificate is good for.")
    var days = CertificateAuthority.leafDays

    func validate() throws {
      guard (1...36_500).contains(days) else { throw ValidationError("--days is a number from 1 to 36500") }
    }
  }

  struct Initialize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init", abstract: "Make an authority and a serving certificate.",
      discussion: "The certificate is always good for localhost, 127.0.0.1 and ::1 as well.")
    @OptionGroup var folder: Folder
    @Option(
      parsing: .upToNextOption,
      help: "Names and addresses under which the gate is called, such as clonegate.clonegate.svc.")
    var host: [String] = []
    @OptionGroup var lifetime: Lifetime
    @Flag(help: "Replace what is there, the authority too.")
    var force = false

    @OptionGroup var configurationFile: ConfigurationOption

    func run() async throws {
      try CertificateFailure.explained {
        try folder.files.make(
          hosts: host, days: lifetime.days, authorityDays: CertificateAuthority.authorityDays, force: force)
        Console.out(try CertificateText.people(folder.files.report()))
      }
    }
  }

  struct Renew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "renew", abstract: "Make a new serving certificate by the same authority.",
      discussion: "A running gate takes it up by itself; nothing has to be restarted.")
    @OptionGroup var folder: Folder
    @Option(parsing: .upToNextOption, help: "Names and addresses to add to those of the old certificate.")
    var host: [String] = []
    @OptionGroup var lifetime: Lifetime

    @OptionGroup var configurationFile: ConfigurationOption

    func run() async throws {
      try CertificateFailure.explained {
        try folder.files.renew(adding: host, days: lifetime.days)
        Console.out(try CertificateText.people(folder.files.report()))
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show names, days left, and whether key and authority belong to it.",
      discussion: "Exit code 1 if a client that trusts the authority would refuse the certificate today.")
    @OptionGroup var folder: Folder
    @Option(name: .shortAndLong, help: "'text' for people, 'json' for programs.")
    var output = CertificateText.Form.text

    @OptionGroup var configurationFile: ConfigurationOption

    func run() async throws {
      try CertificateFailure.explained {
        let report = try folder.files.report()
        Console.out(output == .json ? CertificateText.json(report) : CertificateText.people(report))
        if !report.isUsable { throw ExitCode(CommandFailure.failedCode) }
      }
    }
  }
}

/// Transport's errors as the commands say them.
enum CertificateFailure {
  static func explained(_ body: () throws -> Void) throws {
    do { try body() } catch let error as TransportError { throw CommandFailure.failed("\(error)") }
  }
}
