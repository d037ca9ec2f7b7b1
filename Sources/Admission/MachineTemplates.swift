package import Authorization
package import JSON

/// What KubeVirt's controller makes of a stored VirtualMachine: for whoever plays the controller.
package enum MachineTemplates {
  /// The DataVolumes that the machine's templates stand for, owned by the machine, each with the name and
  /// namespace that it will have. A template without a name stands for nothing.
  package static func dataVolumes(of object: JSONValue) -> [JSONValue] {
    let machine = VirtualMachine(stored: JSONNode(object))
    return machine.templates.indices.map { machine.dataVolume($0) }.filter { !$0.name.isEmpty }
      .map { TemplateDataVolume(machine: machine, dataVolume: $0).object }
  }

  /// As whom the controller makes them: the ServiceAccount that the machine runs as.
  package static func account(of object: JSONValue) -> UserInfo {
    let machine = VirtualMachine(stored: JSONNode(object))
    return .serviceAccount(namespace: machine.namespace, name: machine.serviceAccount)
  }
}
