/// Control: one clone DataVolume and everything known about it in; what to do next, and the status it should
/// have, out.
///
/// The room is the head of the cluster's controller. `CloneSituation` is what the hall saw, `Control.decide`
/// answers with a `ClonePlan`: actions, each one write to the API server that can be repeated, then the
/// wanted status, then the events of that change. `VolumeCopyOrder` and `VolumeCopyReport` are what the
/// controller and the copier of a node write to each other in a VolumeCopy. Nothing here waits, opens a
/// descriptor, asks for the time or keeps anything: what has been done is read from the objects, so that a
/// controller that was killed at any moment goes on where it stopped.
///
/// Do not use it to judge who may clone (Admission), nor to read or write the cluster (the hall). It never
/// looks at disks: the copier on the node measures before it writes the first byte.
///
/// Words: the *order* is a VolumeCopy's spec, the *report* its status; an *attempt* is one try of an order;
/// *accepted* means that the DataVolume's creator was allowed to clone its source.
package enum Control {
  /// Finalizer of an order: its copier has work to undo before it may go.
  package static let copierFinalizer = "clonegate.dev/copier"
  /// Annotation of a DataVolume or its claim: it is not to wait for a Pod. Presence counts.
  package static let immediateBinding = "cdi.kubevirt.io/storage.bind.immediate.requested"
  /// Label of an order: the node that copies, as `VolumeCopy.nodeLabel` writes it.
  package static let nodeLabel = "clonegate.dev/node"
}
