# Sourced by deploy/demo: the source disk, the objects of the "cluster", the gate.

source_disk=
copies=          # where claims that name no volume are kept

# A disk as a virtual machine has it: a partition table, a file system with files in it, and much that was never written.
make-source-disk() {
  title "A source disk of 2 GiB: a partition table, ext4 with files in it, the rest never written"
  mkdir -p "$work/files/etc" "$work/source" "$work/objects"
  source_disk=$work/source/disk.img
  echo 'my favorite vm' > "$work/files/etc/hostname"
  head -c 300M /dev/urandom > "$work/files/database"
  truncate --size 2G "$source_disk"
  echo 'start=2048, type=83, bootable' | sfdisk --quiet "$source_disk"
  mkfs.ext4 -q -F -d "$work/files" -E offset=$((2048 * 512)) "$source_disk" 2046M
  rm -r "$work/files"
  sfdisk --list "$source_disk" | indented
  say "  $(stat -c %s "$source_disk") bytes long, $(du -k "$source_disk" | cut -f1) KiB on disk"
}

# What an administrator has set up: two namespaces, and the source's claim with its volume.
make-objects() {
  cat > "$work/objects/cluster.yaml" <<EOF
apiVersion: v1
kind: Namespace
metadata: {name: source-namespace}
---
apiVersion: v1
kind: Namespace
metadata: {name: destination-namespace}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: favorite-volume}
spec:
  hostPath: {path: $work/source}
  capacity: {storage: 2Gi}
  volumeMode: Filesystem
  accessModes: [ReadWriteOnce]
  claimRef: {namespace: source-namespace, name: my-favorite-vm-disk}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: my-favorite-vm-disk, namespace: source-namespace}
spec:
  volumeName: favorite-volume
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 2Gi}}
EOF
}

start-gate() {
  make-source-disk
  make-objects
  title "The gate, with its worker"
  copies=$work/data/volumes/destination-namespace
  : > "$work/gate.log"
  "$binary" serve --standalone "$work/objects" --data "$work/data" --listen 127.0.0.1:0 \
    --health-listen 127.0.0.1:0 --tls-cert "$certificates/tls.crt" --tls-key "$certificates/tls.key" 2>> "$work/gate.log" &
  gate=$!
  echo $gate > "$work/gate.pid"
  local address health
  for _ in $(seq 100); do
    address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$work/gate.log")
    health=$(sed -n 's/.*"health":"\([^"]*\)".*/\1/p' "$work/gate.log")
    if [ -n "$health" ] && curl -sf "$health/readyz" > "$work/readyz"; then break; fi
    kill -0 $gate 2>/dev/null || { cat "$work/gate.log"; say "the gate did not start"; exit 1; }
    sleep 0.1
  done
  printf 'server: %s\nca: %s\nstandalone: %s\ndata: %s\n' \
    "$address" "$certificates/ca.crt" "$work/objects" "$work/data" > "$work/demo.yaml"
  say "serving $address; $health/readyz says:"
  indented < "$work/readyz"
  say "(the commands below also take --config, with these: $(paste -sd' ' "$work/demo.yaml"))"
}

stop-gate() {
  title "Leaving"
  local code=0
  kill -TERM $gate
  wait $gate || code=$?
  gate=
  verify-that "SIGTERM: the gate and its worker leave, exit code 0" [ $code = 0 ]
}
