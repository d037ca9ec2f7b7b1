import Admission
import Authorization
import JSON

/// What exists while reviews are judged: the namespaces and names of the recorded reviews, and a namespace in
/// which nobody may do anything.
enum ReviewWorld {
  static let judge: Judge = {
    guard let nodes = (try? JSONDocument(parsing: Array(objects.utf8)))?.root.elements else {
      preconditionFailure("the world of the review target is no JSON")
    }
    let (policy, refused) = Policy.build(from: nodes)
    let (inventory, unread) = Inventory.build(from: nodes)
    precondition(refused.isEmpty && unread.isEmpty, "the world of the review target: \(refused) \(unread)")
    return Judge(policy: policy, inventory: inventory, settings: AdmissionSettings())
  }()

  private static let objects = """
    [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "source-namespace"}},
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "destination-namespace"}},
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "secret"}},
    {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "my-favorite-vm-disk",
      "namespace": "source-namespace"}, "spec": {"accessModes": ["ReadWriteOnce"],
      "storageClassName": "fast", "volumeName": "v1", "resources": {"requests": {"storage": "1Gi"}}},
      "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}},
    {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "my-favorite-vm-disk",
      "namespace": "secret"}, "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block",
      "storageClassName": "fast", "resources": {"requests": {"storage": "2Gi"}}}},
    {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v1"},
      "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
      "storageClassName": "fast", "local": {"path": "/tmp/v1"}}},
    {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast",
      "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
      "provisioner": "example.com/fast"},
    {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataSource", "metadata": {"name": "golden",
      "namespace": "source-namespace"}, "spec": {"source": {"pvc": {"name": "my-favorite-vm-disk",
      "namespace": "secret"}}}},
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
      "metadata": {"name": "datavolume-cloner"}, "rules": [{"apiGroups": ["cdi.kubevirt.io"],
      "resources": ["datavolumes/source"], "verbs": ["*"]}]},
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": {"name": "allow-clone", "namespace": "source-namespace"},
      "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
      "name": "datavolume-cloner"}, "subjects": [{"kind": "ServiceAccount", "name": "default",
      "namespace": "destination-namespace"}, {"kind": "User", "apiGroup": "rbac.authorization.k8s.io",
      "name": "alice"}]}
    ]
    """
}
