"""Our own server and client: interop-server and interop-client, as they are released."""

import subprocess
from pathlib import Path

from support.paths import PROGRAMS
from support.programs import Program

from .cases import NotApplicable

SERVER, CLIENT = "interop-server", "interop-client"
# Seconds for a whole case, a soak of 1000 calls beside other work included.
SOAK_LIMIT = 280


class Server:
    def __init__(self, folder: Path):
        self._program = Program(SERVER, {"grpc", "admin"}, folder)
        self.address = self._program.address("grpc")

    @property
    def resident_bytes(self) -> int:
        return self._program.resident_bytes

    def stop(self):
        status = self._program.stop()
        print(self._program.transcript)
        assert status == 0, f"exit status after SIGTERM: {status}"
        assert self._program.errors == "", self._program.errors


def run_client(case: str, address: str):
    """Raises AssertionError with what it says if the case failed."""
    result = subprocess.run([PROGRAMS / CLIENT, case, address], capture_output=True, text=True, timeout=SOAK_LIMIT)
    if result.returncode == 2:
        raise NotApplicable(result.stderr.strip())
    assert result.returncode == 0, f"status {result.returncode}: {result.stderr}"
