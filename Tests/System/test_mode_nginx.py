"""Mode nginx: gRPC balanced by the entry's own nginx, on a listener of its own."""

import os
import re
import signal
import socket
import subprocess

import grpc
import pytest

from support.client import client
from support.eventually import eventually
from support.front import Entry
from support.load import Load
from support.modes import first_call_after_readiness
from support.paths import tool
from support.protos import messages, services

CALL = re.compile(r'[\d/]+ [\d:]+ \S+ "POST (\S+) HTTP/2.0" 200 grpc-status "(\d+)" to "(.*)" (\S+) in .* id "(.*)"')


@pytest.fixture
def entry(tmp_path):
    """entry("127.0.0.1:50051", grpc_read_timeout="1s") → Entry"""
    started: list[Entry] = []

    def start(grpc: str, **replaced: str) -> Entry:
        started.append(Entry(tmp_path / f"nginx-{len(started)}", "127.0.0.1:1", "127.0.0.1:1", grpc=grpc, **replaced))
        return started[-1]

    yield start
    for nginx in started:
        print(nginx.errors)
        nginx.stop()


@pytest.fixture
def silent():
    """The address of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield "127.0.0.1:%d" % listener.getsockname()[1]


def test_its_502_is_unavailable_and_names_it(entry, start):
    nginx = entry("127.0.0.1:1")
    with client(nginx.grpc_address) as caller:
        with pytest.raises(grpc.RpcError) as refused:
            caller.say_hello()
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    assert refused.value.details() == "nginx reached none of 127.0.0.1:1 (tried: 127.0.0.1:1)"
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{nginx.grpc_address}")
    answer = gateway.http("/go/sample")
    assert answer.status == 503
    assert "UNAVAILABLE" in answer.text and "nginx reached none of 127.0.0.1:1" in answer.text


def test_its_504_is_deadline_exceeded_and_names_it(entry, start, silent):
    nginx = entry(silent, grpc_read_timeout="1s")
    with client(nginx.grpc_address) as caller:
        with pytest.raises(grpc.RpcError) as late:
            caller.say_hello()
    assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert late.value.details() == f"nginx waited 70 seconds for {silent} of {silent}"
    answer = start("gateway", GRPC_TARGET=f"ipv4:{nginx.grpc_address}").http("/go/sample")
    assert answer.status == 504
    assert "DEADLINE_EXCEEDED" in answer.text and "nginx waited" in answer.text


def test_each_call_has_a_connection_of_its_own_behind_nginx(entry, start, greeter):
    """nginx 1.22 keeps connections to named servers only, whose names it looks up once."""
    nginx = entry(greeter.address)
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{nginx.grpc_address}")
    counted = gateway.http("/go/distribution?requests=100&concurrency=4").json
    assert counted["failed"] == 0
    version = subprocess.run([tool("nginx"), "-v"], capture_output=True, text=True, check=True).stderr.strip()
    print(f"{version}: {len(greeter.peers)} connections for {greeter.calls} calls")
    assert len(greeter.peers) == greeter.calls == 100


def test_a_call_keeps_its_id_and_its_status_is_logged(entry, start, greeter):
    nginx = entry(greeter.address)
    with client(nginx.grpc_address) as caller:
        caller.say_hello(x_request_id="mine-1")
        with pytest.raises(grpc.RpcError) as failed:
            caller.say_hello("fail NOT_FOUND", x_request_id="mine-2")
    assert failed.value.code() == grpc.StatusCode.NOT_FOUND and failed.value.details() == "told to fail with NOT_FOUND"
    assert greeter.metadata["x-request-id"] == "mine-2"
    eventually(lambda: len(nginx.log) == 2)
    lines = [match for match in map(CALL.fullmatch, nginx.log) if match]
    assert [(line[2], line[3], line[5]) for line in lines] == [
        ("0", greeter.address, "mine-1"), ("5", greeter.address, "mine-2")]


def test_large_messages_and_streams_pass(entry, server):
    """Over nginx's own limit for bodies, 1 MiB; and answers come as they are sent, not when the call ends."""
    nginx = entry(server.address("grpc"))
    with client(nginx.grpc_address) as caller:
        name = "x" * 3_000_000
        assert caller.say_hello(name).message == f"Hello {name}"
        stub = services.HelloWorldStub(caller.channel)
        assert len(list(stub.StreamHello(messages.StreamHelloRequest(name="Ada", count=2000), timeout=20))) == 2000
        stream = stub.StreamHello(messages.StreamHelloRequest(count=2, interval_ms=60000), timeout=20)
        assert next(stream).message == "Hello World"
        stream.cancel()
    cancelled = re.compile(r"grpc_server_call_duration_seconds_count\{.*StreamHello.*CANCELLED.*\} 1")
    eventually(lambda: cancelled.search(server.admin("/metrics").text))


