import ArgumentParser
import Control
import HTTP
import Kubernetes
import Transport

extension CertsCommand {
  /// `certs rotate`: authority, serving certificate and published bundle of an installation in a cluster.
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate",
      abstract: "Keep authority, serving certificate and caBundle of a cluster, without losing a request.",
      discussion: """
        Keeps Secret clonegate-ca (authority), Secret clonegate-tls (serving certificate) and the caBundle \
        of both webhook configurations. Each run goes as far as is safe; run it once a day. A run that was \
        killed is finished by the next one, and two at once do no harm.
        Where the configurations bear cert-manager.io/inject-ca-from, nothing is touched.
        """)

    @Flag(help: "Rotate what a cluster holds (there is nothing else to rotate: see 'certs renew' for files).")
    var cluster = false
    @OptionGroup var access: ClusterOptions
    @Option(
      help: "Name of the gate's Service; the certificate is for NAME.NAMESPACE.svc and its other forms.")
    var service = "clonegate"
    @Option(name: .customLong("name"), help: "Name of both webhook configurations.")
    var registration = "clonegate"
    @Option(help: "Days that a serving certificate is good for.")
    var days = RotationRules.days
    @Option(help: "Days before its end at which a new serving certificate is made.")
    var renewBefore = RotationRules.renewBefore
    @Option(help: "Seconds for which a new authority is published before a certificate by it is served.")
    var settle = RotationRules.settle
    @Option(help: "Seconds for which an old authority stays trusted after the last certificate by it.")
    var overlap = RotationRules.overlap
    @Option(help: "Seconds that this run may wait before it leaves the rest to the next.")
    var wait: Int64 = 120
    @Option(name: .shortAndLong, help: "'text' for people, 'json' for programs: one object, at the end.")
    var output = CertificateText.Form.text
    @Flag(help: "Make a new authority and certificate now, whatever time the present ones have left.")
    var force = false

    @OptionGroup var configurationFile: ConfigurationOption

    func validate() throws {
      guard cluster else { throw ValidationError("give --cluster: only what a cluster holds is rotated") }
      guard (1...RotationRules.mostDays).contains(days) else {
        throw ValidationError("--days is a number from 1 to \(RotationRules.mostDays)")
      }
      guard (0..<days).contains(renewBefore) else {
        throw ValidationError("--renew-before is a number of days below --days")
      }
      let seconds: ClosedRange<Int64> = 0...(366 * 86_400)
      guard [settle, overlap, wait].allSatisfy(seconds.contains) else {
        throw ValidationError("--settle, --overlap and --wait are seconds from 0 to \(seconds.upperBound)")
      }
      guard !service.isEmpty, !registration.isEmpty else {
        throw ValidationError("--service and --name need a name")
      }
    }

    func run() async throws {
      let cluster = try ClusterAccess.configuration(access)
      let home = access.home(cluster)
      let client = try KubernetesClient(cluster, clients: HTTPClientFactory(loop: Loop()))
      var rules = RotationRules()
      (rules.days, rules.renewBefore, rules.settle, rules.overlap) = (days, renewBefore, settle, overlap)
      rules.names = Set(ServiceName.hosts(service: service, namespace: home))
      let store = CertificateStore(client: client, namespace: home, registration: registration)
      var done: [String] = []
      var rotation = CertificateRotation(
        store: store, rules: rules, force: force, patience: wait,
        say: { [output] line in output == .json ? done.append(line) : Console.out(line) })
      do {
        let end = try await rotation.run()
        let facts = try await store.read().facts, now = Int64.secondsSince1970
        Console.out(
          output == .json
            ? RotationText.json(of: end, done, facts, at: now)
            : RotationText.summary(of: end, facts, at: now))
      } catch {
        // What was done before is stored, and a program must be able to tell.
        if output == .json { Console.out(RotationText.json(after: done, failed: "\(error)")) }
        guard error is KubernetesError else { throw error }
        throw CommandFailure.failed(
          "\(error)", hint: "nothing is half done: the next run goes on from what is stored")
      }
    }
  }
}
