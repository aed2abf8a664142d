"""The real etcd: one member or several, each on a loopback address of its own."""

import base64
import http.client
import json
import shutil
import subprocess
from pathlib import Path

from .eventually import eventually
from .paths import tool
from .ports import free_port, loopback_addresses
from .programs import clean

CLIENT, PEER = 2379, 2380


class Member:
    def __init__(self, name: str, host: str, ports: tuple[int, int], folder: Path):
        self.name = name
        self.folder = folder / name
        self.address = f"{host}:{ports[0]}"
        self.peer = f"http://{host}:{ports[1]}"
        self.process: subprocess.Popen | None = None

    def start(self, cluster: str):
        self.folder.mkdir(parents=True, exist_ok=True)
        client = f"http://{self.address}"
        command = [
            tool("etcd"), "--name", self.name, "--data-dir", str(self.folder / "data"), "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", self.peer, "--initial-advertise-peer-urls", self.peer,
            "--initial-cluster", cluster, "--logger", "zap", "--log-level", "warn",
            # Other tests want the disk as well.
            "--heartbeat-interval", "200", "--election-timeout", "1500",
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=clean({}), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def kill(self):
        """As a machine that fails."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def call(self, path: str, **request) -> dict:
        """etcd's API as JSON; bytes are given and taken in base64."""
        connection = http.client.HTTPConnection(self.address, timeout=5)
        try:
            connection.request("POST", f"/v3/{path}", json.dumps(request), {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body
            return json.loads(body)
        finally:
            connection.close()

    def is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(self.address, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        finally:
            connection.close()


class Etcd:
    def __init__(self, folder: Path, members: int = 1):
        hosts = loopback_addresses(members)
        ports = (free_port(*hosts), free_port(*hosts))
        self.members = [Member(f"m{number}", host, ports, folder) for number, host in enumerate(hosts)]
        self._cluster = ",".join(f"{member.name}={member.peer}" for member in self.members)

    @property
    def endpoints(self) -> str:
        return ",".join(member.address for member in self.members)

    def start(self, *members: Member) -> "Etcd":
        """Those, or all, which have a leader then."""
        for member in members or self.members:
            member.start(self._cluster)
        for member in members or self.members:
            eventually(member.is_healthy)
        return self

    def stop(self, *members: Member):
        for member in members or self.members:
            member.kill()

    def lose_data(self):
        for member in self.members:
            shutil.rmtree(member.folder / "data")

    @property
    def transcript(self) -> str:
        logs = [member.folder / "log" for member in self.members]
        return "".join(f"---- {log}\n{log.read_text()[-3000:]}" for log in logs if log.exists())

    @property
    def first(self) -> Member:
        """One that runs."""
        return next(member for member in self.members if member.process is not None)

    @property
    def leader(self) -> Member:
        for member in self.members:
            if member.process is not None:
                status = member.call("maintenance/status")
                if status.get("leader") and status["leader"] == status["header"]["member_id"]:
                    return member
        raise AssertionError("no leader")

    def pairs(self, prefix: str = "/") -> dict[str, dict]:
        """Key → what etcd has of it."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        answer = self.first.call("kv/range", key=encode(prefix), range_end=encode(end))
        return {decode(pair["key"]): {**pair, "value": decode(pair["value"])} for pair in answer.get("kvs", [])}

    def values(self) -> dict[str, str]:
        return {key: pair["value"] for key, pair in self.pairs().items()}

    def put(self, key: str, value: str) -> int:
        """Returns the store's revision."""
        return int(self.first.call("kv/put", key=encode(key), value=encode(value))["header"]["revision"])

    def compact(self, revision: int):
        self.first.call("kv/compaction", revision=revision, physical=True)


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decode(text: str) -> str:
    return base64.b64decode(text).decode(errors="replace")
