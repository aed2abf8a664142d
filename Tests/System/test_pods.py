"""Every pod behind the Service is in /go/channel, idle ones too, and leaves when its source says so."""

import time
from types import SimpleNamespace

import grpc
import pytest

from support.envoy import REMEDY
from support.etcd import Etcd
from support.eventually import eventually
from support.paths import available
from support.ports import free_port, loopback_addresses
from support.programs import run
from support.protos import messages

NAME = "pods.test"
# Until then one that is gone has left: by what its source says, not by any time. For what hangs.
LIMIT = 30


def channel(gateway) -> dict:
    """Of a program, or of a system."""
    answer = gateway.ask("/go/channel") if hasattr(gateway, "ask") else gateway.http("/go/channel")
    assert answer.status == 200, answer
    return answer.json


def pods(gateway) -> dict[str, str | None]:
    """Address → name."""
    listed = channel(gateway)["pods"]
    addresses = [pod["address"] for pod in listed]
    assert len(set(addresses)) == len(addresses)
    assert addresses == sorted(addresses, key=lambda text: [int(part) for part in text.split(".")])
    return {pod["address"]: pod["name"] for pod in listed}


def kill(server):
    server.process.kill()
    server.process.wait()
    server.process.returncode = 0  # its end was ours


# MARK: What a pod says of itself


def metadata(call) -> dict[str, str]:
    found = {**dict(call.initial_metadata() or ()), **dict(call.trailing_metadata() or ())}
    return {key: value for key, value in found.items() if key.startswith("x-")}


def test_every_answer_says_which_pod_it_is_from(start):
    server = start("grpc-server", POD_NAME="pod-1", POD_IP="127.0.0.1")
    mine = {"x-pod-name": "pod-1", "x-pod-ip": "127.0.0.1"}
    with grpc.insecure_channel(server.address("grpc")) as connected:
        unary = connected.unary_unary("/sample.service.HelloWorld/SayHello")
        for _ in range(2):
            _, call = unary.with_call(b"", timeout=10)
            assert metadata(call) == mine
        with pytest.raises(grpc.RpcError) as failed:
            unary.with_call(b"", timeout=10, metadata=[("x-delay", "never")])
        assert (failed.value.code(), metadata(failed.value)) == (grpc.StatusCode.INVALID_ARGUMENT, mine)
        with pytest.raises(grpc.RpcError) as failed:
            connected.unary_unary("/nobody/Knows").with_call(b"", timeout=10)
        assert (failed.value.code(), metadata(failed.value)) == (grpc.StatusCode.UNIMPLEMENTED, mine)
        stream = connected.unary_stream("/sample.service.HelloWorld/StreamHello")
        call = stream(messages.StreamHelloRequest(count=3).SerializeToString(), timeout=10)
        assert len(list(call)) == 3 and metadata(call) == mine


@pytest.mark.parametrize("ip", ["", "not-an-address", "127.0.0.1\x01"])
def test_a_pod_without_an_address_says_its_name_only(start, ip):
    server = start("grpc-server", POD_NAME="pod-1", POD_IP=ip)
    with grpc.insecure_channel(server.address("grpc")) as connected:
        _, call = connected.unary_unary("/sample.service.HelloWorld/SayHello").with_call(b"", timeout=10)
        assert metadata(call) == {"x-pod-name": "pod-1"}


# MARK: A gateway that has one address


@pytest.fixture
def three(start, start_nameserver):
    """Three pods in DNS; a gateway that is told of the first, and where all are."""
    addresses = loopback_addresses(3)
    port = free_port(*addresses)
    servers = {
        ip: start("grpc-server", POD_NAME=f"pod-{ip[-1]}", POD_IP=ip, LISTEN_ADDRESS=f"{ip}:{port}",
                  SHUTDOWN_DELAY="0s") for ip in addresses}
    nameserver = start_nameserver({NAME: addresses})

    def gateway(**settings: str):
        defaults = {
            "GRPC_TARGET": f"ipv4:{addresses[0]}:{port}", "POD_SOURCE": f"dns://{nameserver.address}/{NAME}:{port}"}
        return start("gateway", **{**defaults, **settings})

    return SimpleNamespace(addresses=addresses, port=port, servers=servers, nameserver=nameserver, gateway=gateway)


