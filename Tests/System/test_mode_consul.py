"""Pods in the real Consul, and the gateway that finds them there: what becomes of them when something fails.

That calls spread evenly, and what rolling restarts do, test_modes.py shows.
"""

import os
import re
import signal
import time

import pytest

from support.certificates import Authority
from support.consul import Consul, consul_program
from support.eventually import eventually
from support.load import Load
from support.paths import ROOT
from support.programs import Program, run

SERVICE = "sample-service-grpc"


@pytest.fixture
def new_consul(tmp_path):
    """new_consul() → Consul, not started"""
    made: list[Consul] = []

    def make(*options: str, **named) -> Consul:
        made.append(Consul(tmp_path / f"consul-{len(made)}", *options, **named))
        return made[-1]

    yield make
    for consul in made:
        consul.kill()
        print(consul.log[-3000:])


@pytest.fixture
def consul(new_consul):
    return new_consul().start()


@pytest.fixture
def new_pod(start):
    """new_pod(consul, "pod-1") → Program"""

    def make(consul: Consul, name: str, **environment: str) -> Program:
        environment = {"POD_NAME": name, "POD_IP": "127.0.0.1", "CONSUL_HTTP_ADDR": consul.address, **environment}
        return start("grpc-server", **environment)

    return make


@pytest.fixture
def new_gateway(start):
    def make(consul: Consul, **environment: str) -> Program:
        return start("gateway", GRPC_TARGET=f"consul:///{SERVICE}", CONSUL_HTTP_ADDR=consul.address, **environment)

    return make


def addresses(gateway: Program) -> set[str]:
    """The pods that the gateway knows."""
    return {subchannel["address"] for subchannel in gateway.http("/go/channel").json["subchannels"]}


def ready(gateway: Program) -> int:
    channel = gateway.http("/go/channel").json
    return sum(1 for subchannel in channel["subchannels"] if subchannel["state"] == "READY")


def first_call(load: Load, pod: str, within: float = 25) -> float:
    return eventually(lambda: load.first_call(pod, 0), within=within)


def test_a_pod_is_in_consul_while_it_is_ready_and_its_end_takes_it_out_first(consul, new_pod):
    pod = new_pod(consul, "pod-1", SHUTDOWN_DELAY="60s")
    eventually(lambda: consul.pods() == {"pod-1": pod.address("grpc")})
    assert pod.admin("/readyz").status == 200
    pod.terminate()
    eventually(lambda: consul.pods() == {})
    assert consul.check("pod-1") is None, "it is gone, and not only critical"
    assert pod.process.poll() is None, "while it still serves"
    pod.process.kill()
    pod.process.wait()
    pod.process.returncode = 0  # its end was ours


def test_a_pod_gets_its_first_call_soon_after_it_is_ready(consul, new_pod, new_gateway):
    new_pod(consul, "pod-1")
    gateway = new_gateway(consul)
    with Load(gateway.ports["http"], connections=2) as load:
        first_call(load, "pod-1")
        for number in range(2, 6):
            pod = new_pod(consul, f"pod-{number}")
            eventually(lambda pod=pod: pod.admin("/readyz").status == 200)
            since = time.monotonic()
            # The goal is 1 s on a machine that has nothing else to do. Were nobody told, the query would end after 30 s.
            took = first_call(load, f"pod-{number}") - since
            print(f"consul: from readiness to the first call {1000 * max(took, 0):.0f} ms")
    assert load.failures == []


def test_readiness_switched_off_takes_a_pod_out_and_on_brings_it_back(consul, new_pod, new_gateway):
    pods = [new_pod(consul, f"pod-{number}") for number in (1, 2)]
    gateway = new_gateway(consul)
    with Load(gateway.ports["http"], connections=2) as load:
        first_call(load, "pod-1")
        off = time.monotonic()
        pods[0].admin("/readyz/disable", "POST")
        eventually(lambda: "pod-1" not in consul.pods())
        gone = time.monotonic() - off
        # The goal is 1 s; the query that nobody answers ends after 30 s.
        eventually(lambda: addresses(gateway) == {pods[1].address("grpc")}, within=25)
        unknown = time.monotonic() - off
        print(f"consul: {1000 * gone:.0f} ms until Consul, {1000 * unknown:.0f} ms until the gateway has it no more")
        on = time.monotonic()
        pods[0].admin("/readyz/enable", "POST")
        back = eventually(lambda: load.first_call("pod-1", on + 0.001) if "pod-1" in consul.pods() else None)
        print(f"consul: {1000 * (back - on):.0f} ms until it has calls again")
    assert load.failures == []


