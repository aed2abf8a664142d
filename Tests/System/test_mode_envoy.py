"""Mode envoy: an Envoy of its own between gateway and grpc pods. What every mode promises is in test_modes.py."""

import os
import re
import signal
import subprocess
import threading

import grpc
import pytest

from support.client import client
from support.envoy import REMEDY, configuration
from support.eventually import eventually
from support.load import Load
from support.modes import first_call_after_readiness
from support.paths import available, tool
from support.protos import messages, services
from support.system import System

pytestmark = pytest.mark.skipif(not available("envoy"), reason=REMEDY)
PORTS = {"LISTEN_PORT": 8080, "HEALTH_PORT": 18081, "ADMIN_PORT": 18082, "GRPC_PORT": 8080}


@pytest.fixture(scope="module")
def system(state_folder):
    """For the tests that leave it as it was."""
    started = System("envoy", state_folder)
    started.up("--mode", "envoy", "--max-connection-age", "1s", shutdown_delay="2s")
    yield started
    print(started.samplectl("logs", "envoy").stdout[-3000:])
    started.down()
    assert started.left_behind() == []


def envoy(system: System) -> dict:
    [pod] = system.pods("envoy")
    return pod


@pytest.fixture
def caller(system):
    """Past the gateway."""
    with client(f"{envoy(system)['ip']}:8080") as connected:
        yield connected


@pytest.mark.parametrize("address, own, log_format", [
    ("0.0.0.0", "127.0.0.1", "text"), ("::", "127.0.0.1", "json"), ("127.0.0.1", "127.0.0.1", "text")])
