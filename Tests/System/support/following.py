"""A command that goes on, and what it prints."""

import os
import pty
import select
import signal
import subprocess
import threading
import time

from .eventually import PATIENCE, eventually
from .paths import ROOT
from .programs import clean


class Following:
    """Runs a command, whose output is a pipe, until Ctrl-C."""

    def __init__(self, command: list[str]):
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=clean({}), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self._lines: list[str] = []
        self._errors: list[str] = []
        self._threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self._lines), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self._errors), daemon=True)]
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    @property
    def lines(self) -> list[str]:
        return list(self._lines)

    @property
    def errors(self) -> list[str]:
        return list(self._errors)

    def sees(self, check, within: float = PATIENCE):
        """Waits until `check` is true of the lines, and returns what it returned."""
        return eventually(lambda: check(self.lines), within=within)

    def ends(self, within: float = PATIENCE) -> int:
        status = self.process.wait(within)
        for thread in self._threads:
            thread.join(5)
        return status

    def interrupt(self) -> int:
        """Ctrl-C; the exit status, which is minus the signal's number if that ended it."""
        self.process.send_signal(signal.SIGINT)
        return self.ends()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.ends()


class OnTerminal:
    """Runs a command on a terminal of its own."""

    def __init__(self, command: list[str], columns: int = 100, rows: int = 30):
        import fcntl
        import struct
        import termios
        self._terminal, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=clean({"TERM": "xterm"}), stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.output = ""

    def sees(self, check, within: float = PATIENCE):
        deadline = time.monotonic() + within
        while not check(self.output):
            ready, _, _ = select.select([self._terminal], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"not within {within} s: {self.output!r}"
            try:
                self.output += os.read(self._terminal, 65536).decode()
            except OSError:
                assert check(self.output), self.output
        return self.output

    def press_control_c(self) -> int:
        os.write(self._terminal, b"\x03")
        return self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._terminal)
