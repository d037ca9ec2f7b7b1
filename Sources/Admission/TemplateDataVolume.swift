internal import JSON

/// The DataVolume that a template stands for, with what KubeVirt's controller adds: the machine as its
/// owner, so that it goes when the machine goes, the label that says who made it, and leave to take over a
/// claim of its name.
struct TemplateDataVolume {
  let machine: VirtualMachine
  let dataVolume: DataVolume

  var object: JSONValue {
    var metadata = dataVolume.node.field("metadata")?.value ?? [:]
    metadata["name"] = .string(dataVolume.name)
    metadata["namespace"] = .string(dataVolume.namespace)
    var annotations = metadata["annotations"]?.object ?? JSONObject()
    if annotations[DataVolume.allowClaimAdoption] == nil {
      annotations[DataVolume.allowClaimAdoption] = "true"
    }
    metadata["annotations"] = .object(annotations)
    if let uid = machine.uid {
      var labels = metadata["labels"]?.object ?? JSONObject()
      labels["kubevirt.io/created-by"] = .string(uid)
      metadata["labels"] = .object(labels)
      metadata["ownerReferences"] = [owner(uid)]
    }
    return [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "metadata": metadata,
      "spec": dataVolume.spec?.value ?? [:],
    ]
  }

  private func owner(_ uid: String) -> JSONValue {
    [
      "apiVersion": .string(machine.node.text("apiVersion") ?? "kubevirt.io/v1"), "kind": "VirtualMachine",
      "name": .string(machine.name), "uid": .string(uid), "controller": true, "blockOwnerDeletion": true,
    ]
  }
}
