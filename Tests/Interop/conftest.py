"""Fixtures, and the table of cases and directions that a run ends with."""

import os

# A proxy for the way out is not for loopback, and grpcio's fork handlers are not needed to start programs.
for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
    os.environ.pop(variable, None)
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import pytest  # noqa: E402

from interop.ours import CLIENT, SERVER, Server  # noqa: E402
from interop.server import TestService  # noqa: E402
from interop.table import table  # noqa: E402
from support.paths import PROGRAMS  # noqa: E402


def pytest_sessionstart():
    missing = [name for name in (SERVER, CLIENT) if not (PROGRAMS / name).exists()]
    if missing:
        pytest.exit(f"not in {PROGRAMS}: {', '.join(missing)}; run `make test-programs`, or name another folder in SAMPLE_BIN", 1)


@pytest.fixture(scope="session")
def grpcio_server():
    server = TestService()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ours_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("interop-server") / "run")
    yield server
    server.stop()


def pytest_terminal_summary(terminalreporter):
    reports = [
        report for outcome in ("passed", "failed", "skipped", "error") for report in terminalreporter.stats.get(outcome, [])]
    lines = table(reports)
    if lines:
        terminalreporter.section("interop")
        for line in lines:
            terminalreporter.line(line)
