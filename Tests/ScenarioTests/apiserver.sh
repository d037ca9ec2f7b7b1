# A real API server with etcd for one scenario, on loopback, thrown away at the end.
# Looks for kube-apiserver, etcd and kubectl in KUBEBUILDER_ASSETS, else /usr/local/kubebuilder/bin.
# A scenario that sources this file names `# needs: apiserver` so that it is skipped, aloud, where there is none.

assets=${KUBEBUILDER_ASSETS:-/usr/local/kubebuilder/bin}
PATH=$PATH:$assets

start-apiserver() {
  local etcd_port peer_port
  etcd_port=$(free-port) peer_port=$(free-port) API_PORT=$(free-port)
  mkdir -p api
  "$assets/etcd" --data-dir api/etcd --listen-client-urls "http://127.0.0.1:$etcd_port" \
    --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls "http://127.0.0.1:$peer_port" \
    --unsafe-no-fsync >api/etcd.log 2>&1 &
  ETCD_PORT=$etcd_port
  openssl genrsa -out api/service-account.key 2048 2>/dev/null
  cat >api/tokens.csv <<EOF
admin-token,admin,admin,"system:masters"
alice-token,alice,alice,"developers"
clonegate-token,clonegate,clonegate
certificates-token,certificates,certificates
EOF
  run-apiserver
}

# API_FLAGS, an array that a scenario may set, is given to it as well. API_HOST, 127.0.0.1 unless it was set, is where
# it listens, as a URL has it.
API_HOST=127.0.0.1
# The API server itself, on what start-apiserver made; ready on return.
run-apiserver() {
  # Told (RFC 5737, RFC 3849), since it would be found by the default route: a machine without a network has none.
  local advertised=192.0.2.1
  [ "$API_HOST" = 127.0.0.1 ] || advertised=2001:db8::1
  "$assets/kube-apiserver" --etcd-servers "http://127.0.0.1:$ETCD_PORT" --secure-port "$API_PORT" \
    --advertise-address "$advertised" \
    --bind-address "$(tr -d '[]' <<<"$API_HOST")" --cert-dir api/pki --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file api/service-account.key --service-account-signing-key-file api/service-account.key \
    --token-auth-file api/tokens.csv --authorization-mode RBAC --service-cluster-ip-range "${API_SERVICES:-10.96.0.0/24}" \
    --disable-admission-plugins ServiceAccount --allow-privileged "${API_FLAGS[@]}" >>api/apiserver.log 2>&1 &
  API_PID=$!
  wait-for 90 as admin get --raw /readyz
}

# as USER KUBECTL-WORDS...: kubectl with that user's token.
as() {
  local user=$1; shift
  "$assets/kubectl" --server "https://$API_HOST:$API_PORT" --insecure-skip-tls-verify \
    --token "$user-token" --cache-dir api/cache "$@"
}

# restart-apiserver: it goes away for a moment, and comes back with what etcd holds.
restart-apiserver() {
  { kill -KILL "$API_PID"; wait "$API_PID"; } 2>/dev/null
  run-apiserver
}

# ask METHOD PATH [CURL-WORD...]: the administrator's request, for where the time that kubectl needs to start would count.
ask() {
  local method=$1 path=$2; shift 2
  curl -sSk -X "$method" -H 'Authorization: Bearer admin-token' "https://$API_HOST:$API_PORT$path" "$@"
}

# crds-served: every CRD is established, and objects of its kind can be asked for. `kubectl wait` ends at once, in failure,
# while a CRD has no conditions at all, and the API server serves a kind a moment after it says so.
crds-served() {
  local crd
  wait-for 30 as admin wait --for=condition=Established crd --all --timeout 30s || return 1
  for crd in $(as admin get crd -o jsonpath='{.items[*].metadata.name}'); do
    wait-for 30 as admin get "$crd" -A || return 1
  done
}

# may-clone USER: the API server itself knows that the user has the right to clone the disk; from then on so must the gate,
# which asks it before it refuses.
may-clone() {
  as admin auth can-i create datavolumes.cdi.kubevirt.io/my-favorite-vm-disk --subresource source -n source-namespace --as "$1"
}

# grant: the right to clone the disk, for the ServiceAccount `default` of the target's namespace.
grant() {
  as admin apply -f grant.yaml >/dev/null 2>&1; wait-for 10 may-clone system:serviceaccount:destination-namespace:default
}

# certificates: the gate's serving certificate, under certs/.
certificates() { clonegate certs init --dir certs --host localhost >certs.log; }

