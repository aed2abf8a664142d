"""What clients can make grpc-server hold, and that it gives it back."""

import socket

import grpc
import pytest

from support.client import client
from support.eventually import eventually
from support.http2 import REFUSED_STREAM, Peer, grpc_message, stream_hello_request

MIB = 1 << 20
LARGE = grpc_message(4 * MIB - 32 * 1024)
# resources.limits.memory of the chart
LIMIT = 128 * MIB


@pytest.fixture
def server(start):
    return start("grpc-server", LOG_LEVEL="error")


def gives_memory_back(server, idle: int):
    """Not a byte more than 16 MiB stays, some moments after the clients have gone."""
    assert eventually(lambda: server.resident_bytes <= idle + 16 * MIB)


def hold_requests(peer: Peer):
    """Large requests that do not end."""
    peer.send(peer.open("SayHello"), LARGE)


def hold_replies(peer: Peer):
    """Large replies that are not read."""
    peer.send(peer.open("SayHello"), LARGE, end=True)


@pytest.mark.parametrize("hold", [hold_requests, hold_replies])
def test_one_connection_gets_a_quarter_of_the_room_and_others_are_served(server, hold):
    idle = server.resident_bytes
    with client(server.address("grpc")) as other, Peer(server.address("grpc"), window=0) as peer:
        for _ in range(100):
            hold(peer)
            assert other.say_hello("you").message == "Hello you"
            # A quarter of 64 MiB, and as much again for what is between two places.
            assert server.resident_bytes <= idle + 32 * MIB
        assert len(peer.ended) > 80
    gives_memory_back(server, idle)


def test_many_connections_stay_within_the_charts_limit(server):
    idle = server.resident_bytes
    peers = [Peer(server.address("grpc"), window=0) for _ in range(12)]
    for number in range(6 * len(peers)):
        (hold_requests if number % 2 else hold_replies)(peers[number % len(peers)])
        assert server.resident_bytes <= LIMIT - 16 * MIB
    for peer in peers:
        peer.socket.close()
    gives_memory_back(server, idle)


def test_a_stalled_stream_costs_16_KiB_at_most(server):
    idle = server.resident_bytes
    peers = [Peer(server.address("grpc"), window=0) for _ in range(20)]
    for peer in peers:
        for _ in range(100):
            peer.send(peer.open("StreamHello"), stream_hello_request(100_000), end=True)
    # The last one's turn has come when a call behind it has been answered.
    with client(server.address("grpc")) as other:
        other.say_hello()
    assert sum(len(peer.resets) for peer in peers) == 0
    assert server.resident_bytes - idle <= 2000 * 16 * 1024
    for peer in peers:
        peer.socket.close()
    gives_memory_back(server, idle)


def test_when_all_room_is_taken_calls_are_refused_until_it_is_given_back(server):
    holders = [Peer(server.address("grpc")) for _ in range(4)]
    for peer in holders:
        for _ in range(4):
            hold_requests(peer)
    with client(server.address("grpc")) as other, Peer(server.address("grpc")) as last:
        # What is left goes to calls that have only begun.
        for _ in range(90):
            last.open("SayHello")
        while REFUSED_STREAM not in last.resets.values():
            last.read()
        with pytest.raises(grpc.RpcError) as refused:
            other.say_hello()
        assert refused.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
        assert server.admin("/healthz").status == 200
        for peer in holders:
            peer.socket.close()

        def is_served():
            try:
                return other.say_hello("again").message == "Hello again"
            except grpc.RpcError:
                return False

        eventually(is_served)


@pytest.mark.parametrize("name, listener", [("grpc-server", "grpc"), ("gateway", "http"), ("js-server", "http")])
def test_the_admin_port_answers_when_every_descriptor_is_used(name, listener, start):
    few = {"grpc-server": {}, "gateway": {"GRPC_TARGET": "ipv4:127.0.0.1:9"}, "js-server": {"STATIC_ROOT": "/usr/share"}}
    program = start(name, inside=["prlimit", "--nofile=64"], **few[name])
    host, port = program.address(listener).split(":")
    connections = [socket.create_connection((host, int(port)), timeout=10) for _ in range(200)]
    eventually(lambda: program.sockets > 20)
    for _ in range(10):
        assert program.admin("/healthz").status == 200
    for connection in connections:
        connection.close()
