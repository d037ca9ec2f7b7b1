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
trap 'end-session; detach-devices' EXIT

# loop-device FILE SIZE: a new file of that size as a block device, which goes when the session ends. Prints its path.
loop-device() {
  truncate -s "$2" "$1"
  /sbin/losetup --find --show "$1" | tee -a loop-devices
}

detach-devices() {
  [ ! -e loop-devices ] || xargs -n 1 /sbin/losetup --detach <loop-devices
}

# wait-for SECONDS COMMAND...: until the command succeeds; fails when the time is up. SECONDS are what a machine with
# nothing else to do needs at most; a busy one gets a minute and a half more, since only what hangs waits to the end.
wait-for() {
  local end=$((SECONDS + $1 + 90)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "timed out waiting for: $*"; return 1; }
    sleep 0.1
  done
}

# free-port: a port that nobody uses now, that the system gives to no connection of a client before it is used, and that
# this session was not given before.
free-port() {
  python3 - <<'END'
import os, random, socket
with open("/proc/sys/net/ipv4/ip_local_port_range") as range_of_clients:
    first = int(range_of_clients.read().split()[0])
while True:
    port = random.randrange(min(10000, first // 2), first)
    try:
        socket.socket().bind(("", port))
        os.close(os.open(f".port-{port}", os.O_CREAT | os.O_EXCL))
        break
    except OSError:
        pass
print(port)
END
}

# start-gate MANIFESTS [FLAG...]: the gate with its worker on free ports (GATE_PORT, HEALTH_PORT), certificates under
# certs/, data under data/. Returns when it is ready.
start-gate() {
  local manifests=$1; shift
  GATE_PORT=$(free-port) HEALTH_PORT=$(free-port)
  export GATE_PORT HEALTH_PORT
  [ -e certs/tls.crt ] || clonegate certs init --dir certs --host localhost >certs.log || return 1
  clonegate serve --standalone "$manifests" --data data --listen "127.0.0.1:$GATE_PORT" \
    --health-listen "127.0.0.1:$HEALTH_PORT" --tls-cert certs/tls.crt --tls-key certs/tls.key "$@" >gate.log 2>&1 &
  GATE_PID=$!
  wait-for 20 curl -fsS "http://127.0.0.1:$HEALTH_PORT/readyz" || { cat gate.log; return 1; }
}

# gate WORDS...: a clonegate command that talks to the gate of start-gate.
gate() {
  local command=$1; shift
  clonegate "$command" --server "https://127.0.0.1:$GATE_PORT" --ca certs/ca.crt --standalone "${MANIFESTS:-manifests}" \
    --data data "$@"
}

# reloads: how often the gate has read its manifests.
reloads() {
  curl -sS "http://127.0.0.1:$HEALTH_PORT/metrics" | sed -n 's/^clonegate_policy_reloads_total{result="success"} //p'
}

# make-disk FILE SIZE: a sparse image that is SIZE long and has a few MiB of data in it.
make-disk() {
  mkdir -p "$(dirname "$1")"
  truncate -s "$2" "$1"
  head -c 3145728 /dev/urandom | dd of="$1" bs=4096 seek=100 conv=notrunc status=none
}

# manifests: the shared examples, copied into the session's directory.
manifests() { cp -r "$SCENARIOS"/Manifests/* . && mv standalone manifests; }

# ended NAME PHASE: whether the DataVolume's job ended so.
ended() {
  clonegate jobs --data data -o json | python3 -c '
import json, sys
name, phase = sys.argv[1:]
sys.exit(0 if any(j["name"] == name and j["phase"] == phase and j["ended"] for j in json.load(sys.stdin)) else 1)
' "$1" "$2"
}

# kill-gate: SIGKILL to the gate and to its worker, and nothing said about it.
kill-gate() {
  { kill -KILL "$GATE_PID"; pkill -KILL -f "clonegate work --data $PWD/data"; wait "$GATE_PID"; } 2>/dev/null
  return 0
}