# kubeconfig: how the user clonegate reaches this API server. Put in place whole: somebody may be reading it.
kubeconfig() {
  # The API server signed its own certificate for loopback: it is its own authority.
  cat >kubeconfig.new <<EOF
apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: "https://$API_HOST:$API_PORT", certificate-authority: api/pki/apiserver.crt}}]
users: [{name: clonegate, user: {token: clonegate-token}}]
contexts: [{name: test, context: {cluster: test, user: clonegate}}]
EOF
  mv kubeconfig.new kubeconfig
}

# new-key [AGE]: one more key to stamp accepted clones with, made AGE seconds ago.
new-key() {
  local id=$(($(date +%s) - ${1:-0})) key
  key=$(head -c 32 /dev/urandom | base64 -w0)
  as admin -n clonegate create secret generic clonegate-keys >/dev/null 2>&1
  as admin -n clonegate patch secret clonegate-keys -p "{\"data\":{\"$id\":\"$key\"}}" >/dev/null
}

# not-ready-for TEXT: whether the gate says so.
not-ready-for() { curl -sS "http://127.0.0.1:$HEALTH_PORT/readyz" | grep -q "$1"; }

# cluster-objects: CRDs, namespaces, the source's claim, and the user clonegate with every right.
cluster-objects() {
  as admin apply -f crds.yaml >/dev/null && crds-served
  for namespace in clonegate source-namespace destination-namespace; do as admin create namespace $namespace; done >/dev/null
  as admin create clusterrolebinding clonegate-tests --clusterrole=cluster-admin --user=clonegate >/dev/null
  as admin -n source-namespace apply -f - >/dev/null <<'EOF'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: my-favorite-vm-disk}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 16Mi}}
EOF
}

# start-cluster-gate [FLAG...]: the gate of this API server on free ports, as the user clonegate. Ready on return.
start-cluster-gate() {
  GATE_PORT=$(free-port) HEALTH_PORT=$(free-port)
  kubeconfig
  serve-cluster "$@" &
  GATE_PID=$!
  wait-for 20 curl -fsS "http://127.0.0.1:$HEALTH_PORT/readyz" || { cat gate.log; return 1; }
}

# serve-cluster [FLAG...]: the gate itself, where start-cluster-gate put it.
serve-cluster() {
  exec clonegate serve --kubeconfig kubeconfig --listen "127.0.0.1:$GATE_PORT" \
    --health-listen "127.0.0.1:$HEALTH_PORT" --tls-cert certs/tls.crt --tls-key certs/tls.key "$@" >gate.log 2>&1
}

# gate-for-alice: an API server that asks a gate before alice's group `developers` may create what is to be judged.
gate-for-alice() {
  local objects=datavolumes.cdi.kubevirt.io,virtualmachines.kubevirt.io
  certificates && start-apiserver && cluster-objects && new-key && start-cluster-gate || return 1
  as admin create clusterrole creator --verb='*' --resource="$objects" >/dev/null
  as admin create clusterrolebinding developers-create --clusterrole=creator --group=developers >/dev/null
  clonegate manifests --url "https://localhost:$GATE_PORT" --ca certs/ca.crt | as admin apply -f - >/dev/null
  wait-for 20 refused dv.yaml
}

# compact-etcd: etcd forgets every version but the present one, so that a watch from an older one has expired.
compact-etcd() {
  local etcd=http://127.0.0.1:$ETCD_PORT/v3/kv revision
  revision=$(curl -sS "$etcd/range" -d '{"key":"AA==","limit":"1"}' | sed 's/.*"revision":"\([0-9]*\)".*/\1/')
  curl -sS "$etcd/compaction" -d "{\"revision\":\"$revision\",\"physical\":true}" | grep -q '"header"'
}

# metric TEXT: the value of the gate's metric whose name and labels begin with TEXT.
metric() { curl -sS "http://127.0.0.1:$HEALTH_PORT/metrics" | grep -F "$1" | grep -v '^#' | head -1 | sed 's/.* //'; }

# refused FILE: whether alice may not create it for want of a right.
refused() { as alice create -f "$1" --dry-run=server 2>&1 | grep -q "is not allowed"; }

