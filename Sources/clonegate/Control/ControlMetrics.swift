import Control
import Kubernetes
import Metrics
import Telemetry

/// What the controller counts.
final class ControlMetrics: Sendable {
  private enum Metric: String, CaseIterable {
    case leader = "clonegate_control_leader"
    case queue = "clonegate_control_queue"
    case objects = "clonegate_control_objects"
    case clones = "clonegate_control_datavolumes"
    case actions = "clonegate_control_actions_total"
    case failures = "clonegate_control_failures_total"
    case lostEvents = "clonegate_control_lost_events"
    case readiness = "clonegate_readiness_check"
    case build = "clonegate_build_info"

    var help: String {
      switch self {
      case .leader: "1 while this replica holds the Lease and acts."
      case .queue: "DataVolumes that wait to be looked at, and that are looked at now."
      case .objects: "Objects followed in the API server, by resource."
      case .clones: "DataVolumes that ask for a clone, by phase."
      case .actions: "Writes that clones needed, by kind."
      case .failures: "Reads and writes that failed, by the API server's reason."
      case .lostEvents: "Events for people that could not be written."
      case .readiness: "1 for each readiness check that passes."
      case .build: "Always 1; the version is a label."
      }
    }
  }

  private let registry = PrometheusRegistry()
  private let actions, failures: LabelledCounter

  init(version: String) {
    for metric in Metric.allCases { registry.setHelp(metric.rawValue, metric.help) }
    actions = LabelledCounter(Metric.actions.rawValue, ["action"], registry: registry)
    failures = LabelledCounter(Metric.failures.rawValue, ["reason"], registry: registry)
    set(.build, 1, ("version", version))
  }

  func acted(_ all: [CloneAction]) { for action in all { actions.add(Self.name(action)) } }
  func failed(_ error: KubernetesError) { failures.add(error.reason.rawValue) }

  /// Prometheus' text format.
  func exposition(_ readiness: ReadinessReport, of controller: Controller) -> String {
    for check in readiness.checks { set(.readiness, check.problem == nil ? 1 : 0, ("check", check.name)) }
    set(.leader, controller.isLeader ? 1 : 0)
    let depth = controller.queueDepth
    set(.queue, Double(depth.waiting), ("state", "waiting"))
    set(.queue, Double(depth.working), ("state", "working"))
    for resource in ControlledResource.allCases {
      set(.objects, Double(controller.mirror.tables.count(resource)), ("resource", resource.type.description))
    }
    for (phase, count) in CloneDataVolume.census(controller.mirror.tables.nodes(.dataVolumes)) {
      set(.clones, Double(count), ("phase", phase))
    }
    set(.lostEvents, Double(controller.lostEvents))
    return registry.exposition()
  }

  private func set(_ metric: Metric, _ value: Double, _ labels: (String, String)...) {
    Gauge(label: metric.rawValue, dimensions: labels, factory: registry).record(value)
  }

  private static func name(_ action: CloneAction) -> String {
    switch action {
    case .createClaim: "create-claim"
    case .bindVolume: "bind-volume"
    case .createOrder: "create-order"
    case .raiseAttempt: "raise-attempt"
    case .deleteOrder: "delete-order"
    case .annotateClaim: "annotate-claim"
    case .removeFinalizer: "remove-finalizer"
    }
  }
}
