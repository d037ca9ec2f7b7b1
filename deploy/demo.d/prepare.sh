# Sourced by deploy/demo: packages, build, certificates, and a directory of our own.

# What the build needs, then what the demo uses: sfdisk, mkfs.ext4 and debugfs, losetup, cmp, curl, python3 (to read JSON).
packages=(libssl-dev libnghttp2-dev libsqlite3-dev pkg-config fdisk e2fsprogs util-linux diffutils curl python3-minimal)
binary=$PWD/.build/release/clonegate
# Source (sparse), its clones, and two loop devices of 2 GiB.
needed_kib=$((10 * 1024 * 1024))

prepare() {
  title "Installing and building"
  install-packages
  command -v swift >/dev/null || { say "swift is not installed: https://www.swift.org/install/linux"; exit 1; }
  swift build -c release --product clonegate
  clean-leftovers
  work=$(mktemp -d /var/tmp/clonegate-demo.XXXXXX)
  echo $$ > "$work/demo.pid"
  local free; free=$(df --output=avail -k "$work" | tail -1)
  [ "$free" -gt $needed_kib ] || { say "/var/tmp has $free KiB free; the demo needs $needed_kib"; exit 1; }
  make-certificates
}

install-packages() {
  local package missing=() as_root=()
  command -v dpkg-query >/dev/null || { say "not a Debian system: ${packages[*]} must be there"; return; }
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "run this as root once, or: apt-get install ${missing[*]}"; exit 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# A demo that was killed could not clean up. One that still runs is left alone.
clean-leftovers() {
  local old gate_of_old
  for old in /var/tmp/clonegate-demo.*; do
    [ -d "$old" ] && [ -O "$old" ] || continue
    ! runs "$(cat "$old/demo.pid" 2>/dev/null)" deploy/demo || continue
    gate_of_old=$(cat "$old/gate.pid" 2>/dev/null || true)
    if runs "$gate_of_old" "$old/objects"; then kill "$gate_of_old" || true; sleep 1; fi
    release "$old"
  done
}

# runs PID WORDS: whether the process is there and was started with these words.
runs() { [ -n "$1" ] && tr '\0' ' ' < "/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$2"; }

# Under certs/, as for a gate that stays; beside our files if somebody's are there already.
make-certificates() {
  certificates=certs
  if [ -e certs/ca.crt ] || [ -e certs/tls.crt ]; then certificates=$work/certs; else : > "$work/made-certificates"; fi
  command-line "clonegate certs init --dir $certificates --host localhost"
  "$binary" certs init --dir "$certificates" --host localhost | indented
}