# start-controller-manager: binds claims to volumes, and removes what the end of an owner or a namespace leaves behind.
start-controller-manager() {
  local kubeconfig=api/controller-manager.kubeconfig
  cat >$kubeconfig <<EOF
apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$API_PORT", certificate-authority: pki/apiserver.crt}}]
users: [{name: admin, user: {token: admin-token}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
EOF
  "$assets/kube-controller-manager" --kubeconfig $kubeconfig --leader-elect=false --secure-port 0 \
    --controllers persistentvolume-binder-controller,garbage-collector-controller,namespace-controller,persistentvolumeclaim-protection-controller \
    --pv-recycler-pod-template-filepath-hostpath= >api/controller-manager.log 2>&1 &
}

# cluster-crds: the product's own.
cluster-crds() {
  as admin apply -k "$ROOT/deploy/base/crds" >/dev/null && crds-served
}

# start-control [FLAG...]: one replica of the controller, as the user clonegate; its pid in CONTROL_PID.
start-control() {
  CONTROL_HEALTH=$(free-port)
  clonegate control --kubeconfig kubeconfig --health-listen "127.0.0.1:$CONTROL_HEALTH" "$@" >>control.log 2>&1 &
  CONTROL_PID=$!
  wait-for 20 curl -fsS "http://127.0.0.1:$CONTROL_HEALTH/readyz" >/dev/null
}

# bound-disks: two claims bound to local volumes of node-a, below host/, the source's with an image.
bound-disks() {
  mkdir -p host/srv/source host/srv/target
  head -c 40M /dev/urandom >host/srv/source/disk.img && truncate -s 64M host/srv/source/disk.img
  local side claim
  for side in source target; do
    claim=my-favorite-vm-disk; [ $side = target ] && claim=cloner-datavolume
    local namespace=source-namespace; [ $side = target ] && namespace=destination-namespace
    as admin apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: $claim, namespace: $namespace}
spec: {accessModes: [ReadWriteOnce], volumeName: $side-volume, storageClassName: "", resources: {requests: {storage: 16Mi}}}
EOF
    as admin apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolume
metadata: {name: $side-volume}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  local: {path: /srv/$side}
  claimRef: {namespace: $namespace, name: $claim, uid: $(as admin -n $namespace get pvc $claim -o jsonpath='{.metadata.uid}')}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-a]}]}]}}
EOF
  done
}

# uid LETTER: the uid of a DataVolume that is not there; order LETTER: the VolumeCopy for it.
uid() { printf '%s0000000-0000-4000-8000-000000000000\n' "$1"; }
disk-of() {
  printf '{namespace: %s, claim: %s, claimUID: %s, volume: %s-volume,\n    volumeMode: Filesystem,\n    volumeUID: %s\n    }' "$2" "$3" \
    "$(as admin -n "$2" get pvc "$3" -o jsonpath='{.metadata.uid}')" "$1" \
    "$(as admin get pv "$1-volume" -o jsonpath='{.metadata.uid}')"
}
order() {
  cat <<EOF
apiVersion: clonegate.dev/v1alpha1
kind: VolumeCopy
metadata: {name: $(uid "$1"), namespace: clonegate, labels: {clonegate.dev/node: node-a}, finalizers: [clonegate.dev/copier]}
spec:
  dataVolume: {namespace: destination-namespace, name: cloner-datavolume, uid: $(uid "$1")}
  source: $(disk-of source source-namespace my-favorite-vm-disk)
  target: $(disk-of target destination-namespace cloner-datavolume)
  nodeName: node-a
  preallocation: false
  verify: digest
  attempt: 1
EOF
}

# start-node [FLAG...], stop-node: the copier of node-a, whose file system is host/; its pid in NODE_PID.
start-node() {
  clonegate work --node node-a --kubeconfig kubeconfig --data data --host-root "$PWD/host" "$@" >>node.log 2>&1 &
  NODE_PID=$!
}
stop-node() { kill $NODE_PID; wait $NODE_PID; }

# local-volume NAME PATH [CLAIMREF]: a PersistentVolume of node-a.
local-volume() {
  as admin apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolume
metadata: {name: $1}
spec:
  capacity: {storage: 64Mi}
  accessModes: [ReadWriteOnce]
  storageClassName: local
  local: {path: $2}
  ${3:+claimRef: $3}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-a]}]}]}}
EOF
}

