import Admission
import JSON
import Jobs

/// KubeVirt's virt-controller, as far as disks go: each template of a machine becomes a DataVolume that the
/// machine owns.
extension LocalAPIServer {
  /// Makes the DataVolumes that are missing, as the ServiceAccount that the machine runs as. For a new
  /// machine the gate has already recorded its clones; what is left are templates that are no clones, and
  /// those that an update added.
  ///
  /// - Returns: warnings. A DataVolume that is refused leaves the machine as it is, as in KubeVirt.
  func makeTemplates(of machine: JSONValue, _ kind: ObjectKind) async throws -> [String] {
    guard kind == .virtualMachine else { return [] }
    var controller = self
    controller.user = MachineTemplates.account(of: machine)
    var warnings: [String] = []
    for dataVolume in MachineTemplates.dataVolumes(of: machine) {
      guard let wanted = StoredObject(dataVolume) else { continue }
      if try await journal.object(wanted.name) != nil { continue }
      do {
        let made = try await controller.create(dataVolume, .dataVolume, manager: "virt-controller")
        warnings += made.warnings
      } catch let refusal as ServerRefusal {
        warnings.append(
          "DataVolume \(wanted.name.namespace)/\(wanted.name.name) was not created: \(refusal.message)")
      }
    }
    return warnings
  }
}
