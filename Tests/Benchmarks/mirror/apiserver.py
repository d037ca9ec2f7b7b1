"""What a gate mirrors of a large cluster, served as an API server does: lists in pages, and watches that tell what
comes. Plain HTTP/1.1 on loopback; it keeps nothing and refuses nobody."""
import json, queue, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMESPACES = 1000
RBAC = "rbac.authorization.k8s.io/v1"
QUIET = 20  # seconds after which a watch is told that nothing has happened


def made(kind, version, name, namespace, number, **fields):
    """An object with the metadata that one in a cluster carries."""
    metadata = {"name": name, "uid": f"{number:08x}-0000-4000-8000-{abs(hash(kind)) % 16**12:012x}", "resourceVersion": str(number + 1)}
    if namespace:
        metadata["namespace"] = namespace
    metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
    metadata["labels"] = {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": f"instance-{number % 97}"}
    owned = {f"f:{field}": {".": {}, "f:name": {}} for field in fields}
    manager = {"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": version, "fieldsType": "FieldsV1"}
    metadata["managedFields"] = [manager | {"time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:metadata": {"f:labels": {".": {}}}} | owned}]
    return {"apiVersion": version, "kind": kind, "metadata": metadata} | fields


def namespace(number):
    return f"tenant-{number % NAMESPACES:04d}"


def binding(number, role=None):
    subject = {"kind": "ServiceAccount", "name": f"deployer-{number // NAMESPACES}", "namespace": namespace(number * 7)}
    if number % 2:
        subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": f"person-{number % 5003}@example.com"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role or f"role-{number % 50}"}
    return made("RoleBinding", RBAC, f"grant-{number:06d}", namespace(number), number, roleRef=reference, subjects=[subject])


def claim(number):
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}, "volumeMode": "Block"}
    spec |= {"storageClassName": "standard", "volumeName": f"pvc-{number:08x}-1111-4000-8000-000000000000"}
    status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"}}
    return made("PersistentVolumeClaim", "v1", f"disk-{number:06d}", namespace(number), number, spec=spec, status=status)


def volume(number):
    owner = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": namespace(number), "name": f"disk-{number:06d}"}
    spec = {"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"], "claimRef": owner, "volumeMode": "Block"}
    spec |= {"storageClassName": "standard", "persistentVolumeReclaimPolicy": "Delete"}
    spec["csi"] = {"driver": "csi.example.com", "volumeHandle": f"{number:032x}", "volumeAttributes": {"pool": "fast"}}
    name = f"pvc-{number:08x}-1111-4000-8000-000000000000"
    return made("PersistentVolume", "v1", name, None, number, spec=spec, status={"phase": "Bound"})


def role(number):
    rule = {"apiGroups": ["cdi.kubevirt.io"], "resources": ["datavolumes/source"], "verbs": ["create"]}
    return made("ClusterRole", RBAC, f"role-{number}", None, number, rules=[rule])


def encoded(objects):
    return [json.dumps(each, separators=(",", ":")).encode() for each in objects]


class Cluster:
    """By plural: the objects of a list, and the queues of the watches that are open."""

    def __init__(self):
        self.objects = {
            "namespaces": encoded(made("Namespace", "v1", namespace(n), None, n, status={"phase": "Active"}) for n in range(NAMESPACES)),
            "clusterroles": encoded(role(n) for n in range(50)),
            "storageclasses": encoded([made("StorageClass", "storage.k8s.io/v1", "standard", None, 1, provisioner="csi.example.com")]),
        }
        self.watches = {}
        self.lock = threading.Lock()

    def tell(self, plural, kind, objects):
        """To each watch of it, once there is one; waits while the gate is behind."""
        while not self.watches.get(plural):
            time.sleep(0.1)
        for each in objects:
            for watch in self.watches[plural]:
                watch.put(b'{"type":"%s","object":%s}\n' % (kind, each))

    def start(self):
        """Serves on a free port, which is returned, for as long as this program runs."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"cluster": self}))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        plural = url.path.rsplit("/", 1)[1]
        self.watch(plural) if asked.get("watch") == "1" else self.list(plural, asked)

    def list(self, plural, asked):
        objects = [] if "fieldSelector" in asked else self.cluster.objects.get(plural, [])
        start = int(asked.get("continue", 0))
        end = start + int(asked.get("limit", 0) or len(objects))
        metadata = {"resourceVersion": "1000000"} | ({"continue": str(end)} if end < len(objects) else {})
        head = json.dumps({"kind": "List", "apiVersion": "v1", "metadata": metadata})[:-1].encode()
        body = head + b',"items":[' + b",".join(objects[start:end]) + b"]}"
        self.begin(("Content-Length", str(len(body))))
        self.wfile.write(body)

    def watch(self, plural):
        told = queue.Queue(maxsize=1000)
        with self.cluster.lock:
            self.cluster.watches.setdefault(plural, []).append(told)
        try:
            self.begin(("Transfer-Encoding", "chunked"))
            while True:
                try:
                    line = told.get(timeout=QUIET)
                except queue.Empty:
                    line = b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1000000"}}}\n'
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
        except OSError:
            pass  # the gate is gone
        finally:
            with self.cluster.lock:
                self.cluster.watches[plural].remove(told)
        self.close_connection = True

    def begin(self, header):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header(*header)
        self.end_headers()
