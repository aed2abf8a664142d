"""gateway and js-server, each on its own and behind nginx with the chart's configuration."""

import getpass
import itertools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .eventually import eventually
from .greeter import Greeter
from .paths import ROOT, tool
from .ports import free_port
from .programs import Program
from .wire import Response, Wire, exchange, request

TEMPLATE = ROOT / "helm" / "sample-service" / "files" / "nginx.conf"

ENTRY_LINE = re.compile(r'\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \S+ "(.*)" (\d{3}) (\d+) to "(.*)" (\S+) in \S+, upstream \S+ id "(.*)"')
SERVICE_LINE = re.compile(
    r'\[\w+\] \S+ - \S+ \| (\d{3}) \| +\S+ \| +\S+ \| (\S*) +"(.*?)"(?: \((.*?)\))?'
    r'(?: \| trace [\da-f]{32})?(?: \| request \S+)?(?: \| [A-Z_]+: .*)?')

NAMES = re.compile(rb"/(first|second|third|marker)\b")


class Entry:
    """nginx. It finds its backends by address, so no DNS server is needed; all else is as in the chart."""

    def __init__(self, folder: Path, gateway: str, js: str, grpc: str | None = None, log_format: str = "text",
                 **replaced: str):
        """With `grpc`, the address of a gRPC server, nginx has its listener for gRPC too. `replaced` are directives with
        another value than the configuration's: client_header_timeout="1s"."""
        (folder / "temporary").mkdir(parents=True)
        self.address = f"127.0.0.1:{free_port()}"
        self.grpc_address = f"127.0.0.1:{free_port()}"
        self._log = folder / "stdout"
        self._errors = folder / "stderr"
        placeholders = {
            "LISTEN": f"listen {self.address};", "RESOLVER": "127.0.0.1:1 ipv6=off", "GATEWAY": gateway, "JS": js,
            "DIRECTORY": str(folder), "GRPC_LISTEN": f"listen {self.grpc_address} http2;", "GRPC_BACKEND": grpc or "", "LOG_FORMAT": log_format}
        template = TEMPLATE.read_text()
        if grpc is None:
            template = re.sub(r"(?s)\n *# grpc: .*# :grpc\n", "\n", template)
        text = re.sub(r"(?m)^[^#\n]*", lambda line: re.sub(
            r"@([A-Z_]+)@", lambda match: placeholders[match[1]], line[0]), template)
        for name, value in replaced.items():
            text, count = re.subn(rf"(?m)^( *{name}) .*;", rf"\1 {value};", text)
            assert count == 1, f"{name} is in nginx.conf {count} times"
        (folder / "nginx.conf").write_text(text)
        # Started by root, the workers would become `nobody`, who may not enter the folder.
        user = f"user {getpass.getuser()};" if getpass.getuser() == "root" else ""
        command = [
            tool("nginx"), "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf", "-g", f"daemon off; {user}"]
        with self._log.open("wb") as output, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.errors
        health = b"GET /nginx-health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        return [answer.status for answer in exchange(self.address, health)] == [200]

    @property
    def log(self) -> list[str]:
        return self._log.read_text().splitlines()

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Passed(NamedTuple):
    """A line of nginx's log."""

    request: str
    status: int
    body_bytes: int
    upstream: str
    upstream_status: str  # "-" if nginx answered on its own

    @property
    def method_and_target(self) -> tuple[str, str]:
        """Of the request that nginx passes on: it leaves scheme and host of the absolute form out."""
        method, target, *_ = self.request.split()
        return method, re.sub(r"^\w+://[^/?]*", "", target).replace(r"\x5C", "\\").replace(r"\x22", '"')

    @classmethod
    def read(cls, line: str) -> "Passed":
        match = ENTRY_LINE.fullmatch(line)
        assert match, line
        return cls(match[1], int(match[2]), int(match[3]), match[4], match[5])


class Served(NamedTuple):
    """A line of a service's log. Method and target are empty if the service could not read them."""

    status: int
    method: str
    target: str
    problem: str | None

    @classmethod
    def read(cls, line: str) -> "Served":
        match = SERVICE_LINE.fullmatch(line)
        assert match, line
        return cls(int(match[1]), match[2], match[3].replace("\\\\", "\\"), match[4])


