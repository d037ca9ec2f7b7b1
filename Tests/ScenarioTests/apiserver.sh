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
  openssl genrsa -out api/service-account.key 2048 2>/dev/null
  cat >api/tokens.csv <<EOF
admin-token,admin,admin,"system:masters"
alice-token,alice,alice,"developers"
EOF
  "$assets/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" --secure-port "$API_PORT" \
    --bind-address 127.0.0.1 --cert-dir api/pki --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file api/service-account.key --service-account-signing-key-file api/service-account.key \
    --token-auth-file api/tokens.csv --authorization-mode RBAC --service-cluster-ip-range 10.96.0.0/24 \
    --disable-admission-plugins ServiceAccount >api/apiserver.log 2>&1 &
  wait-for 90 as admin get --raw /readyz
}

# as USER KUBECTL-WORDS...: kubectl with that user's token.
as() {
  local user=$1; shift
  "$assets/kubectl" --server "https://127.0.0.1:$API_PORT" --insecure-skip-tls-verify \
    --token "$user-token" --cache-dir api/cache "$@"
}