@pytest.mark.parametrize("loops", ["1", "2"])
def test_pods_that_get_no_call_are_there(three, loops):
    gateway = three.gateway(EVENT_LOOPS=loops)
    eventually(lambda: pods(gateway) == dict.fromkeys(three.addresses))
    for _ in range(4):
        assert gateway.http("/go/sample").status == 200
    first, *others = three.addresses
    assert pods(gateway) == {first: "pod-1", **dict.fromkeys(others)}
    answer = channel(gateway)
    [connected] = [pod for pod in answer["pods"] if pod["connected"]]
    assert connected == {"address": first, "name": "pod-1", "listed": True, "known": True, "connected": True,
        "trouble": None, "troubleSecondsAgo": None}
    assert answer["podSource"]["target"].endswith(f"/{NAME}:{three.port}")
    assert answer["podSource"]["lastError"] is None


def test_nothing_is_asked_while_nobody_looks(three):
    gateway = three.gateway()
    for _ in range(50):
        assert gateway.http("/go/sample").status == 200
    assert three.nameserver.queries(NAME) == 0
    begin = time.monotonic()
    for _ in range(20):
        assert len(pods(gateway)) == 3
    took = time.monotonic() - begin
    assert 1 <= three.nameserver.queries(NAME) <= 2 + took
    eventually(lambda: channel(gateway)["podSource"]["lookups"] == three.nameserver.queries(NAME))
    # No pod was called for it.
    assert [pod["name"] for pod in channel(gateway)["pods"]] == ["pod-1", None, None]


def test_a_pod_that_is_gone_leaves_and_a_new_one_comes(three):
    gateway = three.gateway()
    first, second, third = three.addresses
    assert set(pods(gateway)) == {first, second, third}
    kill(three.servers[third])
    three.nameserver.set({NAME: [first, second]})
    eventually(lambda: set(pods(gateway)) == {first, second}, within=LIMIT)
    three.nameserver.set({NAME: [first, second, third]})
    eventually(lambda: set(pods(gateway)) == {first, second, third}, within=LIMIT)
    # None is left: the name does not exist. Nobody lists the first pod any more, and there is a connection all the same.
    assert gateway.http("/go/sample").status == 200
    three.nameserver.set({})
    eventually(lambda: set(pods(gateway)) == {first}, within=LIMIT + 5)
    assert NAME in channel(gateway)["podSource"]["lastError"]
    [left] = channel(gateway)["pods"]
    assert left == {"address": first, "name": "pod-1", "listed": False, "known": True, "connected": True,
        "trouble": None, "troubleSecondsAgo": None}


def test_an_address_that_another_pod_has_now_has_its_name(three, start):
    gateway = three.gateway()
    first = three.addresses[0]
    assert gateway.http("/go/sample").status == 200 and pods(gateway)[first] == "pod-1"
    three.servers[first].stop()
    start("grpc-server", POD_NAME="pod-9", POD_IP=first, LISTEN_ADDRESS=f"{first}:{three.port}")
    eventually(lambda: gateway.http("/go/sample").status == 200 and pods(gateway)[first] == "pod-9", within=LIMIT)


@pytest.mark.parametrize("kind", ["no such name", "nobody there", "silence"])
def test_a_source_that_does_not_resolve_is_told_of_and_harms_nothing(three, kind, unheard):
    source = {
        "no such name": f"dns://{three.nameserver.address}/other.test:{three.port}",
        "nobody there": f"dns://127.0.0.1:{free_port()}/{NAME}:{three.port}",
        "silence": f"dns://{unheard}/{NAME}:{three.port}"}[kind]
    gateway = three.gateway(POD_SOURCE=source)
    assert gateway.http("/go/sample").status == 200
    error = eventually(lambda: channel(gateway)["podSource"]["lastError"])
    assert NAME in error or "other.test" in error, error
    # The pod that there is a connection to has told its name.
    assert pods(gateway) == {three.addresses[0]: "pod-1"}
    begin = time.monotonic()
    for _ in range(40):
        assert gateway.http("/go/sample").status == 200
        channel(gateway)
    # Not 500 ms each time.
    assert time.monotonic() - begin < 18
    assert "Fatal" not in gateway.errors


