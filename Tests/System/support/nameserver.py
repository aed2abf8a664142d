"""A DNS server that is not ours: dnsmasq."""

import getpass
import signal
import socket
import subprocess
from pathlib import Path

from .eventually import eventually
from .paths import tool
from .ports import free_port


class Nameserver:
    """Serves the names it is given under the domain `test`; every other name there does not exist."""

    def __init__(self, folder: Path, names: dict[str, list[str]] | None = None, *options: str):
        folder.mkdir(parents=True)
        self._hosts = folder / "hosts"
        self._write(names or {})
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._log = folder / "log"
        command = [
            tool("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
            "--listen-address=127.0.0.1", f"--port={self.port}", "--bind-interfaces", f"--addn-hosts={self._hosts}",
            "--local=/test/", "--local-ttl=1", "--log-queries", f"--log-facility={self._log}", "--pid-file=",
            f"--user={getpass.getuser()}", *options,
        ]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        eventually(self._answers)

    def set(self, names: dict[str, list[str]]):
        """Replaces all names; returns once dnsmasq has read them."""
        self._write(names)
        read_before = self._times_read()
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: self._times_read() > read_before)

    def queries(self, name: str) -> int:
        """How often the name's A record was asked for."""
        return self._log.read_text().count(f"query[A] {name} ")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def _write(self, names: dict[str, list[str]]):
        self._hosts.write_text("".join(f"{ip} {name}\n" for name, ips in names.items() for ip in ips))

    def _times_read(self) -> int:
        return self._log.read_text().count(f"read {self._hosts}")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.process.stderr.read()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except ConnectionRefusedError:
            return False
