"""A whole system on this machine, run by samplectl."""

import http.client
import json
import os
import re
import socket
import subprocess
from collections import Counter
from pathlib import Path

from .eventually import PATIENCE
from .paths import PROGRAMS, ROOT
from .ports import free_port
from .programs import Answer, clean

ADDRESS = re.compile(r"\b127\.\d+\.\d+\.\d+\b")


class System:
    """One instance with a name, a port and a state directory of its own."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.port = free_port()
        self.state = folder / name
        self.programs = PROGRAMS

    def command(self, verb: str, *arguments: str) -> list[str]:
        return [str(self.programs / "samplectl"), verb, *arguments, "--name", self.name, "--state", str(self.state)]

    def samplectl(self, verb: str, *arguments: str, within: float = 90) -> subprocess.CompletedProcess:
        """Runs in the source tree, where the nginx configuration is."""
        return subprocess.run(
            self.command(verb, *arguments), cwd=ROOT, env=clean({}), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=within)

    def up(self, *options: str, shutdown_delay: str | None = "100ms") -> "System":
        """`shutdown_delay` None leaves it to samplectl."""
        delay = () if shutdown_delay is None else ("--shutdown-delay", shutdown_delay)
        result = self.samplectl("up", "--port", str(self.port), *delay, *options)
        assert result.returncode == 0, f"{result.stdout}{result.stderr}"
        return self

    def down(self):
        result = self.samplectl("down")
        assert result.returncode == 0, f"{result.stdout}{result.stderr}"

    def output(self, verb: str, *arguments: str, within: float = 90) -> str:
        result = self.samplectl(verb, *arguments, within=within)
        assert result.returncode == 0, f"{result.stdout}{result.stderr}"
        return result.stdout

    def ask(self, path: str, within: float = PATIENCE) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within)
        try:
            connection.request("GET", path)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def pods(self, component: str = "grpc") -> list[dict]:
        return [pod for pod in self.all_pods() if pod["component"] == component]

    def all_pods(self) -> list[dict]:
        return self.told("/status")["pods"]

    def told(self, path: str) -> dict:
        """By the supervisor."""
        connection = http.client.HTTPConnection("supervisor", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(PATIENCE)
        connection.sock.connect(str(self.state / "control.sock"))
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def in_dns(self, component: str = "grpc") -> dict[str, float]:
        """Pod → since when it is in DNS, in seconds of CLOCK_MONOTONIC."""
        listed = [pod for pod in self.pods(component) if pod["dns"] and pod["dns"]["listed"] and "since" in pod["dns"]]
        return {pod["name"]: pod["dns"]["since"] / 1e9 for pod in listed}

    def pod_addresses(self, component: str) -> set[str]:
        """As `status` lists them."""
        rows = [line for line in self.output("status").splitlines() if line.startswith(f"sample-service-{component}-")]
        return {ADDRESS.search(row).group() for row in rows}

    def served(self) -> Counter:
        """Pod → requests, as the pods logged them."""
        lines = self.output("logs", "grpc").splitlines()
        return Counter(line.split()[0] for line in lines if "Received request: /sample.service.HelloWorld/SayHello" in line)

    def ready(self) -> int:
        """How many subchannels of the gateway are READY."""
        subchannels = self.ask("/go/channel").json["subchannels"]
        return sum(1 for subchannel in subchannels if subchannel["state"] == "READY")

    def pods_called(self, requests: int) -> Counter:
        """Which pod answered how many requests, all sent over one connection to nginx."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        pods = Counter()
        for _ in range(requests):
            connection.request("GET", "/go/sample")
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body
            pods[json.loads(body)["response"]["hostname"]] += 1
        connection.close()
        return pods

    def processes(self) -> dict[int, str]:
        """Everything that this system runs: process id → command line."""
        return processes_in(self.state)

    def supervisor(self) -> int:
        """The process id of the samplectl that runs the pods."""
        [pid] = [pid for pid, command in self.processes().items() if " supervise " in command]
        return pid

    def left_behind(self) -> list[str]:
        """Processes and files."""
        return [*self.processes().values(), *([str(self.state)] if self.state.exists() else [])]


def processes_in(folder: Path) -> dict[int, str]:
    """Processes that have the folder, or one in it, in their command line, or that run there."""
    inside = re.compile(rf"{re.escape(str(folder))}(/|\s|$)")
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            runs_in = os.readlink(process / "cwd")
        except OSError:
            continue  # it has ended meanwhile
        if not command:
            continue  # it is about to: its memory is gone, and what it has open goes next
        if inside.search(command) or inside.search(runs_in):
            found[int(process.name)] = command
    return found
