# Sourced by deploy/demo: 10.17.3, a virtual machine whose template brings a clone of the disk.

virtual-machine() {
  title "10.17.3: a virtual machine with a dataVolumeTemplate"
  indented '  | ' < deploy/examples/vm-clone-datavolumetemplate.yaml
  verify-that "10.17.3: the machine is accepted" \
    try ok apply -f deploy/examples/vm-clone-datavolumetemplate.yaml -n destination-namespace --as alice
  verify-that "10.17.3: its DataVolume is not ready before its disk is" waits-for-its-disk
  verify-that "10.17.3: allowed because of the machine's ServiceAccount, as the gate's log says" asked-for-the-account
  verify-that "10.17.3: the template's defaults were filled in" template-is-filled
  verify-that "10.17.3: the template became a DataVolume that the machine owns, with a job of its own" owned-by-machine
  verify-that "10.17.3: the clone equals its source" same "$source_disk" "$copies/favorite-clone/disk.img"
  title "10.17.3: the machine is deleted"
  verify-that "10.17.3: deleting the machine deletes its DataVolume and its disk" machine-is-deleted
  verify-that "10.17.2: the independent DataVolume and its disk are still there" independent-stays
}

ready() {
  cg get dv favorite-clone -n destination-namespace -o json |
    python3 -c 'import json, sys
status = json.load(sys.stdin)["status"]
print({c["type"]: c["status"] for c in status["conditions"]}["Ready"], status["phase"])'
}

# Asks until the clone is there; whenever it is not Succeeded, it must not be Ready.
waits-for-its-disk() {
  local state earlier=0
  while state=$(ready); do
    case $state in
      "True Succeeded") say "  asked $earlier times before the disk was there: not Ready; now: $state"; break ;;
      "False "*) earlier=$((earlier + 1)); [ $earlier -lt 600 ] || return 1 ;;
      *) say "  $state"; return 1 ;;
    esac
    sleep 0.05
  done
  [ $earlier -gt 0 ]
}

asked-for-the-account() {
  local line
  line=$(grep '"kind":"VirtualMachine"' "$work/gate.log" | grep '"webhook":"/validate"' | tail -1)
  say "  $line"
  case $line in *"ServiceAccount destination-namespace/default"*) ;; *) return 1 ;; esac
}

template-is-filled() {
  local type
  type=$(cg get vm vm-dv-clone -n destination-namespace -o json | field spec.dataVolumeTemplates.0.spec.contentType)
  say "  spec.dataVolumeTemplates[0].spec.contentType: $type"
  [ "$type" = kubevirt ]
}

owned-by-machine() {
  local machine owner
  machine=$(cg get vm vm-dv-clone -n destination-namespace -o json | field metadata.uid) &&
    owner=$(cg get dv favorite-clone -n destination-namespace -o json | field metadata.ownerReferences.0.uid) &&
    try ok jobs -n destination-namespace && say "  machine $machine, owner of favorite-clone $owner" && [ "$machine" = "$owner" ]
}

machine-is-deleted() {
  try ok delete vm vm-dv-clone -n destination-namespace --as alice &&
    ! cg get dv favorite-clone -n destination-namespace > /dev/null 2>&1 && [ ! -e "$copies/favorite-clone" ]
}

independent-stays() {
  try ok get dv -n destination-namespace && says cloner-datavolume && [ -s "$copies/cloner-datavolume/disk.img" ]
}