def test_envoy_takes_the_configuration(address, own, log_format, tmp_path):
    """As the chart fills it in: for a pod, for one of a cluster with IPv6, for a sidecar."""
    file = tmp_path / "envoy.yaml"
    file.write_text(configuration(
        log_format, LISTEN_ADDRESS=address, HEALTH_ADDRESS="0.0.0.0", ADMIN_ADDRESS=own,
        GRPC_HOST="sample-service-grpc-headless.sample.svc.cluster.local", **PORTS))
    result = subprocess.run(
        [tool("envoy"), "--mode", "validate", "--config-path", file], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stderr
    assert not re.search(r"deprecated|\]\[(warning|error|critical)\]", result.stderr), result.stderr


def test_no_call_fails_when_pods_close_connections_by_their_age(system):
    """A second each: Envoy hears about 50 GOAWAYs in 10 s. It looks at them, or a call is lost."""
    pods = {pod["name"] for pod in system.pods()}
    with Load(system.port, pause=0.01) as load:
        eventually(lambda: load.count > 1000, within=90)
    assert load.failures == []
    assert {call.pod for call in load.calls} == pods


def test_a_call_passes_as_it_is(system, caller):
    reply, call = caller._hello.SayHello.with_call(
        messages.HelloRequest(name="Ada"), timeout=10, metadata=[("x-request-id", "mine-7")])
    assert reply.message == "Hello Ada"
    ours = {key for key, _ in (*call.initial_metadata(), *call.trailing_metadata())}
    assert not any(key.startswith("x-envoy") or key == "server" for key in ours), ours
    line = eventually(lambda: next((line for line in system.output("logs", "envoy").splitlines() if "mine-7" in line), ""))
    assert 'SayHello" 200 grpc-status OK' in line and "attempts 1" in line, line


def test_a_deadline_holds_on_the_way(caller):
    with pytest.raises(grpc.RpcError) as late:
        caller.say_hello(timeout=0.3, x_delay="5s")
    assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_large_messages_and_streams_pass(caller):
    name = "x" * 3_000_000
    assert caller.say_hello(name).message == f"Hello {name}"
    stub = services.HelloWorldStub(caller.channel)
    assert len(list(stub.StreamHello(messages.StreamHelloRequest(name="Ada", count=2000), timeout=20))) == 2000
    stream = stub.StreamHello(messages.StreamHelloRequest(count=2, interval_ms=60000), timeout=20)
    assert next(stream).message == "Hello World"
    stream.cancel()


def test_a_pod_that_says_not_serving_gets_no_calls(system):
    """/readyz/disable: out of DNS and NOT_SERVING; Envoy looks every second."""
    [pod, *_] = [pod["name"] for pod in system.pods()]
    with Load(system.port, connections=2, pause=0.01) as load:
        system.output("readiness", pod, "off")
        eventually(lambda: all(call.pod != pod for call in load.calls[-100:]))
        system.output("readiness", pod, "on")
        eventually(lambda: any(call.pod == pod for call in load.calls[-100:]))
    assert load.failures == []


def test_without_pods_the_caller_hears_it_from_envoy(new_system):
    system = new_system("none").up("--mode", "envoy", "--replicas", "1")
    [pod] = system.pods()
    system.output("readiness", pod["name"], "off")

    def refused():
        answer = system.ask("/go/sample")
        return answer if answer.status == 503 else None

    answer = eventually(refused)
    assert "UNAVAILABLE" in answer.text and "no healthy upstream" in answer.text
    system.output("readiness", pod["name"], "on")
    eventually(lambda: system.ask("/go/sample").status == 200)


def test_envoys_own_pod_is_replaced_without_loss(system):
    """It drains before it gets SIGTERM, which ends it at once: a call of 8 s is answered too."""
    old = envoy(system)["name"]
    held = []
    # At any moment some call is under way: without the drain Envoy would wait until its connections are 30 s old.
    with Load(system.port, connections=4, pause=0, path="/go/sample?delay=300ms") as load:
        slow = threading.Thread(target=lambda: held.append(system.ask("/go/sample?delay=8s")))
        slow.start()
        eventually(lambda: load.count > 20)
        system.output("restart", "envoy")
        slow.join()
    assert held[0].status == 200
    assert load.failures == []
    assert envoy(system)["name"] != old
    assert held[0].json["response"]["message"] == "Hello World"


def test_a_killed_pod_costs_the_calls_that_it_had_and_no_other(system):
    """Connections that cannot be made are tried elsewhere: kill -9, twice, since a pod starts again at once the first time.
    For a second then nobody listens, and for as long Envoy's addresses may be old."""
    [pod, *_] = system.pods()
    with Load(system.port, connections=4, pause=0.002) as load:
        eventually(lambda: load.count > 100)
        os.kill(pod["pid"], signal.SIGKILL)
        again = eventually(lambda: next(
            (now["pid"] for now in system.pods() if now["name"] == pod["name"] and now["pid"] != pod["pid"]), None))
        os.kill(again, signal.SIGKILL)
        eventually(lambda: load.count > 1500, within=90)
    assert not any("connection failure" in call.failure for call in load.failures), load.failures
    assert len(load.failures) <= 2 * 4, load.failures
    eventually(lambda: all(pod["ready"] for pod in system.pods()))


def test_a_new_pod_has_calls_after_the_next_look_up(new_system):
    """A second apart at most, which is envoy.yaml's dns_refresh_rate; then a health check, and its turn."""
    system = new_system("new").up("--mode", "envoy")
    with Load(system.port, pause=0.01) as load:
        waited = first_call_after_readiness(system, load)
    print(f"envoy: {waited:.2f} s from readiness to the first call")
    assert load.failures == []


@pytest.mark.long
@pytest.mark.timeout(120)
def test_envoys_connections_end_by_age_and_no_call_with_them(system):
    """30 s, and 5 s in which it drains: a call of 50 s and all the others survive it."""
    held = []
    with Load(system.port, pause=0.02) as load:
        slow = threading.Thread(target=lambda: held.append(system.ask("/go/sample?delay=50s", within=70)))
        slow.start()
        slow.join()
    assert held[0].status == 200
    assert load.failures == []


@pytest.mark.long
@pytest.mark.timeout(200)
@pytest.mark.parametrize("mode", ["envoy", "envoy-sidecar"])
def test_a_restart_behind_a_cache_of_thirty_seconds_loses_nothing(new_system, mode):
    system = new_system("cached").up(
        "--mode", mode, "--dns-cache", "30s", "--max-connection-age", "off", shutdown_delay=None)
    with Load(system.port, pause=0.02) as load:
        system.output("restart", "grpc", within=90)
        new = system.in_dns()
        eventually(lambda: all(load.first_call(pod, since) for pod, since in new.items()), within=60)
    print(f"{mode}: {load.count} calls, {len(load.failures)} failed")
    assert load.failures == []
