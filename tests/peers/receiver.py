"""A receiver of webhooks that answers as its path says, and records what it was sent.

    /204                      204
    /success/TEXT             200 {"response": "SUCCESS", "msg": TEXT}
    /failure/TEXT             200 {"response": "FAILURE", "msg": TEXT}
    /malformed                200 with something else
    /status/CODE              that status, with a body that says SUCCESS
    /flaky/N                  500 to the first N attempts with one webhook-id, then 204
    /wait/CODE?VALUE          that status with `Retry-After: VALUE`
    /redirect/CODE?URL        that status with `Location: URL`
    /nap/SECONDS              204, after some time
    /hold                     no answer to the first attempt with one webhook-id before the
                              file `go` lies beside the journal; then 204
    /slow-header              one byte of the header each second
    /slow-body                a header, then one byte of the body each second
    /hang                     no answer
    /hang-body                a header, and no body
    /endless                  a body without end
    /reset                    closes at once
    /reset-body               closes in the middle of the body
    /garbage                  no HTTP
    /huge-header              a header of 2 MiB
    /gzip                     a small body that says it is packed

With `--secret`, what has no valid signature (by the `standardwebhooks` package) is
answered 401, before anything else; with `--any-time`, signatures of any time are valid.
"""

import argparse
import base64
import json
import pathlib
import socket
import ssl
import struct
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from ready import Journal, say_ready

try:
    from standardwebhooks.webhooks import Webhook
except ImportError as error:
    sys.exit(f"{error}; run .ci/setup")


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Another name than Python's, and none of its version.
    server_version = "receiver"
    sys_version = ""

    def do_POST(self):
        server = self.server
        with server.lock:
            server.busy += 1
            server.most = max(server.most, server.busy)
        try:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            verified = self.verify(body)
            self.record(body, verified)
            if verified is False:
                self.answer(401)
            else:
                self.act()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True
        finally:
            with server.lock:
                server.busy -= 1

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

    def verify(self, body):
        if not self.server.secret:
            return None
        try:
            secret = self.server.secret
            # What has no prefix is taken for its bytes, as we do; the package wants base64.
            webhook = Webhook(secret if secret.startswith("whsec_") else secret.encode())
            webhook.verify(body, dict(self.headers.items()), json_parse=False)
            return True
        except Exception as error:
            print(f"not verified: {error!r}", file=sys.stderr, flush=True)
            return False

    def record(self, body, verified):
        try:
            text = {"body": body.decode()}
        except UnicodeDecodeError:
            text = {"body_base64": base64.b64encode(body).decode()}
        self.server.journal.write(
            method=self.command,
            path=self.path,
            headers=[[name.lower(), value] for name, value in self.headers.items()],
            verified=verified,
            connection=self.client_address[1],
            busy=self.server.busy,
            at=time.time(),
            **text,
        )

    def act(self):
        path, _, query = self.path.partition("?")
        _, verb, *rest = path.split("/", 2)
        argument = unquote(rest[0]) if rest else ""
        getattr(self, "act_" + verb.replace("-", "_"), self.act_unknown)(argument, query)

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say(self, verdict, text, status=200):
        body = json.dumps({"response": verdict, "msg": text}).encode()
        self.answer(status, body, [("content-type", "application/json")])

    def act_unknown(self, argument, query):
        self.answer(404)

    def act_204(self, argument, query):
        self.answer(204)

    def act_success(self, text, query):
        self.say("SUCCESS", text)

    def act_failure(self, text, query):
        self.say("FAILURE", text)

    def act_malformed(self, argument, query):
        self.answer(200, b"<html>fine, thank you</html>")

    def act_status(self, code, query):
        self.say("SUCCESS", "a status should win over this", int(code))

    def act_flaky(self, times, query):
        key = self.headers.get("webhook-id") or self.headers.get("idempotency-key")
        with self.server.lock:
            seen = self.server.seen.get(key, 0)
            self.server.seen[key] = seen + 1
        self.answer(500 if seen < int(times) else 204)

    def act_wait(self, code, query):
        self.answer(int(code), headers=[("retry-after", unquote(query))])

    def act_redirect(self, code, query):
        self.answer(int(code), headers=[("location", query)])

    def act_nap(self, seconds, query):
        time.sleep(float(seconds))
        self.answer(204)

    def act_hold(self, argument, query):
        key = self.headers.get("webhook-id")
        with self.server.lock:
            first = key not in self.server.seen
            self.server.seen[key] = 1
        while first and not self.server.go.exists():
            if self.server.stop.wait(0.01):
                return
        self.answer(204)

    def act_slow_header(self, argument, query):
        self.drip(b"HTTP/1.1 204 No Content\r\n" + b"x-pad: 1\r\n" * 100 + b"\r\n")

    def act_slow_body(self, argument, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        self.drip(b"x" * 100)

    def act_hang(self, argument, query):
        self.server.stop.wait(120)

    def act_hang_body(self, argument, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        self.server.stop.wait(120)

    def act_endless(self, argument, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        sent = 0
        try:
            while True:
                self.wfile.write(b"x" * 4096)
                sent += 4096
        finally:
            self.server.journal.write(endless=sent)

    def act_reset(self, argument, query):
        self.reset()

    def act_reset_body(self, argument, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nxxx")
        self.wfile.flush()
        time.sleep(0.1)
        self.reset()

    def act_garbage(self, argument, query):
        self.wfile.write(b"220 this is a mail server\r\n")
        self.close_connection = True

    def act_huge_header(self, argument, query):
        self.wfile.write(b"HTTP/1.1 204 No Content\r\nx-huge: " + b"x" * 2**21 + b"\r\n\r\n")

    def act_gzip(self, argument, query):
        body = base64.b64decode("H4sIAAAAAAAAAytKLS7Jz00FAJUzB0sHAAAA")
        self.answer(200, body, [("content-encoding", "gzip")])

    def drip(self, data):
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.stop.wait(1):
                return

    def reset(self):
        # Closing with this option set sends a reset instead of a good-bye.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        print(f"{client_address}: {sys.exc_info()[1]!r}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready", required=True, help="where to write the port")
    parser.add_argument("--log", required=True, help="where to write the requests")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen")
    parser.add_argument("--port", type=int, default=0, help="where to listen")
    parser.add_argument("--secret", help="what to verify signatures with")
    parser.add_argument("--any-time", action="store_true", help="old signatures are fine")
    parser.add_argument("--cert", help="certificate and key; makes it HTTPS")
    options = parser.parse_args()
    server = Server((options.host, options.port), Receiver)
    server.journal = Journal(options.log)
    server.go = pathlib.Path(options.log).with_name("go")
    server.secret = options.secret
    if options.any_time:
        Webhook._Webhook__verify_timestamp = lambda _, header: datetime.fromtimestamp(
            int(header), tz=timezone.utc
        )
    server.lock = threading.Lock()
    server.stop = threading.Event()
    server.seen = {}
    server.busy = server.most = 0
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    say_ready(options.ready, server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
