# Sourced by deploy/demo: 10.17.4, clones into and out of block volumes.

loop=            # the device that was attached last

block-volumes() {
  title "10.17.4: block volumes"
  archive-is-refused
  if ! can-loop; then
    say "Loop devices need root and /dev/loop-control: this part is left out."
    shown skipped "10.17.4: clones onto loop devices (needs root)"
    return
  fi
  too-small
  right-size
  back-to-filesystem
}

can-loop() { [ "$(id -u)" = 0 ] && losetup --find > /dev/null 2>&1; }

archive-is-refused() {
  verify-that "10.17.4: contentType archive onto a block volume is refused" \
    try refused apply -f deploy/examples/archive-to-block.yaml -n destination-namespace --as alice
}

# block-volume FILE: attaches a file and puts the document's PersistentVolume over it.
block-volume() {
  loop=$(losetup --find --show "$1")
  say "  $1 ($(stat -c %s "$1") bytes) is $loop"
  sed "s#/dev/loop10#$loop#; s/node01/$(hostname)/" deploy/examples/local-block-pv10.yaml > "$work/local-block-pv10.yaml"
  indented '  | ' < "$work/local-block-pv10.yaml"
  try ok apply -f "$work/local-block-pv10.yaml"
}

# Exactly as the document makes it: 20 blocks of 100 MiB are 50,331,648 bytes short of 2Gi.
too-small() {
  title "10.17.4.4: the document's loop device: 20 blocks of 100M, and a PersistentVolume that says 2Gi"
  command-line "dd if=/dev/zero of=loop10 bs=100M count=20"
  dd if=/dev/zero of="$work/loop10" bs=100M count=20 2>&1 | indented
  verify-that "10.17.4: a local block volume that says 2Gi" block-volume "$work/loop10"
  verify-that "10.17.4: the clone is accepted, since the declared sizes fit" \
    try ok apply -f deploy/examples/cloner-datavolume-block.yaml -n destination-namespace --as alice
  verify-that "10.17.4: refused before the first byte, with both numbers: the device is 50,331,648 bytes short" short-device
  verify-that "10.17.4: not a byte of the device was written" untouched
  try ok delete dv cloner-datavolume-block -n destination-namespace --as alice
}

short-device() {
  command-line "clonegate watch cloner-datavolume-block -n destination-namespace"
  ! cg watch cloner-datavolume-block -n destination-namespace --timeout 60 || return 1
  try ok get dv cloner-datavolume-block -n destination-namespace -o yaml && says 2147483648 2097152000 50331648
}

untouched() { cmp "$loop" <(head -c "$(size-of "$loop")" /dev/zero); }

right-size() {
  title "10.17.4: a device of the right size"
  try ok delete pv local-block-pv10
  losetup --detach "$loop"
  rm "$work/loop10"
  command-line "dd if=/dev/zero of=loop10 bs=128M count=16"
  dd if=/dev/zero of="$work/loop10" bs=128M count=16 2>&1 | indented
  verify-that "10.17.4: a local block volume that is 2Gi" block-volume "$work/loop10"
  verify-that "10.17.4: Filesystem to Block: accepted" \
    try ok apply -f deploy/examples/cloner-datavolume-block.yaml -n destination-namespace --as alice
  verify-that "10.17.4: Filesystem to Block: copied" followed cloner-datavolume-block
  verify-that "10.17.4: Filesystem to Block: the device equals the source" same "$source_disk" "$loop"
}

back-to-filesystem() {
  title "10.17.4: from the block volume back into a file system"
  verify-that "10.17.4: Block to Filesystem with contentType kubevirt: accepted" \
    try ok apply -f deploy/examples/block-to-filesystem.yaml -n destination-namespace --as alice
  verify-that "10.17.4: Block to Filesystem: copied" followed block-to-filesystem
  verify-that "10.17.4: Block to Filesystem: the copy equals the device" same "$loop" "$copies/block-to-filesystem/disk.img"
  verify-that "10.17.4: Block to Filesystem with contentType archive: refused" \
    try refused apply -f deploy/examples/archive-to-filesystem.yaml -n destination-namespace --as alice
}
