# Sourced by deploy/demo: 10.17.1 and 10.17.2, a disk cloned into a new DataVolume.

refused-without-a-grant() {
  title "10.17.2: alice clones a disk out of another namespace, and nobody has allowed it"
  indented '  | ' < deploy/examples/cloner-datavolume.yaml
  verify-that "10.17.2 without a grant: refused; names alice, the right, the namespace, and the command that grants it" \
    refusal-of-alice
  verify-that "10.17.2 without a grant: no job, no disk" nothing-was-made
}

refusal-of-alice() {
  try refused apply -f deploy/examples/cloner-datavolume.yaml -n destination-namespace --as alice &&
    says alice datavolumes/source source-namespace "kubectl create rolebinding"
}

nothing-was-made() { [ "$(cg jobs -o json)" = "[]" ] && [ ! -e "$copies/cloner-datavolume" ]; }

granted-and-copied() {
  title "10.17.1: the ClusterRole and the RoleBinding of the document"
  verify-that "10.17.1: ClusterRole and RoleBinding applied, without a restart" \
    try ok apply -f deploy/examples/datavolume-cloner.yaml -f deploy/examples/allow-clone-to-user.yaml
  title "10.17.2: the same DataVolume again"
  verify-that "10.17.2 with the grant: accepted" \
    try ok apply -f deploy/examples/cloner-datavolume.yaml -n destination-namespace --as alice
  verify-that "10.17.2: copied, with live progress" followed cloner-datavolume
  verify-that "10.17.2: the copy equals its source (clonegate verify, cmp, sha256)" \
    same "$source_disk" "$copies/cloner-datavolume/disk.img"
  verify-that "10.17.2: the copy is as sparse as its source" is-sparse "$copies/cloner-datavolume/disk.img"
  verify-that "10.17.2: a file inside the cloned file system reads as in the source" reads-the-file \
    "$copies/cloner-datavolume/disk.img"
}

# followed NAME: watches a copy to its end; the bar is on the terminal itself.
followed() {
  command-line "clonegate watch $1 -n destination-namespace"
  cg watch "$1" -n destination-namespace --timeout 300
  try ok get dv "$1" -n destination-namespace && says Succeeded
}

is-sparse() {
  say "  $(stat -c %s "$1") bytes long, $(du -k "$1" | cut -f1) KiB on disk; the source $(du -k "$source_disk" | cut -f1) KiB"
  [ "$(du -k "$1" | cut -f1)" -le $(($(du -k "$source_disk" | cut -f1) + 4096)) ]
}

reads-the-file() {
  local text
  text=$(debugfs -R 'cat /etc/hostname' "$1?offset=$((2048 * 512))" 2>/dev/null)
  say "  /etc/hostname in the clone: $text"
  [ "$text" = 'my favorite vm' ]
}