@pytest.mark.long
def test_a_killed_pod_is_critical_when_its_time_is_over(consul, new_pod, new_gateway, tmp_path):
    new_pod(consul, "pod-1")
    victim = Program(
        "grpc-server", {"grpc", "admin"}, tmp_path / "victim", POD_NAME="victim", POD_IP="127.0.0.1",
        CONSUL_HTTP_ADDR=consul.address, REGISTRY_TTL="2s")
    try:
        gateway = new_gateway(consul)
        with Load(gateway.ports["http"], connections=2) as load:
            first_call(load, "victim")
            victim.process.kill()
            victim.process.wait()
            killed = time.monotonic()
            eventually(lambda: consul.check("victim") == "critical")
            eventually(lambda: len(addresses(gateway)) == 1)
            print(f"consul: {time.monotonic() - killed:.1f} s after the kill, with 2 s to live, the pod is out")
    finally:
        victim.process.kill()
        victim.process.wait()
    # Only calls that were in it, or on their way, when it died.
    assert all(call.began < killed + 1 for call in load.failures)


@pytest.mark.long
def test_a_pod_that_comes_back_under_its_name_is_passing_again(consul, new_pod, tmp_path):
    """Consul keeps the state of a check whose service is entered once more: critical."""
    environment = {"POD_NAME": "pod-1", "POD_IP": "127.0.0.1", "CONSUL_HTTP_ADDR": consul.address, "REGISTRY_TTL": "1s"}
    first = Program("grpc-server", {"grpc", "admin"}, tmp_path / "first", **environment)
    eventually(lambda: consul.check("pod-1") == "passing")
    first.process.kill()
    first.process.wait()
    eventually(lambda: consul.check("pod-1") == "critical")
    # By its entry, and not by its first renewal, 10 s later.
    second = new_pod(consul, "pod-1", REGISTRY_TTL="30s")
    eventually(lambda: consul.pods() == {"pod-1": second.address("grpc")})


@pytest.mark.long
def test_a_restarted_agent_costs_no_call_and_hears_of_every_pod_again(consul, new_pod, new_gateway):
    pods = [new_pod(consul, f"pod-{number}", REGISTRY_TTL="3s") for number in (1, 2, 3)]
    gateway = new_gateway(consul)
    with Load(gateway.ports["http"], connections=2) as load:
        eventually(lambda: ready(gateway) == 3)
        consul.kill()
        eventually(lambda: "onsul" in (gateway.http("/go/channel").json["resolver"].get("lastError") or ""))
        told = [event for event in gateway.http("/go/channel").json["events"] if event["kind"] == "lookup-failed"]
        assert told and "onsul" in told[-1]["message"]
        consul.start()
        started = time.monotonic()
        eventually(lambda: len(consul.pods()) == 3)
        print(f"consul: {time.monotonic() - started:.1f} s after its return it knows every pod again (3 s to live)")
        # And the gateway hears of changes again.
        new_pod(consul, "pod-4")
        first_call(load, "pod-4", within=30)
        assert addresses(gateway) >= {pod.address("grpc") for pod in pods}
    assert load.failures == []
    assert any("registering anew" in pod.output + pod.errors for pod in pods)


@pytest.mark.long
def test_an_index_that_goes_backwards_shows_the_gateway_what_there_was_then(consul, start, new_pod, new_gateway):
    """The servers are given back an older snapshot, as an operator does after a mishap."""
    pod = new_pod(consul, "pod-1")
    gateway = new_gateway(consul)
    eventually(lambda: ready(gateway) == 1)
    snapshot = consul.snapshot()
    consul.enter("outside", start("grpc-server", POD_NAME="outside").address("grpc"))
    eventually(lambda: ready(gateway) == 2)
    with Load(gateway.ports["http"], connections=2) as load:
        before = consul.index()
        consul.restore(snapshot)
        restored = time.monotonic()
        after = eventually(lambda: (index := consul.index()) < before and index)
        # For 10 s sets only grow. Waiting with the old index the gateway would see it 30 s later, with the query's end.
        eventually(lambda: addresses(gateway) == {pod.address("grpc")}, within=25)
        print(f"consul: the index went from {before} to {after}; {time.monotonic() - restored:.1f} s until it counted")
        new_pod(consul, "pod-2")
        first_call(load, "pod-2")
    assert load.failures == []


def test_without_an_agent_at_the_start_a_pod_lives_and_is_not_ready(new_consul, new_pod, new_gateway):
    consul = new_consul()
    pod = new_pod(consul, "pod-1")
    gateway = new_gateway(consul, READY_TIMEOUT="30s")
    assert pod.admin("/healthz").status == 200
    answer = eventually(lambda: (answer := pod.admin("/readyz")).status == 503 and "onsul" in answer.text and answer)
    assert consul.address in answer.text, answer.text
    eventually(lambda: re.search(r"Not registered with Consul at .* trying again", pod.output + pod.errors))
    assert gateway.admin("/readyz").status == 503
    consul.start()
    eventually(lambda: pod.admin("/readyz").status == 200)
    eventually(lambda: gateway.http("/go/sample").status == 200)


