"""The channel's story: each kind of event, provoked, and told with the same words wherever one may read it."""

import json
import re
import socket
import threading

import pytest

from support.eventually import eventually
from support.events import EventStream, events, told
from support.ports import free_port, loopback_addresses
from support.programs import Program

from test_connection_management import GOAWAY, SETTINGS, frame

NAME = "pods.test"


@pytest.fixture
def listen():
    """listen(gateway) → EventStream"""
    streams: list[EventStream] = []

    def begin(gateway: Program, path: str = "/go/events?last=200", **options) -> EventStream:
        streams.append(EventStream(gateway.address("http"), path, **options))
        return streams[-1]

    yield begin
    for stream in streams:
        stream.close()


@pytest.fixture
def pods(start_greeter):
    """Three gRPC servers with one port."""
    addresses = loopback_addresses(3)
    port = free_port(*addresses)
    return [start_greeter(f"{address}:{port}", hostname=f"pod-{n}") for n, address in enumerate(addresses, 1)]


def ip(greeter) -> str:
    return greeter.address.split(":")[0]


@pytest.fixture
def gateway_for(start):
    """One that looks its target up every second."""
    def start_gateway(nameserver, port: str, **environment) -> Program:
        return start(
            "gateway", GRPC_TARGET=f"dns://{nameserver.address}/{NAME}:{port}", POD_NAME="gateway-1",
            DNS_MIN_RESOLUTION_INTERVAL="1s", DNS_TTL_REFRESH="true", **environment)
    return start_gateway


def test_addresses_found_changed_and_no_longer_wanted(gateway_for, listen, start_nameserver, pods):
    port = pods[0].address.split(":")[1]
    nameserver = start_nameserver({NAME: [ip(pod) for pod in pods[:2]]})
    gateway = gateway_for(nameserver, port)
    stream = listen(gateway)
    first = told(gateway, stream, "addresses")
    assert first["addresses"] == 2 and set(first["added"]) == {pod.address for pod in pods[:2]}
    assert "removed" not in first
    target = f"dns://{nameserver.address}/{NAME}:{port}"
    assert first["message"].startswith(f"{target} has 2 addresses: ")
    for pod in pods[:2]:
        assert told(gateway, stream, "connected", address=pod.address)["message"] == f"connected to {pod.address}"

    nameserver.set({NAME: [ip(pod) for pod in pods[1:]]})
    change = told(gateway, stream, "addresses", added=[pods[2].address])
    assert change["addresses"] == 2 and change["removed"] == [pods[0].address]
    assert change["message"] == (
        f"{target} has 2 addresses now; new: {pods[2].address}; gone: {pods[0].address}")
    closed = told(gateway, stream, "connection-closed", address=pods[0].address)
    assert closed["ageSeconds"] > 0 and closed["message"].endswith("its address is no longer wanted")
    told(gateway, stream, "connected", address=pods[2].address)

    # Look-ups go on, and say the same: nothing to tell.
    before = nameserver.queries(NAME)
    eventually(lambda: nameserver.queries(NAME) > before + 1)
    assert len(events(gateway, "addresses")) == 2


def test_look_up_that_fails(gateway_for, listen, start_nameserver, pods):
    nameserver = start_nameserver({NAME: [ip(pods[0])]})
    gateway = gateway_for(nameserver, pods[0].address.split(":")[1])
    stream = listen(gateway)
    told(gateway, stream, "addresses")
    nameserver.set({})
    failed = told(gateway, stream, "lookup-failed")
    assert "not found" in failed["reason"].lower() and 0 < failed["retryInSeconds"] < 3
    assert failed["message"].startswith(f"look-up of dns://{nameserver.address}/{NAME}")
    # What was known stays in use.
    assert gateway.http("/go/sample").status == 200
    assert gateway.http("/go/channel").json["resolver"]["lastError"]
    nameserver.set({NAME: [ip(pod) for pod in pods[:2]]})
    told(gateway, stream, "addresses", added=[pods[1].address])


def test_connection_refused_back_off_and_states(start, listen, start_greeter):
    address = f"127.0.0.1:{free_port()}"
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{address}")
    stream = listen(gateway)
    refused = told(gateway, stream, "connect-failed", address=address)
    assert refused["reason"] == "Connection refused" and 0 < refused["retryInSeconds"] < 2
    seconds = round(refused["retryInSeconds"], 1)
    assert refused["message"].startswith(f"cannot connect to {address}: Connection refused; the next attempt in ")
    assert abs(float(re.search(r"in ([\d.]+)s$", refused["message"])[1]) - seconds) < 0.11
    for before, after in (("IDLE", "CONNECTING"), ("CONNECTING", "TRANSIENT_FAILURE")):
        state = told(gateway, stream, "state", **{"from": before, "to": after})
        assert state["message"] == f"the channel is {after}, it was {before}"
    start_greeter(address)
    told(gateway, stream, "connected", address=address)
    told(gateway, stream, "state", to="READY")
    # The old error is shown with its age.
    subchannel = gateway.http("/go/channel").json["subchannels"][0]
    assert subchannel["state"] == "READY" and "refused" in subchannel["lastError"]
    assert subchannel["lastErrorSecondsAgo"] > 0 and subchannel["lastGoAwaySecondsAgo"] is None


