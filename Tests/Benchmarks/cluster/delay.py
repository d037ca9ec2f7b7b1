"""Grants and revokes alternately and asks as alice until the gate's answer follows: `delay.py API-PORT TRIES`."""
import http.client, json, ssl, statistics, sys, time

tls = ssl._create_unverified_context()
connections = {user: http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=tls) for user in ("admin", "alice")}
bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/source-namespace/rolebindings"
disks = "/apis/cdi.kubevirt.io/v1beta1/namespaces/destination-namespace/datavolumes?dryRun=All"
binding = {
    "metadata": {"name": "allow-clone-to-user"},
    "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "destination-namespace"}],
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "datavolume-cloner"},
}
disk = {
    "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "metadata": {"name": "tried"},
    "spec": {
        "source": {"pvc": {"namespace": "source-namespace", "name": "my-favorite-vm-disk"}},
        "pvc": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}},
    },
}


def ask(user, method, path, body=None):
    headers = {"Authorization": f"Bearer {user}-token", "Content-Type": "application/json"}
    connections[user].request(method, path, json.dumps(body) if body else None, headers)
    answer = connections[user].getresponse()
    answer.read()
    return answer.status


def followed(wanted):
    """Seconds until alice's create is answered with the wanted status, the answer itself included."""
    start = time.monotonic()
    while (status := ask("alice", "POST", disks, disk)) != wanted:
        if status not in (201, 403):
            sys.exit(f"the API server answered {status}")
        if time.monotonic() - start > 60:
            sys.exit("it did not follow within 60 s")
    return time.monotonic() - start


def tell(what, seconds):
    milliseconds = [1000 * second for second in seconds]
    print(f"{what}: median {statistics.median(milliseconds):.0f} ms, max {max(milliseconds):.0f} ms, {len(seconds)} tries")


granted, revoked = [], []
for _ in range(int(sys.argv[2])):
    if ask("admin", "DELETE", f"{bindings}/{binding['metadata']['name']}") != 200:
        sys.exit("the binding could not be deleted")
    revoked.append(followed(403))
    if ask("admin", "POST", bindings, binding) != 201:
        sys.exit("the binding could not be made")
    granted.append(followed(201))
    time.sleep(0.2)
tell("a grant counts after", granted)
tell("a revoked one counts no more after", revoked)