@pytest.mark.parametrize("calls", [3000, pytest.param(10_000, marks=pytest.mark.long)])
def test_no_call_fails_when_nginx_has_enough_of_a_connection(entry, start, server, calls):
    """A GOAWAY after every 1000 calls, sent while others are under way."""
    nginx = entry(server.address("grpc"))
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{nginx.grpc_address}")
    counted = gateway.http(f"/go/distribution?requests={calls}&concurrency=50", within=50).json
    text = gateway.admin("/metrics").text
    [connections] = re.findall(r"(?m)^grpc_subchannel_connection_attempts_succeeded_total\{.*\} (\d+)", text)
    print(f"{calls} calls, {counted['failed']} failed, {connections} connections to nginx")
    assert counted["failed"] == 0
    assert int(connections) > calls // 1000


def test_nginx_that_is_told_to_quit_costs_no_call(entry, start, server):
    """As in a rollout, in which another nginx is there already: GOAWAY, and calls under way are answered."""
    old, new = (entry(server.address("grpc")) for _ in range(2))
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{old.grpc_address},{new.grpc_address}")
    with Load(int(gateway.address("http").rpartition(":")[2]), path="/go/sample?delay=50ms", pause=0) as load:
        eventually(lambda: load.count > 50)
        old.process.send_signal(signal.SIGQUIT)
        old.process.wait(30)
        seen = load.count
        eventually(lambda: load.count > seen + 50)
    assert load.failures == []
    assert any(map(CALL.fullmatch, old.log)) and any(map(CALL.fullmatch, new.log))


def test_a_new_pod_has_calls_when_the_names_addresses_are_too_old(new_system):
    """nginx's resolver keeps them for `valid=`, which is --dns-interval here."""
    system = new_system("new").up("--mode", "nginx", "--dns-interval", "3s")
    with Load(system.port, pause=0.01) as load:
        waited = first_call_after_readiness(system, load)
    settings = "".join(file.read_text() for file in system.state.rglob("nginx.conf"))
    assert "valid=3s" in settings
    print(f"nginx: {waited:.2f} s from readiness to the first call, valid=3s")
    assert load.failures == []


def test_a_killed_pod_costs_the_calls_that_it_had_and_no_other(new_system):
    """What could not be connected to is tried elsewhere: kill -9, and nginx still knows its address."""
    system = new_system("killed").up("--mode", "nginx", "--dns-interval", "5s")
    [pod, *_] = system.pods()
    with Load(system.port, connections=4, pause=0.005) as load:
        eventually(lambda: load.count > 100)
        os.kill(pod["pid"], signal.SIGKILL)
        eventually(lambda: load.count > 1000, within=90)
    assert len(load.failures) <= 4, load.failures
    assert "exited on signal" not in system.output("logs", "nginx")


@pytest.mark.long
@pytest.mark.timeout(200)
def test_a_restart_behind_a_cache_of_thirty_seconds_loses_nothing(new_system):
    system = new_system("nginx").up(
        "--mode", "nginx", "--dns-cache", "30s", "--max-connection-age", "off", shutdown_delay=None)
    with Load(system.port, pause=0.02) as load:
        system.output("restart", "grpc", within=90)
        new = system.in_dns()
        eventually(lambda: all(load.first_call(pod, since) for pod, since in new.items()), within=60)
    print(f"{load.count} calls, {len(load.failures)} failed")
    assert load.failures == []
