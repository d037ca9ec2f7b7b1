import Admission
import ArgumentParser
import Control
import Glibc
import HTTP
import Kubernetes
import Logging
import ServiceLifecycle
import Transport

/// The controller of a cluster's clone DataVolumes: makes their claims, has their disks copied, and writes
/// how that goes into their status. Two replicas may run; one acts.
struct ControlCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "control", abstract: "Run the controller of clone DataVolumes in a cluster.",
    discussion: """
      Acts on DataVolumes that the gate has stamped, and on those whose namespace may clone the source anyway.
      GET /healthz, /readyz and /metrics on --health-listen. SIGTERM gives the Lease back and leaves.
      """)

  @OptionGroup var cluster: ClusterOptions

  @Option(help: "Who copies: clonegate, or cdi (then this controller does nothing).")
  var copying = Copying.clonegate

  @Option(
    help:
      "Whose right counts where there is no stamp: either (the namespace's default account), or requester."
  )
  var dvSubject = AdmissionSettings.SubjectRule.either

  @Option(
    help:
      "Whether create pods in the source namespace allows a clone where there is no stamp: true or false."
  )
  var implicitPodGrant = true

  @Option(help: "How copies are verified: off, digest, or read (the target is read back).")
  var verify = VolumeCopyOrder.Verification.digest

  @Option(
    help: "What a file system takes for itself: 0.06, or CLASS=0.055 for one class (repeatable).",
    transform: OverheadArgument.reading)
  var filesystemOverhead: [OverheadArgument] = []

  @Option(
    help: "Take over a claim of the DataVolume's name without an annotation, as the gate: true or false.")
  var claimAdoption = false

  @Option(help: "Preallocate clones that do not say otherwise: true or false.")
  var preallocation = false

  @Option(
    help: "Address of /healthz, /readyz and /metrics, plain HTTP (default: 127.0.0.1:8082).",
    transform: { try SocketAddress($0) })
  var healthListen = try! SocketAddress(host: "127.0.0.1", port: 8082)

  @OptionGroup var log: LogOptions

  @OptionGroup var configurationFile: ConfigurationOption

  func run() async throws {
    let logger = log.logger("clonegate.control")
    signal(SIGPIPE, SIG_IGN)
    let configuration = try ClusterAccess.configuration(cluster)
    try await ControlProcess(self, configuration, logger: logger).run()
  }

  var admission: AdmissionSettings {
    var settings = AdmissionSettings(subjectRule: dvSubject, implicitPodGrant: implicitPodGrant)
    settings.preallocation = preallocation
    settings.claimAdoption = claimAdoption
    for overhead in filesystemOverhead { overhead.set(in: &settings) }
    return settings
  }
}

extension VolumeCopyOrder.Verification: ExpressibleByArgument {}
