"""The real Consul: one agent in development mode, which keeps all in memory."""

import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from .eventually import eventually
from .paths import ROOT, SEARCH_PATH
from .ports import free_port

HOW_TO_GET_IT = "consul is not installed: make deps fetches it (scripts/get-consul), or says why it cannot"


def consul_program() -> str:
    """Where it is; skips the test where it is not."""
    for folder in [*SEARCH_PATH.split(":"), str(ROOT / ".build" / "parts")]:
        path = Path(folder) / "consul"
        if path.exists():
            return str(path)
    pytest.skip(HOW_TO_GET_IT)


class Consul:
    """Listens at the same address whenever it is started."""

    def __init__(self, folder: Path, *options: str, token: str | None = None, authority=None):
        """`options` go into its command line; with a `token`, whoever does not have it may do nothing; with an
        `authority`, it is at https:// too, for those who show a certificate that this one has signed."""
        folder.mkdir(parents=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.token = token
        self._log = folder / "log"
        # A server's own ports are of no use here, and must not be another test's.
        ports = {"-server-port": free_port(), "-serf-lan-port": free_port()}
        self._command = [
            consul_program(), "agent", "-dev", "-bind", "127.0.0.1", "-client", "127.0.0.1", "-node", "test",
            "-http-port", str(self.port), *(str(word) for pair in ports.items() for word in pair),
            "-hcl", "disable_update_check = true", "-hcl", "ports { dns = -1 grpc = -1 serf_wan = -1 }",
            *(["-hcl", f'acl {{ enabled = true default_policy = "deny" tokens {{ master = "{token}" }} }}'] if token else []),
            *(self._secure(authority) if authority else []), *options,
        ]
        self.process = None

    def _secure(self, authority) -> list[str]:
        port = free_port()
        self.secure_address = f"https://127.0.0.1:{port}"
        certificate, key = authority.issue("DNS:server.dc1.consul", use="serverAuth,clientAuth")
        settings = [
            f"ports {{ https = {port} }}", f'ca_file = "{authority.certificate}"', f'cert_file = "{certificate}"',
            f'key_file = "{key}"', "verify_incoming_https = true",
        ]
        return [word for setting in settings for word in ("-hcl", setting)]

    def start(self) -> "Consul":
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self._leads)
        return self

    def _leads(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            self.get("/v1/health/state/critical")
            return True
        except urllib.error.HTTPError:
            return False  # "No cluster leader", or its access control is not ready

    def kill(self):
        """All that it knew is lost."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _ask(self, path: str, method: str = "GET", body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"http://{self.address}{path}", method=method, data=body)
        if self.token:
            request.add_header("X-Consul-Token", self.token)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read()

    def get(self, path: str):
        return json.loads(self._ask(path))

    def pods(self, service: str = "sample-service-grpc") -> dict[str, str]:
        """Those that callers are told of: name → address."""
        found = self.get(f"/v1/health/service/{service}?passing=1")
        services = [entry["Service"] for entry in found]
        return {service["ID"]: f"{service['Address']}:{service['Port']}" for service in services}

    def check(self, pod: str) -> str | None:
        """The state of the pod's check: passing, critical; None where it is not entered."""
        checks = self.get("/v1/health/checks/sample-service-grpc")
        return next((check["Status"] for check in checks if check["ServiceID"] == pod), None)

    def index(self) -> int:
        """What a blocking query is to wait with."""
        request = urllib.request.Request(f"http://{self.address}/v1/health/service/sample-service-grpc?passing=1")
        with urllib.request.urlopen(request, timeout=10) as response:
            return int(response.headers["X-Consul-Index"])

    def enter(self, name: str, address: str):
        """Enters a service behind the agent's back, which puts nothing right then: as of a node elsewhere."""
        host, _, port = address.rpartition(":")
        service = {"ID": name, "Service": "sample-service-grpc", "Address": host, "Port": int(port)}
        entry = {"Node": "elsewhere", "Address": host, "Service": service}
        self._ask("/v1/catalog/register", "PUT", json.dumps(entry).encode())

    def snapshot(self) -> bytes:
        """All that the servers know."""
        return self._ask("/v1/snapshot")

    def restore(self, snapshot: bytes):
        self._ask("/v1/snapshot", "PUT", snapshot)

    @property
    def log(self) -> str:
        return self._log.read_text()
