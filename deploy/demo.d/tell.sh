# Sourced by deploy/demo: what it says, what it checks, and how it leaves.

work=            # our directory; everything we make lies in it, loop devices are backed by files in it
results=()       # "ok|DIFFERS|skipped<tab>what was shown"
gate=            # process id

# Colours are for terminals.
if [ -t 1 ]; then bold=$'\033[1m' red=$'\033[31m' blue=$'\033[36m' plain=$'\033[0m'; else bold='' red='' blue='' plain=''; fi

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*"; }
command-line() { printf '%s$ %s%s\n' "$blue" "$*" "$plain"; }
indented() { sed "s/^/${1:-  }/"; }

# shown ok|DIFFERS|skipped WHAT: a row of the table at the end.
shown() {
  results+=("$1"$'\t'"$2")
  [ "$1" != DIFFERS ] || say "${red}DIFFERS: $2$plain"
}

# verify-that WHAT COMMAND...: a row that depends on a command; its output is shown.
verify-that() {
  local what=$1; shift
  if "$@"; then shown ok "$what"; else shown DIFFERS "$what"; fi
}

# cg ARGUMENTS...: clonegate, with where the gate and its data are taken from a configuration file.
cg() { "$binary" "$@" --config "$work/demo.yaml"; }

# try ok|refused ARGUMENTS...: shows the command and what came back (also in $output); false if it went the other way.
try() {
  local expected=$1 code=0; shift
  command-line "clonegate $*"
  cg "$@" > "$work/output" 2>&1 || code=$?
  output=$(cat "$work/output")
  indented < "$work/output"
  case $expected in
    ok) [ $code = 0 ] ;;
    refused) [ $code = 1 ] ;;
  esac
}

# says WORDS...: whether the last output has all of them.
says() {
  local word
  for word; do
    case $output in *"$word"*) ;; *) say "  (the answer does not say \"$word\")"; return 1 ;; esac
  done
}

# same SOURCE COPY: proves two disks equal, three ways.
same() {
  local sum
  command-line "clonegate verify $1 $2"
  "$binary" verify "$1" "$2" --progress off 2>&1 | indented || return 1
  cmp "$1" "$2" || return 1
  # All disks here are copies of one source, which does not change: its digest is made once.
  [ -n "$source_sum" ] || source_sum=$(sha256sum < "$source_disk")
  sum=$(sha256sum < "$2")
  say "  cmp finds no difference; sha256 of the source and of the copy:"
  printf '%s\n' "$source_sum" "$sum" | indented
  [ "$sum" = "$source_sum" ]
}
source_sum=

size-of() { if [ -b "$1" ]; then blockdev --getsize64 "$1"; else stat -c %s "$1"; fi; }

# field PATH-IN-JQ-STYLE: picks one value out of the JSON on standard input.
field() {
  python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."): value = value[int(key) if key.isdigit() else key]
print(value)' "$1"
}

# Runs whatever happened: nothing that we started or attached stays behind.
leave() {
  local code=$? device
  trap - EXIT
  [ -z "$gate" ] || { kill "$gate" 2>/dev/null; wait "$gate" 2>/dev/null; } || true
  [ -z "$work" ] || release "$work"
  report || code=1
  exit $code
}

# release DIRECTORY: detaches the loop devices over its files, and removes it with the certificates made for it.
release() {
  local device
  [ ! -e "$1/made-certificates" ] || rm -f certs/ca.crt certs/ca.key certs/tls.crt certs/tls.key
  if [ "$(id -u)" = 0 ]; then
    for device in $(losetup --list --noheadings --output NAME,BACK-FILE | awk -v d="$1/" 'index($2, d) == 1 {print $1}'); do
      losetup --detach "$device" || true
    done
  fi
  rm -rf "$1"
}

report() {
  local row differs=0
  [ ${#results[@]} -gt 0 ] || return 0
  title "What was shown"
  for row in "${results[@]}"; do
    printf '%-8s %s\n' "${row%%$'\t'*}" "${row#*$'\t'}"
    case $row in DIFFERS*) differs=1 ;; esac
  done
  return $differs
}
