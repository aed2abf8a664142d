"""A gateway that starts together with its pods, as in a fresh install: when it is ready, and whom it then knows."""

import signal

import pytest

from support.eventually import eventually
from support.ports import free_port, loopback_addresses

NAME = "pods.test"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.mark.parametrize("loops", ["1", "3"])
def test_gateway_is_ready_once_it_can_serve(start, start_greeter, port, loops):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{port}", EVENT_LOOPS=loops)
    answer = gateway.admin("/readyz")
    assert answer.status == 503 and f"no connection to ipv4:127.0.0.1:{port} yet" in answer.text
    assert gateway.admin("/healthz").status == 200
    start_greeter(f"127.0.0.1:{port}")
    eventually(lambda: gateway.admin("/readyz").status == 200)
    # On every loop: connections are handed to the loops in turn.
    assert {gateway.http("/go/sample").status for _ in range(6)} == {200}
    assert "Ready without" not in gateway.output


def test_ready_gateway_stays_so_when_its_pods_go(start, start_greeter):
    greeter = start_greeter()
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}")
    eventually(lambda: gateway.admin("/readyz").status == 200)
    greeter.stop()
    eventually(lambda: gateway.http("/go/sample").status == 503)
    assert gateway.admin("/readyz").status == 200, "its 503 says what is wrong; out of its Service it could not"


def test_gateway_without_pods_is_ready_with_a_warning_in_the_end(start, port):
    """So that `helm install --wait` ends."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{port}", READY_TIMEOUT="2s")
    assert gateway.admin("/readyz").status == 503
    eventually(lambda: gateway.admin("/readyz").status == 200)
    [line] = [line for line in gateway.output.splitlines() if "warn" in line]
    assert f"Ready without a connection to ipv4:127.0.0.1:{port}, after 2s" in line


def test_gateway_ends_while_it_is_not_ready(start, port):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{port}", SHUTDOWN_DELAY="300ms")
    assert gateway.admin("/readyz").status == 503
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(30) == 0
    assert "Ready without" not in gateway.output


def test_pods_that_become_ready_one_after_another_are_all_used(start, start_greeter, start_nameserver):
    """No connection is lost and no answer expires: it looks again because it has just started."""
    addresses = loopback_addresses(3)
    pods_port = free_port(*addresses)
    nameserver = start_nameserver({NAME: []})
    gateway = start(
        "gateway", GRPC_TARGET=f"dns://{nameserver.address}/{NAME}:{pods_port}", LOAD_BALANCING_POLICY="round_robin",
        DNS_MIN_RESOLUTION_INTERVAL="1s")
    for count in range(1, 4):
        start_greeter(f"{addresses[count - 1]}:{pods_port}", hostname=f"pod-{count}")
        nameserver.set({NAME: addresses[:count]})
        eventually(lambda: ready(gateway) == count)
    assert gateway.admin("/readyz").status == 200
    hostnames = [gateway.http("/go/sample").json["response"]["hostname"] for _ in range(9)]
    assert {name: hostnames.count(name) for name in hostnames} == {"pod-1": 3, "pod-2": 3, "pod-3": 3}


def ready(gateway) -> int:
    return sum(entry["state"] == "READY" for entry in gateway.http("/go/channel").json["subchannels"])