class Seen(NamedTuple):
    """One exchange as the client, nginx and the service saw it."""

    answers: list[Response]
    passed: list[Passed]
    passed_on: list[Passed]  # those of them that went to this service
    served: list[Served]


_fences = itertools.count(1)


@dataclass(frozen=True)
class Door:
    """A way to a service: to its own port, or through nginx."""

    service: Program
    path: str  # of a resource; `{}` is its name, which is also in its body
    echo: str  # `{}` may be long, and so is the response then
    entry: Entry | None = None

    @property
    def address(self) -> str:
        return self.entry.address if self.entry else self.service.address("http")

    def target(self, name: str) -> str:
        return self.path.format(name)

    def fill(self, data: bytes) -> bytes:
        """Puts the real targets of this service in the place of /first, /second, /third and /marker."""
        return NAMES.sub(lambda match: self.target(match[1].decode()).encode(), data)

    def wire(self) -> Wire:
        return Wire(self.address)

    def exchange(self, data: bytes, *methods: str, ends: bool = False) -> list[Response]:
        # nginx, which has refused a body, reads on for lingering_timeout unless the client hangs up. Ours close.
        return exchange(self.address, self.fill(data), *methods, ends=ends, hangs_up=self.entry is not None)

    def observe(self, data: bytes, *methods: str, ends: bool = False) -> Seen:
        """`exchange`, and what the logs say of it and of nothing else."""
        passed, served = self._fence()
        answers = self.exchange(data, *methods, ends=ends)
        passed_now, served_now = self._fence()
        passed_here = [Passed.read(line) for line in passed_now[len(passed):-1]]
        passed_on = [line for line in passed_here if line.upstream == self.service.address("http")]
        return Seen(answers, passed_here, passed_on, [Served.read(line) for line in served_now[len(served):-1]])

    def _fence(self) -> tuple[list[str], list[str]]:
        """The logs up to a request that is made after all others, and is the last line of both."""
        name = f"fence-{next(_fences)}"
        exchange(self.address, request(f"GET {self.target(name)} HTTP/1.1", "Host: x", "Connection: close"))
        logs = [self.entry.log if self.entry else [], self.service.log]

        def both():
            logs[:] = [self.entry.log if self.entry else [], self.service.log]
            return all(log and re.search(rf"\b{name}\b", log[-1]) for log in logs[0 if self.entry else 1:])

        eventually(both)
        return logs[0], logs[1]


class Front:
    """A gateway with one gRPC server that is not ours, a js-server with one file a name, and nginx."""

    def __init__(self, folder: Path, **environment: str):
        site = folder / "site"
        (site / "folder").mkdir(parents=True)
        for name in ("first", "second", "third", "marker"):
            (site / f"{name}.txt").write_text(name)
        self.site = site
        self.greeter = Greeter()
        self.gateway = Program("gateway", {"http", "admin"}, folder / "gateway",
                               GRPC_TARGET=f"ipv4:{self.greeter.address}", **environment)
        self.js = Program("js-server", {"http", "admin"}, folder / "js", STATIC_ROOT=str(site), **environment)
        self.entry = Entry(folder / "nginx", self.gateway.address("http"), self.js.address("http"))

    def door(self, service: str, through_nginx: bool = False) -> Door:
        entry = self.entry if through_nginx else None
        if service == "gateway":
            return Door(self.gateway, "/go/sample?name={}", "/go/sample?name={}", entry)
        # A directory without its slash is redirected to the same with one, query included.
        return Door(self.js, "/js/{}.txt?v=1", "/js/folder?{}", entry)

    @property
    def transcript(self) -> str:
        return f"{self.gateway.transcript}\n{self.js.transcript}\n---- nginx\n{self.entry.errors}"

    def stop(self) -> dict[str, int]:
        """Ends all; the exit status of each service."""
        self.entry.stop()
        statuses = {program.name: program.stop() for program in (self.gateway, self.js)}
        self.greeter.stop()
        return statuses


def body_names(answers: list[Response]) -> list[str]:
    """Which of the resources each answer brought; the status in the place of the name where it is none."""
    names = []
    for answer in answers:
        match = re.search(rb"\b(first|second|third|marker)\b", answer.body) if answer.status == 200 else None
        names.append(match[1].decode() if match else str(answer.status))
    return names