def test_server_that_is_killed(start, listen, tmp_path):
    server = Program("grpc-server", {"grpc", "admin"}, tmp_path / "victim")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")
    stream = listen(gateway)
    told(gateway, stream, "connected")
    server.process.kill()
    server.process.wait()
    lost = told(gateway, stream, "connection-lost", address=server.address("grpc"))
    assert lost["reason"] in ("the peer closed the connection", "read: Connection reset by peer")
    assert lost["message"].startswith(f"connection to {server.address('grpc')} lost after ")


def test_server_that_ends_old_connections(start, listen):
    server = start("grpc-server", MAX_CONNECTION_AGE="1s")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")
    stream = listen(gateway)
    goaway = told(gateway, stream, "goaway")
    assert (goaway["code"], goaway["reason"], goaway["address"]) == ("NO_ERROR", "max_age", server.address("grpc"))
    # The age has a jitter of a tenth.
    assert 0.8 < goaway["ageSeconds"] < 5
    assert re.fullmatch(
        rf"GOAWAY NO_ERROR from {server.address('grpc')} after [\d.]+s: max_age: the server ends connections of this age",
        goaway["message"])
    subchannel = gateway.http("/go/channel").json["subchannels"][0]
    assert subchannel["lastGoAway"] == "max_age: the server ends connections of this age"
    assert subchannel["lastGoAwaySecondsAgo"] >= 0
    # The cause stands before what came of it.
    kinds = eventually(
        lambda: len(kinds := [(event["kind"], event.get("to")) for event in events(gateway)]) >= 6 and kinds)
    assert kinds[:6] == [
        ("state", "CONNECTING"), ("addresses", None), ("connected", None), ("state", "READY"), ("goaway", None),
        ("state", "CONNECTING")]


class RudeServer:
    """Greets, and ends each connection with the same GOAWAY."""

    def __init__(self, code: int, debug: bytes):
        self._goaway = frame(GOAWAY, payload=(0).to_bytes(4, "big") + code.to_bytes(4, "big") + debug)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    connection.sendall(frame(SETTINGS) + self._goaway)
                    while connection.recv(4096):
                        pass
                except OSError:
                    pass

    def stop(self):
        self._listener.close()


@pytest.mark.parametrize(("code", "debug", "name", "words"), [
    (11, b"too_many_pings", "ENHANCE_YOUR_CALM", "too_many_pings: the server wants fewer keepalive PINGs"),
    (2, b"", "INTERNAL_ERROR", "the server had an error of its own"),
    (0, b"", "NO_ERROR", "the server ends the connection in order"),
    (0xBAD, b"\x1b[2J", "error code 2989", "?[2J: the server ends the connection with error code 2989"),
])
def test_goaway_reads_as_what_it_is(start, listen, code, debug, name, words):
    server = RudeServer(code, debug)
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address}")
    stream = listen(gateway)
    goaway = told(gateway, stream, "goaway", code=name)
    assert re.fullmatch(re.escape(f"GOAWAY {name} from {server.address} after ") + r"[\d.]+s: " + re.escape(words)
                        + r"(; the next attempt in [\d.]+s)?", goaway["message"])
    server.stop()


def test_json_log_has_the_event_s_own_members(start, listen, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", LOG_FORMAT="json", POD_NAME="gateway-1")
    stream = listen(gateway)
    eventually(lambda: events(gateway, "state", to="READY"))
    def written() -> list[dict]:
        return [line for line in map(json.loads, gateway.output.splitlines()) if "kind" in line]

    eventually(lambda: len(written()) == len(stream.events) == len(events(gateway)))
    logged = written()
    assert {line.pop("level") for line in logged} == {"info"}
    assert logged == events(gateway) == stream.events
    for number, event in enumerate(logged, 1):
        assert event["gateway"] == "gateway-1" and re.fullmatch(rf"gateway-1/\w+:{number}", event["id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])


def test_loops_have_one_numbering(start, listen, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", EVENT_LOOPS="3", POD_NAME="gateway-1")
    stream = listen(gateway)
    eventually(lambda: len(events(gateway, "state", to="READY")) == 3)
    eventually(lambda: len(stream.events) == 12)
    assert [event["id"].rpartition(":")[2] for event in stream.events] == [str(number) for number in range(1, 13)]
    assert events(gateway) == stream.events
    eventually(lambda: sum(" Channel: connected to " in line for line in gateway.output.splitlines()) == 3)


def test_as_many_events_as_asked_for(gateway):
    eventually(lambda: len(events(gateway)) == 4)
    every = events(gateway)
    assert gateway.http("/go/channel?events=0").json["events"] == []
    assert gateway.http("/go/channel?events=2").json["events"] == every[-2:]
    for query in ("events=201", "events=-1", "events=x", "evnts=1"):
        assert gateway.http(f"/go/channel?{query}").status == 400
