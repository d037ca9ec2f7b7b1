import Admission
import ArgumentParser
import Foundation
import Transport

/// The flags of `serve`, which are also the keys of its configuration file.
struct ServeOptions: ParsableArguments {
  @Option(help: "Read policy and volumes from this directory of Kubernetes YAML instead of a cluster.")
  var standalone: String?

  @OptionGroup var cluster: ClusterOptions

  @Option(help: "Name of the Service before this gate, for probing it as an API server would.")
  var service = "clonegate"

  @Option(help: "Name of both webhook configurations, for probing them.")
  var registration = "clonegate"

  @Option(help: "Who copies accepted clones in a cluster: clonegate, or cdi (then nothing is stamped).")
  var copying = Copying.clonegate

  @Option(help: "Directory of the journal and of the volumes that claims are given.")
  var data = ".clonegate"

  @Option(
    help: "Address of the gate (default: 127.0.0.1:8443); :PORT is every address, IPv4 and IPv6.",
    transform: { try SocketAddress($0) })
  var listen = try! SocketAddress(host: "127.0.0.1", port: 8443)

  @Option(
    help: "Address of /healthz, /readyz and /metrics, plain HTTP (default: 127.0.0.1:8081).",
    transform: { try SocketAddress($0) })
  var healthListen = try! SocketAddress(host: "127.0.0.1", port: 8081)

  @Option(help: "Serving certificate, PEM; read again when it changes.")
  var tlsCert = "certs/tls.crt"

  @Option(help: "Its private key, PEM.")
  var tlsKey = "certs/tls.key"

  @Option(help: "Oldest TLS version: 1.2 or 1.3.")
  var tlsMin = OldestTLS.v13

  @Option(
    help: "CA that a client's certificate must come from; without it no client certificate is asked for.")
  var clientCa: String?

  @Option(help: "Name that the client's certificate must carry (repeatable; needs --client-ca).")
  var clientName: [String] = []

  @Option(
    help:
      "Who must be allowed to clone: either the requester or the namespace's default account, or requester.")
  var dvSubject = AdmissionSettings.SubjectRule.either

  @Option(help: "Whether the right to create pods in the source namespace allows a clone: true or false.")
  var implicitPodGrant = true

  @Option(help: "Leave this field as the user wrote it: \(DefaultedField.listed) (repeatable).")
  var withoutDefault: [DefaultedField] = []

  @Option(help: "Preallocate clones that do not say otherwise: true or false.")
  var preallocation = false

  @Option(help: "Take over a claim of the DataVolume's name without an annotation: true or false.")
  var claimAdoption = false

  @Option(
    help: "What a file system takes for itself: 0.06, or CLASS=0.055 for one class (repeatable).",
    transform: OverheadArgument.reading)
  var filesystemOverhead: [OverheadArgument] = []

  @Option(help: "Seconds for which it goes on accepting, not ready, once it is asked to leave.")
  var shutdownDelay: Int64 = 0

  @Option(help: "Event loops (default: one per core, at most \(ServeOptions.maxThreads)).")
  var threads: Int?

  @Flag(help: "Judge only: start no worker.")
  var noWorker = false

  @OptionGroup var log: LogOptions

  /// Above this a gate spends its time on taking turns: admission is one short judgement a request.
  static let maxThreads = 16

  /// A node's own shutdown waits no longer for its pods, and no balancer takes that long to hear of one.
  static let maxShutdownDelay: Int64 = 300

  enum OldestTLS: String, ExpressibleByArgument, CaseIterable {
    case v12 = "1.2"
    case v13 = "1.3"
  }

  /// Event loops to run.
  var loops: Int { threads ?? min(ProcessInfo.processInfo.activeProcessorCount, Self.maxThreads) }

  /// What the TLS room needs to know.
  var tls: TLSServerContext.Configuration {
    var tls = TLSServerContext.Configuration(certificate: tlsCert, key: tlsKey)
    tls.minimumVersion = tlsMin == .v12 ? .tls12 : .tls13
    tls.clientAuthorities = clientCa
    tls.clientNames = clientName
    return tls
  }

  func validate() throws {
    if let threads, !(1...Self.maxThreads).contains(threads) {
      throw ValidationError("--threads must be 1 to \(Self.maxThreads)")
    }
    guard (0...Self.maxShutdownDelay).contains(shutdownDelay) else {
      throw ValidationError("--shutdown-delay is a number of seconds from 0 to \(Self.maxShutdownDelay)")
    }
    if standalone != nil, cluster.kubeconfig != nil {
      throw ValidationError("give one of --standalone and --kubeconfig, not both")
    }
    if !clientName.isEmpty && clientCa == nil { throw ValidationError("--client-name needs --client-ca") }
  }
}

extension AdmissionSettings.SubjectRule: ExpressibleByArgument {}
