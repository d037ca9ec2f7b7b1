# What a kubelet does for a pod of deploy/, for scenarios that run clonegate as the manifests say. After apiserver.sh;
# `# needs: root`.

# token-for NAMESPACE ACCOUNT TIME: what the kubelet mounts into that account's pods, swapped whole behind a link.
token-for() {
  local folder=mounts/$2 generation
  generation=..$RANDOM$RANDOM; mkdir -p "$folder/$generation"
  as admin -n "$1" create token "$2" --duration "$3" >"$folder/$generation/token"
  cp api/pki/apiserver.crt "$folder/$generation/ca.crt"; printf %s "$1" >"$folder/$generation/namespace"
  ln -s "$generation" "$folder/..new" && mv -T "$folder/..new" "$folder/..data"
  for name in token ca.crt namespace; do [ -L "$folder/$name" ] || ln -s "..data/$name" "$folder/$name"; done
}

# mounted-secret: the Secret clonegate-tls as files.
mounted-secret() {
  mkdir -p tls
  for name in tls.crt tls.key; do
    as admin -n clonegate get secret clonegate-tls -o "jsonpath={.data.${name/./\\.}}" | base64 -d >tls/$name
  done
}

# pod OWNER [ARGUMENT...]: becomes the command of its container, with the arguments that the manifests give it, and then
# these; the account's files are where a kubelet mounts them.
pod() {
  local account words
  account=$(as admin -n clonegate get "$1" -o jsonpath='{.spec.template.spec.serviceAccountName}')
  mapfile -t words < <(as admin -n clonegate get "$1" -o jsonpath='{range .spec.template.spec.containers[0].args[*]}{@}{"\n"}{end}')
  shift
  export KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=$API_PORT MOUNTED="$PWD/mounts/$account"
  exec unshare --mount bash -c '
    place=/run/secrets/kubernetes.io/serviceaccount
    mount -t tmpfs none /run && mkdir -p $place && mount --bind "$MOUNTED" $place && exec clonegate "$@"
  ' clonegate "${words[@]}" "$@"
}
