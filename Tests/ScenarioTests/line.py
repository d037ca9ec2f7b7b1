"""A TCP line between a client and a server on loopback, cut on request: `line.py PORT SERVER-PORT STATE-FILE`.

The file says what the line does, and is read all the time: `whole`; `silent`, where connections stay and nothing
passes; `reset`, where every connection is reset, new ones too.
"""
import select, socket, struct, sys, threading, time

port, server, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def state():
    try:
        return open(path).read().strip()
    except OSError:
        return "whole"


def relay(client):
    upstream = socket.socket()
    ends = {client: upstream, upstream: client}
    try:
        upstream.connect(("127.0.0.1", server))
        while True:
            now = state()
            if now == "reset":
                for end in ends:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if now == "silent":
                time.sleep(0.02)
                continue
            for end in select.select(list(ends), [], [], 0.02)[0]:
                data = end.recv(1 << 16)
                if not data:
                    return
                ends[end].sendall(data)
    except OSError:
        pass
    finally:
        client.close()
        upstream.close()


listener = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=relay, args=(listener.accept()[0],), daemon=True).start()
