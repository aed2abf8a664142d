"""Fixtures: everything that a test starts is ended after it, ours with SIGTERM and a check of the exit status."""

import os
import re
import shutil
import tempfile
from pathlib import Path

# A proxy for the way out is not for loopback, and grpcio's fork handlers are not needed to start programs.
for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
    os.environ.pop(variable, None)
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import pytest  # noqa: E402

from support.browser import Browser  # noqa: E402
from support.client import client  # noqa: E402
from support.front import Door, Front  # noqa: E402
from support.greeter import Greeter  # noqa: E402
from support.nameserver import Nameserver  # noqa: E402
from support.order import dealt  # noqa: E402
from support.paths import PROGRAMS  # noqa: E402
from support.programs import Program  # noqa: E402
from support.secure import (  # noqa: E402, F401
    authority, client_identity, gateway_to, identity, mutual_server, secure_server, stranger,
)
from support.staged import open_stage, stage  # noqa: E402, F401
from support.system import System  # noqa: E402

LISTENERS = {"grpc-server": {"grpc", "admin"}, "gateway": {"http", "admin"}, "js-server": {"http", "admin"}}


def pytest_sessionstart():
    missing = [name for name in (*LISTENERS, "samplectl") if not (PROGRAMS / name).exists()]
    if missing:
        pytest.exit(f"not in {PROGRAMS}: {', '.join(missing)}; run `make build`, or name another folder in SAMPLE_BIN", 1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if worker := getattr(config, "workerinput", None):
        items[:] = dealt(items, worker["workercount"])


@pytest.fixture
def start(tmp_path):
    """start("gateway", GRPC_TARGET=…) → Program"""
    started: list[Program] = []

    def start_program(name: str, *arguments: str, inside: list[str] | None = None, **environment: str) -> Program:
        folder = tmp_path / f"{name}-{len(started)}"
        program = Program(name, LISTENERS[name], folder, *arguments, inside=inside, **environment)
        started.append(program)
        return program

    yield start_program
    statuses = {}
    for program in reversed(started):
        try:
            statuses[program.name] = program.stop()
        finally:
            print(program.transcript)  # pytest shows it if the test failed
    assert set(statuses.values()) <= {0}, f"exit status after SIGTERM: {statuses}"
    for program in started:
        assert not re.search(r"Fatal error|Crash|Sanitizer", program.errors), program.errors


@pytest.fixture
def server(start):
    """One grpc-server, as the pod `pod-1`."""
    return start("grpc-server", POD_NAME="pod-1")


@pytest.fixture
def caller(server):
    """A grpcio client of that server."""
    with client(server.address("grpc")) as connected:
        yield connected


@pytest.fixture
def start_greeter():
    """start_greeter(address, hostname) → Greeter"""
    started: list[Greeter] = []

    def start_peer(*arguments, **options) -> Greeter:
        started.append(Greeter(*arguments, **options))
        return started[-1]

    yield start_peer
    for greeter in started:
        greeter.stop()


@pytest.fixture
def greeter(start_greeter):
    return start_greeter()


@pytest.fixture
def gateway(start, greeter):
    """A gateway whose only gRPC server is `greeter`."""
    return start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}")


@pytest.fixture
def start_nameserver(tmp_path):
    """start_nameserver({"name.test": ["127.0.0.1"]}) → Nameserver"""
    started: list[Nameserver] = []

    def start_dnsmasq(names: dict[str, list[str]]) -> Nameserver:
        started.append(Nameserver(tmp_path / f"dnsmasq-{len(started)}", names))
        return started[-1]

    yield start_dnsmasq
    for nameserver in started:
        nameserver.stop()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One for all tests: starting it takes a second."""
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def state_folder():
    """A folder with a short name, for a control socket's path has at most 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="sample-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def new_system(state_folder):
    """new_system("name") → System, not started; after the test it is taken down and must leave nothing."""
    systems: list[System] = []

    def make(name: str = "test") -> System:
        systems.append(System(name, state_folder))
        return systems[-1]

    yield make
    for system in systems:
        print(system.samplectl("logs", "--tail", "100").stdout[-5000:])  # pytest shows it if the test failed
        system.samplectl("down")
    for system in systems:
        assert system.left_behind() == []


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """gateway, js-server and nginx before them, for the tests of a file that leave them as they were."""
    started = Front(tmp_path_factory.mktemp("front"))
    yield started
    print(started.transcript)
    assert started.stop() == {"gateway": 0, "js-server": 0}


@pytest.fixture(params=["gateway", "js"])
def direct(front, request) -> Door:
    return front.door(request.param)


@pytest.fixture(params=["gateway", "js"])
def through_nginx(front, request) -> Door:
    return front.door(request.param, through_nginx=True)


@pytest.fixture(params=["gateway", "js", "nginx-gateway", "nginx-js"])
def door(front, request) -> Door:
    """Each service, each way."""
    return front.door(request.param.removeprefix("nginx-"), through_nginx=request.param.startswith("nginx-"))
