"""The gateway's gRPC channel: what it does when servers come, go and multiply. The servers are grpcio's."""

import socket

import pytest

from support.eventually import eventually
from support.events import events
from support.ports import free_port, loopback_addresses


def pods_called(gateway, calls: int) -> list[str]:
    answers = [gateway.http("/go/sample") for _ in range(calls)]
    assert [answer.status for answer in answers] == [200] * calls, answers
    return [answer.json["response"]["hostname"] for answer in answers]


def ready(gateway) -> set[str]:
    """The addresses whose subchannel is READY."""
    subchannels = gateway.http("/go/channel").json["subchannels"]
    return {subchannel["address"] for subchannel in subchannels if subchannel["state"] == "READY"}


def test_no_server_is_503_with_address_and_cause(start):
    address = f"127.0.0.1:{free_port()}"
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{address}")
    answer = gateway.http("/go/sample")
    assert (answer.status, answer.json["error"]["code"]) == (503, "UNAVAILABLE")
    assert address in answer.json["error"]["message"]
    assert "refused" in answer.json["error"]["message"]


def test_server_that_comes_later_is_found(start, start_greeter):
    address = f"127.0.0.1:{free_port()}"
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{address}")
    assert gateway.http("/go/sample").status == 503
    start_greeter(address)
    eventually(lambda: gateway.http("/go/sample").status == 200)


def test_server_that_restarts_is_found_again(start, start_greeter):
    # Of our own: what the kernel has given to a listener that ends it may give to anybody's connection.
    greeter = start_greeter(f"127.0.0.1:{free_port()}", hostname="first")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}")
    assert pods_called(gateway, 1) == ["first"]
    greeter.stop()
    eventually(lambda: gateway.http("/go/sample").status == 503)
    start_greeter(greeter.address, hostname="second")
    eventually(lambda: gateway.http("/go/sample").status == 200)
    assert pods_called(gateway, 1) == ["second"]


@pytest.fixture
def pair(start_greeter):
    """Two servers with one port, on addresses of their own, as pods have them."""
    addresses = loopback_addresses(2)
    port = free_port(*addresses)
    return [start_greeter(f"{address}:{port}", hostname=name) for address, name in zip(addresses, ("one", "two"))]


def test_round_robin_spreads_evenly(start, pair):
    target = "ipv4:" + ",".join(greeter.address for greeter in pair)
    gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY="round_robin")
    gateway.http("/go/sample")
    eventually(lambda: ready(gateway) == {greeter.address for greeter in pair})
    pods = pods_called(gateway, 100)
    assert (pods.count("one"), pods.count("two")) == (50, 50)


def test_pick_first_sticks(start, pair):
    target = "ipv4:" + ",".join(greeter.address for greeter in pair)
    gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY="pick_first")
    assert pods_called(gateway, 100) == ["one"] * 100
    assert pair[1].calls == 0


def test_pick_first_moves_on_when_its_server_goes(start, pair):
    target = "ipv4:" + ",".join(greeter.address for greeter in pair)
    gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY="pick_first")
    assert pods_called(gateway, 1) == ["one"]
    pair[0].stop()
    eventually(lambda: gateway.http("/go/sample").status == 200)
    assert pods_called(gateway, 10) == ["two"] * 10


def test_round_robin_leaves_out_a_server_that_went(start, pair):
    target = "ipv4:" + ",".join(greeter.address for greeter in pair)
    gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY="round_robin")
    gateway.http("/go/sample")
    eventually(lambda: len(ready(gateway)) == 2)
    pair[0].stop()
    eventually(lambda: ready(gateway) == {pair[1].address})
    assert pods_called(gateway, 10) == ["two"] * 10


def test_channel_shows_itself(start, pair):
    target = "ipv4:" + ",".join(greeter.address for greeter in pair)
    gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY="round_robin")
    gateway.http("/go/sample")
    eventually(lambda: len(ready(gateway)) == 2)
    picks_before = sum(subchannel["picks"] for subchannel in gateway.http("/go/channel").json["subchannels"])
    pods_called(gateway, 10)

    channel = gateway.http("/go/channel").json
    assert (channel["target"], channel["policy"], channel["state"]) == (target, "round_robin", "READY")
    assert set(channel["resolver"]["addresses"]) == {greeter.address for greeter in pair}
    assert len(channel["subchannels"]) == 2
    assert sum(subchannel["picks"] for subchannel in channel["subchannels"]) == picks_before + 10
    assert [subchannel["inFlight"] for subchannel in channel["subchannels"]] == [0, 0]


def test_channel_shows_why_a_server_is_not_ready(start):
    address = f"127.0.0.1:{free_port()}"
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{address}")
    gateway.http("/go/sample")
    channel = gateway.http("/go/channel").json
    assert channel["state"] in ("TRANSIENT_FAILURE", "CONNECTING")
    assert "refused" in channel["subchannels"][0]["lastError"]


def test_pick_first_does_not_wait_for_a_black_hole(start, start_greeter):
    """Happy Eyeballs: the first address takes no connection and refuses none; the second is tried beside it."""
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # One place in the queue, and nobody accepts: the kernel drops every further SYN.
        waiting.connect(full.getsockname())
        hole = f"127.0.0.1:{full.getsockname()[1]}"
        greeter = start_greeter(hostname="second")
        target = f"ipv4:{hole},{greeter.address}"
        gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY="pick_first")
        assert gateway.http("/go/sample").json["response"]["hostname"] == "second"
        # A connect attempt gets 20 s.
        assert events(gateway, "connect-failed") == [], "nobody has waited for the end of the first"
