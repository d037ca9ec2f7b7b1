/// Admission: is this request accepted, and with which defaults? AdmissionReview bytes in, a `Judgement` out.
///
/// The room knows what a DataVolume and a VirtualMachine ask for: which disk is read (`CloneSource`), on
/// whose behalf (`CloneAuthorizer`), whether the rest of the object makes sense (the `…Rules`), what is
/// filled in (`Defaulting`), and which copy has to be made when all is well (`AcceptedClone`). `Judge` is
/// the door; `Inventory` is what it knows of the cluster, `AdmissionSettings` what the operator chose.
/// Nothing here waits, opens a descriptor, asks for the time or keeps anything: the same bytes, policy and
/// inventory always give the same answer.
///
/// Do not use it to decide who may do what in general (Authorization), nor to carry an answer or to store an
/// object (the hall). It never looks at disks: sizes are what objects declare, and the worker measures
/// again.
///
/// Words: a *review* is one AdmissionReview; a *ruling* is what was decided about it; a *refusal* has a
/// code, a sentence and the fields that caused it; a *remedy* is the command that would turn a refusal into
/// a yes.
///
/// Other resources: DataVolumes (`cdi.kubevirt.io/v1beta1`) and VirtualMachines (`kubevirt.io/v1`,
/// `v1alpha3`) are judged. A review of a PersistentVolumeClaim is allowed unchanged, because a claim that
/// names another namespace starts no copy here: it is what CDI registers its own webhook for. A review of
/// anything else is refused with code 400, since a registration that sends it is a mistake that should be
/// seen.
enum Admission {
  /// More templates than any virtual machine can attach (KubeVirt: a PCI slot or SCSI unit each); what a
  /// review may cost.
  static let maxTemplates = 256
  /// Each group is looked up in the policy. A token or certificate with more does not fit into a request's
  /// headers.
  static let maxGroups = 10_000
  /// Longest name of a user, object or kind that a log line or a job keeps.
  static let maxLogged = 512
  /// A UUID has 36 characters; Kubernetes calls uids opaque, so longer ones are taken within reason.
  static let maxUID = 128
  /// A DataSource may point at a DataSource. CDI follows a chain through each `status`; a longer one is a
  /// mistake.
  static let maxDataSourceDepth = 8
}