# clone-disks: a class, a node, the source's volume with an image, and three free volumes, below host/.
clone-disks() {
  mkdir -p host/srv/source host/srv/one host/srv/two host/srv/three
  head -c 60M /dev/urandom >host/srv/source/disk.img && truncate -s 64M host/srv/source/disk.img
  as admin apply -f - >/dev/null <<EOF
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/no-provisioner
---
apiVersion: v1
kind: Node
metadata: {name: node-a, labels: {kubernetes.io/hostname: node-a}}
EOF
  as admin -n source-namespace delete pvc my-favorite-vm-disk >/dev/null
  as admin -n source-namespace apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: my-favorite-vm-disk}
spec: {accessModes: [ReadWriteOnce], storageClassName: local, resources: {requests: {storage: 64Mi}}}
EOF
  local-volume source-volume /srv/source '{namespace: source-namespace, name: my-favorite-vm-disk}'
  local-volume one /srv/one '{namespace: destination-namespace, name: cloner-datavolume}'
  local-volume two /srv/two '{namespace: destination-namespace, name: second}'
  local-volume three /srv/three '{namespace: destination-namespace, name: third}'
  sed -i 's/storage: 16Mi/storage: 64Mi/' dv.yaml
}

# account-kubeconfig NAMESPACE NAME [FLAG...]: how that ServiceAccount reaches this API server, in the file kubeconfig.
account-kubeconfig() {
  local namespace=$1; shift
  kubeconfig
  sed -i "s/token: clonegate-token/token: $(as admin -n "$namespace" create token "$@")/" kubeconfig
}

# audited: the API server writes who asked for what, and was refused, to api/audit.log. Before start-apiserver.
audited() {
  mkdir -p api
  printf '%s\n' 'apiVersion: audit.k8s.io/v1' 'kind: Policy' 'omitStages: [RequestReceived]' 'rules: [{level: Metadata}]' >api/audit.yaml
  API_FLAGS+=(--audit-policy-file api/audit.yaml --audit-log-path api/audit.log --audit-log-mode blocking-strict)
}

# take-all NAMESPACE ACCOUNT SECONDS: its permissions, which come back one by one as they are missed (grants.py).
take-all() {
  python3 "$SCENARIOS/grants.py" "https://127.0.0.1:$API_PORT" api/audit.log "$@" >"$2.grants" 2>"$2.missed" &
  GRANTS_PID=$!
  wait-for 10 grep -q permissions "$2.grants"
}

# block-disk: the target of bound-disks as a Block volume of the same claim, at /dev-node below host/.
block-disk() {
  local claim=cloner-datavolume namespace=destination-namespace
  as admin -n $namespace delete pvc $claim --wait=false >/dev/null
  as admin -n $namespace patch pvc $claim --type merge -p '{"metadata":{"finalizers":[]}}' >/dev/null 2>&1
  as admin delete pv target-volume --wait=false >/dev/null
  as admin patch pv target-volume --type merge -p '{"metadata":{"finalizers":[]}}' >/dev/null 2>&1
  as admin apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: $claim, namespace: $namespace}
spec: {accessModes: [ReadWriteOnce], volumeMode: Block, volumeName: target-volume, storageClassName: "", resources: {requests: {storage: 64Mi}}}
EOF
  as admin apply -f - >/dev/null <<EOF
apiVersion: v1
kind: PersistentVolume
metadata: {name: target-volume}
spec:
  capacity: {storage: 64Mi}
  volumeMode: Block
  accessModes: [ReadWriteOnce]
  local: {path: /dev-node}
  claimRef: {namespace: $namespace, name: $claim, uid: $(as admin -n $namespace get pvc $claim -o jsonpath='{.metadata.uid}')}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-a]}]}]}}
EOF
}

# through-line: from now on kubeconfigs lead to the API server through a line that cut-line cuts and mend-line mends.
through-line() {
  LINE_PORT=$(free-port)
  mend-line
  python3 "$SCENARIOS/line.py" "$LINE_PORT" "$API_PORT" line &
  wait-for 5 curl -sk --max-time 2 "https://127.0.0.1:$LINE_PORT/livez" >/dev/null
  sed -i "s/127.0.0.1:$API_PORT/127.0.0.1:$LINE_PORT/" kubeconfig
}
mend-line() { echo whole >line; }
cut-line() { echo reset >line; }

# commands HEADING [PAGE]: those below it in deploy/BREAK-GLASS.md, or PAGE. They are for kubectl, the administrator's.
commands() {
  awk -v heading="## $1" '$0 == heading {on = 1; next} /^## / {on = 0} on && /^    / {print substr($0, 5)}' \
    "$ROOT/${2:-deploy/BREAK-GLASS.md}"
}
kubectl() { as admin "$@"; }
