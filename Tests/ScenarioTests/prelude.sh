# Sourced by every scenario: what a session may use beside the binary. Nothing here judges.

# Everything the session started ends with it: asked first, then made to.
end-session() {
  local left
  kill $(jobs -p) 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    left=$(jobs -pr); [ -n "$left" ] || return 0
    sleep 0.1
  done
  kill -KILL $left 2>/dev/null
}
trap end-session EXIT

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
