"""A webhook that allows everything, when it may: `hold.py PORT CERT KEY`.

Each review makes the file `asked`, and is answered once there is a file `go`. It judges by nothing, so that a request to
the API server is under way for as long as a scenario wants."""
import http.server, json, os, ssl, sys, time

port, certificate, key = sys.argv[1:]


class Hold(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        open("asked", "w").close()
        while not os.path.exists("go"):
            time.sleep(0.02)
        answer = {"uid": review["request"]["uid"], "allowed": True}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": answer}).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # Nobody waits for it any more.

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Hold)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
