"""Starting and ending our own programs."""

import http.client
import json
import os
import re
import signal
import subprocess
from pathlib import Path

from .eventually import PATIENCE, eventually
from .paths import PROGRAMS, SEARCH_PATH
from .wire import Wire

LISTENING = re.compile(r"Listening on (?:(?:[\d.]+|\[[\da-f:]+\]):(\d+)|unix(?:-abstract)?:\S+) \((\w+)\)")


def run(name: str, *arguments: str, within: float = PATIENCE, **environment: str) -> subprocess.CompletedProcess:
    """Runs a program of ours to its end."""
    return subprocess.run(
        [PROGRAMS / name, *arguments], env=clean(environment), capture_output=True, text=True, timeout=within)


def clean(environment: dict[str, str]) -> dict[str, str]:
    """Only what a test sets, so that the developer's own variables change nothing."""
    return {"PATH": SEARCH_PATH, "HOME": os.environ.get("HOME", "/"), **environment}


class Program:
    """A running service; `listeners` are the names of the ports that it must announce before it counts as started."""

    def __init__(self, name: str, listeners: set[str], folder: Path, *arguments: str,
                 inside: list[str] | None = None, **environment: str):
        """`inside` goes in front of the command: where it is to run."""
        self.name = name
        self._is_told_to_end = False
        self._standard_output = folder / "stdout"
        self._standard_error = folder / "stderr"
        folder.mkdir(parents=True)
        environment = {"LISTEN_ADDRESS": "127.0.0.1:0", "ADMIN_ADDRESS": "127.0.0.1:0", **environment}
        with self._standard_output.open("wb") as output, self._standard_error.open("wb") as error:
            self.process = subprocess.Popen(
                [*(inside or []), PROGRAMS / name, *arguments], env=clean(environment), stdin=subprocess.DEVNULL,
                stdout=output, stderr=error)
        try:
            eventually(lambda: self.process.poll() is not None or listeners <= self.ports.keys())
            assert self.process.poll() is None, f"{name} ended at once with status {self.process.returncode}"
        except AssertionError as error:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{error}\n{self.transcript}") from None

    @property
    def ports(self) -> dict[str, int | None]:
        """By name; None for a listener on a unix socket."""
        return {name: int(port) if port else None for port, name in LISTENING.findall(self.output)}

    @property
    def output(self) -> str:
        return self._standard_output.read_text()

    @property
    def errors(self) -> str:
        return self._standard_error.read_text()

    @property
    def log(self) -> list[str]:
        """The lines about requests: what the service prints on its own account, of itself and its channel, is left out."""
        own = re.compile(r'Listening on |Stopp|Shutting down|Draining|^\S+ \S+ Channel: |"kind":"')
        return [line for line in self.output.splitlines() if line and not own.search(line)]

    @property
    def resident_bytes(self) -> int:
        """The memory that it really has."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    @property
    def processor_seconds(self) -> float:
        """The time that it has computed so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def sockets(self) -> int:
        """How many it has open, listening ones included."""
        descriptors = Path(f"/proc/{self.process.pid}/fd").iterdir()
        return sum(1 for descriptor in descriptors if os.readlink(descriptor).startswith("socket:"))

    @property
    def transcript(self) -> str:
        return f"---- {self.name}: stdout\n{self.output}---- {self.name}: stderr\n{self.errors}----"

    def address(self, listener: str) -> str:
        return f"127.0.0.1:{self.ports[listener]}"

    def wire(self) -> Wire:
        return Wire(self.address("http"))

    def http(self, path: str, method: str = "GET", listener: str = "http", within: float = PATIENCE) -> "Answer":
        return ask(self.address(listener), path, method, within)

    def admin(self, path: str, method: str = "GET") -> "Answer":
        return self.http(path, method, "admin")

    def terminate(self):
        """Tells the program to end, as Kubernetes does; once, for the second signal means at once."""
        if self.process.poll() is None and not self._is_told_to_end:
            self._is_told_to_end = True
            self.process.send_signal(signal.SIGTERM)

    def stop(self, within: float = PATIENCE) -> int:
        """Ends the program and returns its exit status."""
        self.terminate()
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end within {within} s of SIGTERM\n{self.transcript}") from None


class Answer:
    """An HTTP answer, read to its end."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"{self.status} {self.text}"


def ask(address: str, path: str, method: str = "GET", within: float = PATIENCE, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(address, timeout=within)
    try:
        connection.request(method, path, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()