@pytest.fixture
def unheard():
    """A UDP socket that reads nothing: a name server that does not answer."""
    import socket

    with socket.socket(type=socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{deaf.getsockname()[1]}"


def test_without_a_source_it_is_the_channels_own(three):
    gateway = three.gateway(
        GRPC_TARGET=f"dns://{three.nameserver.address}/{NAME}:{three.port}", POD_SOURCE="",
        LOAD_BALANCING_POLICY="round_robin")
    eventually(lambda: gateway.http("/go/sample").status == 200 and None not in pods(gateway).values())
    assert pods(gateway) == {ip: f"pod-{ip[-1]}" for ip in three.addresses}
    answer = channel(gateway)
    assert answer["podSource"]["target"] == answer["target"]
    assert all(pod["connected"] and pod["known"] and pod["listed"] for pod in answer["pods"])


@pytest.mark.parametrize("source", ["nonsense://", "ipv4:999.0.0.1:80", "kubernetes:///x", "dns://nowhere/x:1"])
def test_a_source_that_cannot_be_used_is_refused_at_the_start(source):
    result = run("gateway", GRPC_TARGET="ipv4:127.0.0.1:1", POD_SOURCE=source)
    assert result.returncode == 64 and "POD_SOURCE" in result.stderr, result.stderr


def test_a_registry_tells_of_pods_that_are_killed(start, tmp_path):
    addresses = loopback_addresses(3)
    port = free_port(*addresses)
    etcd = Etcd(tmp_path / "etcd", 1).start()
    try:
        servers = {
            ip: start("grpc-server", POD_NAME=f"pod-{ip[-1]}", POD_IP=ip, LISTEN_ADDRESS=f"{ip}:{port}",
                      ETCD_ENDPOINTS=etcd.endpoints, REGISTRY_TTL="2s") for ip in addresses}
        gateway = start(
            "gateway", GRPC_TARGET="etcd:///sample-service-grpc", ETCD_ENDPOINTS=etcd.endpoints,
            LOAD_BALANCING_POLICY="round_robin")
        eventually(lambda: set(pods(gateway)) == set(addresses))
        eventually(lambda: gateway.http("/go/sample").status == 200 and None not in pods(gateway).values())
        kill(servers[addresses[2]])
        # The lease has to end first.
        eventually(lambda: set(pods(gateway)) == set(addresses[:2]), within=LIMIT + 5)
    finally:
        etcd.stop()


# MARK: The modes


def named(system) -> dict[str, str]:
    """Address → name, as the supervisor has it."""
    return {pod["ip"]: pod["name"] for pod in system.pods() if pod["status"] == "Running"}


@pytest.mark.parametrize("mode", [
    "clusterip", "headless", "kubernetes", "etcd",
    pytest.param("envoy", marks=pytest.mark.skipif(not available("envoy"), reason=REMEDY)), "nginx"])
def test_in_every_mode_five_pods_are_listed_and_named(new_system, mode):
    system = new_system(f"pods-{mode}").up("--mode", mode, shutdown_delay="2s")
    there = named(system)
    assert len(there) == 5
    eventually(lambda: set(pods(system)) == set(there), within=LIMIT)
    system.pods_called(50)
    if mode == "clusterip":
        [(ip, name)] = [(ip, name) for ip, name in pods(system).items() if name]
        assert there[ip] == name
        assert not any(pod["connected"] for pod in channel(system)["pods"])
    else:
        eventually(lambda: system.pods_called(10) and pods(system) == there, within=LIMIT)
    system.output("scale", "grpc=6")
    eventually(lambda: set(pods(system)) == set(named(system)) and len(pods(system)) == 6, within=LIMIT)
    system.output("scale", "grpc=5")
    eventually(lambda: len(named(system)) == 5 and set(pods(system)) == set(named(system)), within=LIMIT)
    system.down()
