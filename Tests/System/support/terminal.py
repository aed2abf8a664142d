"""A terminal, as somebody sits before one."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from .eventually import PATIENCE
from .programs import clean

ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>])|\x07")


class Terminal:
    """Runs a program that takes it for a terminal of so many columns."""

    def __init__(self, command: list[str], columns: int = 72, cwd: str | None = None, **environment: str):
        self.output = ""
        self.process, self._descriptor = pty.fork()
        if self.process == 0:  # the child
            try:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
                if cwd:
                    os.chdir(cwd)
                os.execve(command[0], command, clean({"TERM": "xterm", **environment}))
            finally:
                os._exit(127)

    @property
    def text(self) -> str:
        """What there is to read, without colours and movements."""
        return ESCAPE.sub("", self.output).replace("\r\n", "\n")

    def type(self, keys: str):
        os.write(self._descriptor, keys.encode())

    def read(self, pattern: str, within: float = PATIENCE) -> str:
        """Reads on until the pattern is there, behind what was matched before; returns what it matched."""
        deadline = time.monotonic() + within
        while True:
            if found := re.search(pattern, self.text):
                self.output = self.text[found.end():]
                return found[0]
            ready, _, _ = select.select([self._descriptor], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {pattern!r} within {within} s in:\n{self.text!r}"
            self.output += self._take()

    def read_all(self, within: float = PATIENCE) -> str:
        """Reads until the program ends."""
        deadline = time.monotonic() + within
        while True:
            ready, _, _ = select.select([self._descriptor], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no end within {within} s of:\n{self.text}"
            try:
                self.output += self._take()
            except OSError:  # EIO: nobody has the other end open any more
                return self.text

    def _take(self) -> str:
        part = os.read(self._descriptor, 65536)
        if not part:
            raise OSError("the end")
        return part.decode(errors="replace")

    def close(self):
        for number in (signal.SIGHUP, signal.SIGKILL):
            if os.waitpid(self.process, os.WNOHANG)[0]:
                break
            os.kill(self.process, number)
            deadline = time.monotonic() + 3
            while time.monotonic() < deadline:
                if os.waitpid(self.process, os.WNOHANG)[0]:
                    os.close(self._descriptor)
                    return
                time.sleep(0.01)
        os.close(self._descriptor)