@pytest.mark.long
def test_access_control_wants_the_token_and_nobody_prints_it(new_consul, new_pod, new_gateway):
    token = "5ca1ab1e-0000-4000-8000-feedfacecafe"
    consul = new_consul(token=token).start()
    stranger = new_pod(consul, "stranger")
    eventually(lambda: "403" in stranger.admin("/readyz").text)
    pod = new_pod(consul, "pod-1", CONSUL_HTTP_TOKEN=token, LOG_LEVEL="debug")
    eventually(lambda: list(consul.pods()) == ["pod-1"])
    gateway = new_gateway(consul, CONSUL_HTTP_TOKEN=token, LOG_LEVEL="debug")
    assert gateway.http("/go/sample").json["response"]["hostname"] == "pod-1"
    assert not any(token in program.transcript for program in (pod, gateway))


def test_an_agent_at_https_is_verified_and_shown_a_certificate(new_consul, start, new_pod, tmp_path):
    authority = Authority(tmp_path / "authority")
    consul = new_consul(authority=authority).start()
    certificate, key = map(str, authority.issue(use="clientAuth"))
    said = {"CONSUL_HTTP_ADDR": consul.secure_address, "CONSUL_CACERT": str(authority.certificate),
            "CONSUL_TLS_SERVER_NAME": "server.dc1.consul", "CONSUL_CLIENT_CERT": certificate, "CONSUL_CLIENT_KEY": key}
    new_pod(consul, "pod-1", **said)
    eventually(lambda: list(consul.pods()) == ["pod-1"])
    gateway = start("gateway", GRPC_TARGET=f"consul:///{SERVICE}", **said)
    assert gateway.http("/go/sample").json["response"]["hostname"] == "pod-1"

    other = Authority(tmp_path / "other", name="another authority")
    wrong_name = new_pod(consul, "wrong-name", **{**said, "CONSUL_TLS_SERVER_NAME": "consul.test"})
    wrong_authority = new_pod(consul, "wrong-authority", **{**said, "CONSUL_CACERT": str(other.certificate)})
    eventually(lambda: "consul.test" in wrong_name.admin("/readyz").text)
    eventually(lambda: "unknown authority" in wrong_authority.admin("/readyz").text)
    assert list(consul.pods()) == ["pod-1"]


@pytest.mark.long
def test_an_agent_that_dies_under_samplectl_costs_no_call(new_system):
    consul_program()
    system = new_system().up("--mode", "consul", "--max-connection-age", "off")
    system.ask("/go/sample")
    eventually(lambda: system.ready() == 5)
    [agent] = system.pods("consul")
    with Load(system.port, connections=2) as load:
        os.kill(agent["pid"], signal.SIGKILL)
        # Those that start now become ready when the agent is back, at another address behind the same Service.
        system.output("scale", "grpc=7")
        eventually(lambda: [pod["ready"] for pod in system.pods()] == [True] * 7)
        eventually(lambda: all(load.first_call(pod["name"], 0) for pod in system.pods()))
        eventually(lambda: system.ready() == 7)
    assert load.failures == []


@pytest.mark.parametrize("program, words, environment", [
    ("gateway", ["CONSUL_HTTP_ADDR"], {"GRPC_TARGET": f"consul:///{SERVICE}"}),
    ("gateway", ["CONSUL_HTTP_ADDR", "neither"], {"CONSUL_HTTP_ADDR": "ftp://127.0.0.1:8501"}),
    ("gateway", ["CONSUL_CACERT", "https"], {"CONSUL_HTTP_ADDR": "127.0.0.1:8500", "CONSUL_CACERT": "/ca.crt"}),
    ("gateway", ["CONSUL_CACERT", "/none.crt"], {"CONSUL_HTTP_ADDR": "https://127.0.0.1", "CONSUL_CACERT": "/none.crt"}),
    ("grpc-server", ["CONSUL_HTTP_ADDR"], {"CONSUL_HTTP_ADDR": "127.0.0.1:0", "POD_IP": "127.0.0.1"}),
    ("grpc-server", ["POD_IP"], {"CONSUL_HTTP_ADDR": "127.0.0.1:8500", "POD_NAME": "pod-1"}),
    ("grpc-server", ["CONSUL_HTTP_TOKEN"], {"CONSUL_HTTP_TOKEN": "quite secret"}),
])
def test_what_cannot_be_used_is_one_line_and_64(program, words, environment):
    result = run(program, **{"LISTEN_ADDRESS": "127.0.0.1:0", "ADMIN_ADDRESS": "127.0.0.1:0", **environment})
    assert result.returncode == 64
    assert result.stderr.count("\n") == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert "quite secret" not in result.stderr


def test_a_web_server_in_the_place_of_consul_is_named(start):
    js = start("js-server", STATIC_ROOT=str(ROOT / "web"))
    gateway = start("gateway", GRPC_TARGET=f"consul:///{SERVICE}", CONSUL_HTTP_ADDR=js.address("http"))
    eventually(lambda: "404" in (gateway.http("/go/channel").json["resolver"].get("lastError") or ""))
