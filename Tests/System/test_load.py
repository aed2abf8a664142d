"""grpc-server under h2load."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import SAY_HELLO
from support.eventually import eventually
from support.metrics import Metrics
from support.paths import tool


@pytest.fixture
def server(start):
    """With one event loop and a quiet log."""
    return start("grpc-server", LOG_LEVEL="error", EVENT_LOOPS="1")


@pytest.fixture
def h2load(server, tmp_path):
    """h2load(options…) → its report"""
    request = tmp_path / "request"
    request.write_bytes(b"\0\0\0\0\5" + b"\x0a\x03Ada")

    def run(*options: str) -> str:
        command = [
            tool("h2load"), *options, "--data", request, "--header", "content-type: application/grpc",
            "--header", "te: trailers", f"http://{server.address('grpc')}{SAY_HELLO}",
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    return run


def assert_all_succeeded(report: str, count: int):
    assert re.search(rf"requests: .* {count} succeeded, 0 failed, 0 errored, 0 timeout", report), report
    assert re.search(rf"status codes: {count} 2xx", report), report


def test_twenty_thousand_calls(h2load):
    assert_all_succeeded(h2load("-c10", "-m10", "-n20000"), 20000)


def test_nothing_blocks_a_loop(server, h2load):
    """A thousand calls that take seconds each, all on one loop: all of them are under way at the same time."""
    with ThreadPoolExecutor() as pool:
        load = pool.submit(h2load, "-c10", "-m100", "-n1000", "--header", "x-delay: 5s")
        # The admin port is the same loop's.
        eventually(lambda: under_way(Metrics(server)) == 1000)
        assert_all_succeeded(load.result(), 1000)
    eventually(lambda: under_way(Metrics(server)) == 0)


def under_way(metrics: Metrics) -> int:
    ended = metrics.total("grpc_server_call_duration_seconds_count")
    return int(metrics.total("grpc_server_call_started_total") - ended)
