"""A peer whose packets are lost, as when a node goes down: keepalive notices it on both sides (gRFC A8, A9).

It takes network namespaces of the test's own; where they cannot be made, it is skipped and says so.
"""

import json
import os
import subprocess
import sys
import time

import pytest

from support.eventually import eventually
from support.network import Cable
from support.paths import PROTOS
from support.programs import Program

# A grpcio client in the other namespace, with one call that the pod takes a minute for.
CLIENT = f"""
import grpc, sys
sys.path.insert(0, {str(PROTOS.parent / "Tests/System")!r})
from support.protos import messages, services
with grpc.insecure_channel(sys.argv[1], [("grpc.enable_http_proxy", 0)]) as channel:
    call = services.HelloWorldStub(channel).SayHello.future(messages.HelloRequest(), metadata=[("x-delay", "60s")])
    print(call.code(), flush=True)
"""


@pytest.fixture
def cable():
    cable = Cable()
    yield cable
    cable.remove()


@pytest.fixture
def start_at(tmp_path):
    started = []

    def start(name: str, cable_end: list[str], **environment: str) -> Program:
        environment = {"ADMIN_ADDRESS": "127.0.0.1:9090"} | environment
        listeners = {"grpc-server": {"grpc", "admin"}, "gateway": {"http", "admin"}}[name]
        started.append(Program(name, listeners, tmp_path / name, inside=cable_end, **environment))
        return started[-1]

    yield start
    for program in started:
        program.process.kill()
        program.process.wait()


@pytest.mark.parametrize("age", ["off", "2s"], ids=["serving", "draining"])
def test_server_notices_with_a_call_open(cable, start_at, age):
    server = start_at(
        "grpc-server", cable.inside(cable.left), LISTEN_ADDRESS=f"{cable.LEFT}:8080", LOG_FORMAT="json",
        KEEPALIVE_TIME="3s", KEEPALIVE_TIMEOUT="1s", MAX_CONNECTION_AGE=age)
    client = subprocess.Popen(
        [*cable.inside(cable.right), sys.executable, "-c", CLIENT, f"{cable.LEFT}:8080"],
        env=os.environ | {"GRPC_ENABLE_FORK_SUPPORT": "0"}, stdout=subprocess.PIPE, text=True)
    try:
        # The call has arrived, not only its connection.
        metrics = [*cable.inside(cable.left), "curl", "--silent", "http://127.0.0.1:9090/metrics"]
        started = 'grpc_server_call_started_total{grpc_method="sample.service.HelloWorld/SayHello"} 1'
        eventually(lambda: started in subprocess.run(metrics, capture_output=True, text=True).stdout)
        if age != "off":
            time.sleep(2.5)  # the age itself, +10 % and some: nothing but time brings the drain about
        cable.cut()
        # TCP on its own would go on trying for a quarter of an hour, and the call would be answered after a minute.
        line = eventually(lambda: [line for line in server.log if "SayHello" in line])[0]
        assert json.loads(line)["status"] == "CANCELLED"
    finally:
        client.kill()
        client.wait()


def test_channel_notices_with_a_call_open(cable, start_at):
    start_at("grpc-server", cable.inside(cable.left), LISTEN_ADDRESS=f"{cable.LEFT}:8080", KEEPALIVE_MIN_TIME="1s")
    gateway = start_at(
        "gateway", cable.inside(cable.right), LISTEN_ADDRESS="127.0.0.1:8080", GRPC_TARGET=f"ipv4:{cable.LEFT}:8080",
        KEEPALIVE_TIME="10s", KEEPALIVE_TIMEOUT="1s")
    curl = [*cable.inside(cable.right), "curl", "--silent", "--max-time", "60"]
    call = subprocess.Popen([*curl, "http://127.0.0.1:8080/go/sample?delay=50s"], stdout=subprocess.PIPE, text=True)
    try:
        channel = [*curl, "http://127.0.0.1:8080/go/channel"]
        eventually(lambda: '"inFlight":1' in subprocess.run(channel, capture_output=True, text=True).stdout)
        cable.cut()
        # Long before the call's own end, and TCP's.
        answer = json.loads(call.communicate(timeout=40)[0])
        assert answer["error"]["code"] == "UNAVAILABLE"
        assert "keepalive" in answer["error"]["message"]
        assert gateway.process.poll() is None
    finally:
        call.kill()
        call.wait()
