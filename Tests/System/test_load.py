"""grpc-server under h2load."""

import re
import subprocess

import pytest

from support.client import SAY_HELLO
from support.paths import tool


@pytest.fixture
def h2load(start, tmp_path):
    """h2load(options…) → its report, from load on a server with one event loop and a quiet log"""
    server = start("grpc-server", LOG_LEVEL="error", EVENT_LOOPS="1")
    request = tmp_path / "request"
    request.write_bytes(b"\0\0\0\0\5" + b"\x0a\x03Ada")

    def run(*options: str) -> str:
        command = [
            tool("h2load"), *options, "--data", request, "--header", "content-type: application/grpc",
            "--header", "te: trailers", f"http://{server.address('grpc')}{SAY_HELLO}",
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=50).stdout

    return run


def assert_all_succeeded(report: str, count: int):
    assert re.search(rf"requests: .* {count} succeeded, 0 failed, 0 errored, 0 timeout", report), report
    assert re.search(rf"status codes: {count} 2xx", report), report


def test_twenty_thousand_calls(h2load):
    assert_all_succeeded(h2load("-c10", "-m10", "-n20000"), 20000)


def test_nothing_blocks_a_loop(h2load):
    """A thousand calls that wait for a second each, all on one loop: together they wait for about one second."""
    report = h2load("-c10", "-m100", "-n1000", "--header", "x-delay: 1s")
    assert_all_succeeded(report, 1000)
    finished = re.search(r"finished in ([\d.]+)(ms|s)", report)
    seconds = float(finished.group(1)) * (0.001 if finished.group(2) == "ms" else 1)
    assert 1 <= seconds < 2.5, report
