"""An API server for tests that need one to fail: it replays what a real one said, about addresses that a test names.

Not samplectl's fake, which is ours and well-behaved; this one is written in another language from the recordings alone.
"""

import copy
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse
from pathlib import Path

from .paths import ROOT, tool

RECORDINGS = ROOT / "Tests/discovery/Recordings/kubernetes"
PATH = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
SERVICE = "sample-service-grpc-headless"


def recorded(name: str) -> str:
    text = (RECORDINGS / name).read_text()
    return text.replace("\r\n", "\n").partition("\n\n")[2] if name.endswith(".http") else text


class Authority:
    """An authority of its own; each has another."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.certificate = folder / "ca.crt"
        self._key = folder / "ca.key"
        self._folder = folder
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                      "2", "-subj", "/CN=kubernetes", "-keyout", self._key, "-out", self.certificate)

    def identity(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of a server with this address."""
        request, key, certificate = (self._folder / f"server.{end}" for end in ("csr", "key", "crt"))
        extensions = self._folder / "extensions"
        extensions.write_text(f"subjectAltName=IP:{name}\nextendedKeyUsage=serverAuth\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                      "/CN=kube-apiserver", "-keyout", key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                      "-days", "1", "-extfile", extensions, "-out", certificate)
        return certificate, key

    @staticmethod
    def _openssl(*arguments):
        subprocess.run([tool("openssl"), *map(str, arguments)], check=True, capture_output=True)


class KubernetesAPI:
    """`requests` has what was asked: (what, its parameters). A watch is told of each `publish`."""

    def __init__(self, folder: Path, port: int):
        self.port = port
        self.token = "first"
        self.requests: list[tuple[str, dict[str, str]]] = []
        # Instead of an answer: a status, and the body that was recorded with it.
        self.refusal: tuple[int, str] | None = None
        self.account = folder / "account"
        self.account.mkdir()
        self.authority = Authority(folder / "authority")
        (self.account / "ca.crt").write_bytes(self.authority.certificate.read_bytes())
        (self.account / "token").write_text(self.token)
        (self.account / "namespace").write_text("default")
        self._list = json.loads(recorded("endpointslices-list.json"))
        self._changed = threading.Condition()
        self._version = int(self._list["metadata"]["resourceVersion"])
        self._forgotten = 0
        self._slices: dict[str, list[str]] = {}
        self._events: list[tuple[int, dict]] = []
        self._cuts = 0
        self._watches = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*self.authority.identity("127.0.0.1"))
        self._server = None
        self.start()

    @property
    def settings(self) -> dict[str, str]:
        """A gateway's."""
        return {
            "GRPC_TARGET": f"kubernetes:///{SERVICE}.default:grpc", "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(self.port), "KUBERNETES_SERVICE_ACCOUNT": str(self.account)}

    # What a test does to it

    def publish(self, addresses: list[str], slice: str = "a", port: int | None = None):
        """The slice's pods from now on."""
        with self._changed:
            self._version += 1
            known = slice in self._slices
            self._slices[slice] = addresses
            event = {"type": "MODIFIED" if known else "ADDED", "object": self._object(slice, kind=True)}
            self._events.append((self._version, event))
            self._changed.notify_all()

    def delete(self, slice: str = "a"):
        with self._changed:
            self._version += 1
            # Its endpoints are still ready in it, as was recorded.
            self._events.append((self._version, {"type": "DELETED", "object": self._object(slice, kind=True)}))
            del self._slices[slice]
            self._changed.notify_all()

    def cut(self):
        """Every watch's connection breaks."""
        with self._changed:
            self._cuts += 1
            self._changed.notify_all()

    def forget(self):
        """As after compaction: nobody can go on from before now."""
        with self._changed:
            self._version += 1
            self._forgotten = self._version

    def rotate(self, token: str):
        """Only this token counts now; kubelet writes the file in one step."""
        self.token = token
        new = self.account / "token.new"
        new.write_text(token)
        new.rename(self.account / "token")

    @property
    def watches(self) -> int:
        """How many are open."""
        return self._watches

    def asked(self, what: str) -> list[dict[str, str]]:
        return [parameters for name, parameters in list(self.requests) if name == what]

    def start(self):
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                api._answer(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # clients that do not like the certificate, and those that leave

        self._server = Server(("127.0.0.1", self.port), Handler)
        # The handshake is the thread's that serves the connection.
        self._server.socket = self._context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self.cut()

    # What it answers

    def _answer(self, request: http.server.BaseHTTPRequestHandler):
        parts = urllib.parse.urlsplit(request.path)
        parameters = dict(urllib.parse.parse_qsl(parts.query))
        what = "watch" if parameters.get("watch") else "list"
        self.requests.append((what, parameters))
        if request.headers["Authorization"] != f"Bearer {self.token}":
            return self._whole(request, 401, recorded("unauthorized.http"))
        if self.refusal:
            return self._whole(request, *self.refusal)
        assert parts.path == PATH, parts.path
        assert parameters["labelSelector"] == f"kubernetes.io/service-name={SERVICE}"
        if what == "watch":
            return self._watch(request, int(parameters["resourceVersion"]))
        with self._changed:
            answer = copy.deepcopy(self._list)
            answer["metadata"]["resourceVersion"] = str(self._version)
            answer["items"] = [self._object(slice, kind=False) for slice in sorted(self._slices)]
        self._whole(request, 200, json.dumps(answer))

    def _object(self, name: str, kind: bool) -> dict:
        """The recorded slice, with other addresses."""
        found = copy.deepcopy(self._list["items"][0])
        found["metadata"]["name"] = f"{SERVICE}-{name}"
        found["metadata"]["resourceVersion"] = str(self._version)
        [pattern, *_] = found["endpoints"]
        found["endpoints"] = [
            {**pattern, "addresses": [address.rpartition(":")[0]],
             "targetRef": {**pattern["targetRef"], "name": address, "uid": address}}
            for address in self._slices[name]] or None
        found["ports"] = [
            {**found["ports"][0], "port": int(self._slices[name][0].rpartition(":")[2])}] if found["endpoints"] else None
        return {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", **found} if kind else found

    @staticmethod
    def _whole(request: http.server.BaseHTTPRequestHandler, status: int, body: str):
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body.encode())))
        request.end_headers()
        request.wfile.write(body.encode())

    def _watch(self, request: http.server.BaseHTTPRequestHandler, position: int):
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()

        def send(text: str):
            line = (text.strip() + "\n").encode()
            request.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

        with self._changed:
            cuts = self._cuts
            self._watches += 1
            try:
                if position < self._forgotten:
                    send(recorded("watch-too-old.jsonl"))
                    return request.wfile.write(b"0\r\n\r\n")
                while self._cuts == cuts:
                    for version, event in self._events:
                        if version > position:
                            send(json.dumps(event))
                            position = version
                    self._changed.wait(0.5)
            finally:
                self._watches -= 1
        request.close_connection = True
