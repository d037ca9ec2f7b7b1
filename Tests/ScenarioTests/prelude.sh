# Sourced by every scenario: what a session may use beside the binary. Nothing here judges.

trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null' EXIT

# wait-for SECONDS COMMAND...: until the command succeeds; fails when the time is up.
wait-for() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "timed out waiting for: $*"; return 1; }
    sleep 0.1
  done
}

# free-port: a port on loopback that nobody uses now.
free-port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
