/// Every metric of the gate: its name and the sentence that explains it. The names of the first three follow
/// controller-runtime's webhook metrics, so that existing dashboards need one change of prefix.
enum GateMetric: String, CaseIterable {
  case requests = "clonegate_webhook_requests_total"
  case latency = "clonegate_webhook_latency_seconds"
  case inFlight = "clonegate_webhook_requests_in_flight"
  case decisions = "clonegate_decisions_total"
  case serverEvents = "clonegate_server_events_total"
  case journalFailures = "clonegate_journal_failures_total"
  case jobs = "clonegate_jobs"
  case bytesCopied = "clonegate_bytes_copied_total"
  case jobRestarts = "clonegate_job_restarts_total"
  case workerUp = "clonegate_worker_up"
  case workerRestarts = "clonegate_worker_restarts_total"
  case certificateDays = "clonegate_certificate_days_left"
  case certificateEnd = "clonegate_certificate_not_after_timestamp_seconds"
  case certificateReloads = "clonegate_certificate_reloads_total"
  case policyReloads = "clonegate_policy_reloads_total"
  case policyLoaded = "clonegate_policy_last_success_timestamp_seconds"
  case policyAge = "clonegate_policy_age_seconds"
  case policyProblems = "clonegate_policy_problems"
  case policyObjects = "clonegate_policy_objects"
  case mirrorAge = "clonegate_mirror_age_seconds"
  case mirrorObjects = "clonegate_mirror_objects"
  case mirrorTrusted = "clonegate_mirror_trusted"
  case secondOpinions = "clonegate_second_opinions_total"
  case registration = "clonegate_registration_probe"
  case readiness = "clonegate_readiness_check"
  case build = "clonegate_build_info"

  var help: String {
    switch self {
    case .requests: "Answers to webhook calls, by path and HTTP status."
    case .latency: "Seconds from a whole request to its answer, by path; recording the job included."
    case .inFlight: "Webhook calls being answered now, by path."
    case .decisions: "Decisions by path, operation, kind, verdict, rule and dry run."
    case .serverEvents: "Connections and requests that were refused or cut off before a handler saw them."
    case .journalFailures: "Accepted clones that were refused because the journal could not be written."
    case .jobs: "Jobs in the journal, by state."
    case .bytesCopied: "Bytes that reached targets since the journal was made."
    case .jobRestarts: "Copies that were started again since the journal was made."
    case .workerUp: "1 while the worker beats."
    case .workerRestarts: "Workers that this gate had to start again."
    case .certificateDays: "Days until the serving certificate ends, rounded down."
    case .certificateEnd: "End of the serving certificate, seconds since 1970."
    case .certificateReloads: "New certificate files: swapped, or kept because they were unusable."
    case .policyReloads:
      "Readings of the directory or the mirror that policy and inventory come from, by result."
    case .policyLoaded: "When the policy in force was read, seconds since 1970."
    case .policyAge: "Seconds since the policy in force was read."
    case .policyProblems: "Problems that keep the newest policy from taking effect; 0 when it did."
    case .policyObjects: "Objects, roles and bindings in force."
    case .mirrorAge:
      "Seconds since anything was heard of a mirrored resource; a quiet one is heard each minute."
    case .mirrorObjects: "Objects mirrored from the API server, by resource."
    case .mirrorTrusted:
      "1 while a resource's mirror is whole, watched and new enough, or its CRD is not installed."
    case .secondOpinions: "Reviews about which the API server was asked, by what came of it."
    case .registration:
      "1 for what came of the last call to the gate itself, as an API server would make it."
    case .readiness: "1 for each readiness check that passes."
    case .build: "Always 1; the version is a label."
    }
  }
}
