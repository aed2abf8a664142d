"""grpc.channelz.v1 (gRFC A14) on the admin ports of gateway and grpc-server, read by grpcio's stubs; and what else comes to
a port that speaks both HTTP/1.1 and HTTP/2."""

import contextlib
import json
import subprocess
import time

import grpc
import pytest

from support.channelz import STATES, address, calls, channelz, messages, total
from support.eventually import eventually
from support.events import events
from support.paths import tool
from support.secure import authority, gateway_to, identity, secure_server  # noqa: F401
from support.wire import Wire as HTTPWire, exchange, request

from test_connection_management import ENHANCE_YOUR_CALM, GOAWAY, PING, PREFACE, SETTINGS, Wire, frame, goaway


def test_a_gateways_figures_are_those_of_its_calls_and_agree_with_its_servers(start, start_greeter):
    """Two channels, one a loop, each with a subchannel a server: one server is ours, one grpcio's."""
    ours, other = start("grpc-server", POD_NAME="ours"), start_greeter()
    target = f"ipv4:{ours.address('grpc')},{other.address}"
    gateway = start("gateway", GRPC_TARGET=target, EVENT_LOOPS="2")
    before = time.time()
    eventually(lambda: len([event for event in events(gateway) if event["kind"] == "connected"]) == 4)
    # grpcio's server fails those calls that it is told to, ours greets whoever it is.
    statuses = [gateway.http(f"/go/sample?name={name}").status for name in ["Ada"] * 8 + ["fail%20ABORTED"] * 8]
    assert sum(status != 200 for status in statuses) == 4, statuses

    with channelz(gateway) as here, channelz(ours) as there:
        # A server counts a call when it has sent its end, which the client may have before.
        eventually(lambda: calls(there.servers().server[0].data) == (8, 8, 0))
        answer = here.channels()
        assert answer.end and [channel.data.target for channel in answer.channel] == [target] * 2
        assert [channel.ref.name for channel in answer.channel] == [target] * 2
        assert {STATES.Name(channel.data.state.state) for channel in answer.channel} == {"READY"}
        assert total(calls(channel.data) for channel in answer.channel) == (16, 12, 4)
        for channel in answer.channel:
            assert here.channel(channel.ref.channel_id).data.target == target
            if channel.data.calls_started:
                assert before - 1 < channel.data.last_call_started_timestamp.ToSeconds() + 1 < time.time() + 2
        assert here.servers().end and not here.servers().server

        subchannels = here.subchannels()
        assert sorted(subchannel.ref.name for subchannel in subchannels) == sorted([ours.address("grpc"), other.address] * 2)
        assert {STATES.Name(subchannel.data.state.state) for subchannel in subchannels} == {"READY"}
        assert total(calls(subchannel.data) for subchannel in subchannels) == (16, 12, 4)
        sockets = []
        for subchannel in subchannels:
            socket = here.socket(subchannel.socket_ref[0].socket_id)
            assert len(subchannel.socket_ref) == 1 and address(socket.remote) == subchannel.ref.name
            assert socket.data.streams_started == socket.data.streams_succeeded == subchannel.data.calls_started
            assert socket.data.messages_sent == subchannel.data.calls_started
            assert socket.data.messages_received == subchannel.data.calls_succeeded
            assert not socket.HasField("security")
            sockets.append(socket)
        # Ids are of one row, whatever they are of.
        ids = [channel.ref.channel_id for channel in answer.channel]
        ids += [subchannel.ref.subchannel_id for subchannel in subchannels] + [socket.ref.socket_id for socket in sockets]
        assert len(set(ids)) == 2 + 4 + 4 and min(ids) > 0

        server, = there.servers().server
        assert calls(server.data) == (8, 8, 0) and server == there.server(server.ref.server_id)
        listener = there.socket(server.listen_socket[0].socket_id)
        assert address(listener.local) == ours.address("grpc") and not listener.HasField("remote")
        near = {(address(socket.local), address(socket.remote), socket.data.messages_sent) for socket in sockets}
        far = {(address(socket.remote), address(socket.local), socket.data.messages_received)
               for socket in there.server_connections()}
        assert len(far) == 2 and far < near


def test_a_goaway_stands_in_the_traces_of_channel_and_subchannel(start):
    server = start("grpc-server", MAX_CONNECTION_AGE="1s")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")
    with channelz(gateway) as here:
        def told():
            channel, = here.channels().channel
            return next((event for event in channel.data.trace.events if event.description.startswith("GOAWAY")), None)

        event = eventually(told)
        sentence = next(event["message"] for event in events(gateway) if event["kind"] == "goaway")
        assert event.description == sentence and "max_age" in sentence
        assert event.severity == messages.ChannelTraceEvent.CT_INFO
        assert event.subchannel_ref.name == server.address("grpc")
        subchannel = here.subchannel(event.subchannel_ref.subchannel_id)
        own = subchannel.data.trace
        assert sentence in [event.description for event in own.events]
        assert not any(event.HasField("subchannel_ref") for event in own.events)
        assert own.num_events_logged >= len(own.events) and own.creation_timestamp.seconds > 0


def test_what_cannot_be_reached_is_a_warning_in_the_trace(start):
    gateway = start("gateway", GRPC_TARGET="ipv4:127.0.0.1:1", READY_TIMEOUT="0s")
    with channelz(gateway) as here:
        eventually(lambda: any(
            "cannot connect to 127.0.0.1:1" in event.description
            and event.severity == messages.ChannelTraceEvent.CT_WARNING
            for event in here.channels().channel[0].data.trace.events))
        eventually(lambda: STATES.Name(here.subchannels()[0].data.state.state) == "TRANSIENT_FAILURE")
        subchannel, = here.subchannels()
        assert not subchannel.socket_ref


@pytest.mark.parametrize("target", ["ipv4:127.0.0.1", "passthrough:///localhost"])
def test_nothing_is_missing_that_grpcdebug_looks_at(start, target):
    """It ends with a panic at a time, a window or an address that is not there: before the first call, too."""
    server = start("grpc-server")
    gateway = start("gateway", GRPC_TARGET=f"{target}:{server.ports['grpc']}")
    with channelz(gateway) as here, channelz(server) as there:
        eventually(lambda: here.subchannels()[0].socket_ref and there.server_connections())
        datas = [*here.channels().channel, *here.subchannels(), *there.servers().server]
        assert all(each.data.HasField("last_call_started_timestamp") for each in datas)
        assert all(each.data.trace.creation_timestamp.seconds > 0 for each in datas)
        subchannel, = here.subchannels()
        for socket in [here.socket(subchannel.socket_ref[0].socket_id), *there.server_connections()]:
            wanted = [field.name for field in socket.data.DESCRIPTOR.fields
                      if field.name.endswith(("_timestamp", "_window"))]
            assert len(wanted) == 6 and all(map(socket.data.HasField, wanted)), socket
            assert socket.local.HasField("tcpip_address") and socket.remote.HasField("tcpip_address")


def test_long_lists_come_in_pages(start, server):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}", EVENT_LOOPS="5")
    with channelz(gateway) as here, channelz(server) as there:
        eventually(lambda: len(here.channels().channel) == 5)
        start_id, pages = 0, []
        while not pages or not pages[-1].end:
            pages.append(here.channels(start_channel_id=start_id, max_results=2))
            start_id = pages[-1].channel[-1].ref.channel_id + 1
        ids = [[channel.ref.channel_id for channel in page.channel] for page in pages]
        assert [len(page) for page in ids] == [2, 2, 1] and sum(ids, []) == sorted(sum(ids, []))
        assert here.channels(start_channel_id=start_id).end and not here.channels(start_channel_id=start_id).channel

        number = there.servers().server[0].ref.server_id
        eventually(lambda: len(there.server_sockets(number).socket_ref) == 5)
        first = there.server_sockets(number, max_results=3)
        rest = there.server_sockets(number, start_socket_id=first.socket_ref[-1].socket_id + 1, max_results=3)
        assert [len(first.socket_ref), first.end, len(rest.socket_ref), rest.end] == [3, False, 2, True]


@pytest.mark.parametrize("method, arguments, code, words", [
    ("channel", {"number": 99}, "NOT_FOUND", "there is no channel with the id 99"),
    ("subchannel", {"number": 0}, "NOT_FOUND", "there is no subchannel with the id 0"),
    ("socket", {"number": 2**63 - 1}, "NOT_FOUND", f"there is no socket with the id {2**63 - 1}"),
    ("server", {"number": 99}, "NOT_FOUND", "there is no server with the id 99"),
    ("server_sockets", {"number": 99}, "NOT_FOUND", "there is no server with the id 99"),
    ("channel", {"number": -1}, "INVALID_ARGUMENT", "channel_id is -1"),
    ("socket", {"number": -2**63}, "INVALID_ARGUMENT", f"socket_id is {-2**63}"),
    ("channels", {"start_channel_id": -1}, "INVALID_ARGUMENT", "start_channel_id is -1"),
    ("channels", {"max_results": -1}, "INVALID_ARGUMENT", "max_results is -1"),
    ("servers", {"start_server_id": -1}, "INVALID_ARGUMENT", "start_server_id is -1"),
    ("server_sockets", {"number": 1, "start_socket_id": -5}, "INVALID_ARGUMENT", "start_socket_id is -5"),
])
def test_what_there_is_not_and_what_cannot_be(server, method, arguments, code, words):
    """A server has no channel; its own number is 1, which is no channel's."""
    with channelz(server) as there, pytest.raises(grpc.RpcError) as caught:
        getattr(there, method)(**arguments)
    assert caught.value.code().name == code and words in caught.value.details()


def test_encrypted_connections_say_with_what(secure_server, gateway_to):  # noqa: F811
    gateway = gateway_to(secure_server.ports["grpc"])
    assert gateway.http("/go/sample").status == 200
    with channelz(gateway) as here, channelz(secure_server) as there:
        subchannel, = here.subchannels()
        for socket in [here.socket(subchannel.socket_ref[0].socket_id), *there.server_connections()]:
            assert socket.security.tls.standard_name.startswith("TLS_"), socket


def test_tools_without_protos_can_ask(server):
    command = [tool("grpcurl"), "-plaintext", "-max-time", "10", server.address("admin")]
    result = subprocess.run(
        [*command, "grpc.channelz.v1.Channelz/GetServers"], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["server"][0]["ref"]["name"] == server.address("grpc")


def test_calls_of_channelz_are_not_the_servers(server):
    """Neither in its figures nor in its log."""
    with channelz(server) as there:
        for _ in range(3):
            answer = there.servers()
    assert calls(answer.server[0].data) == (0, 0, 0)
    assert "channelz" not in server.output and "channelz" not in server.admin("/metrics").text


# The port that speaks both.

@pytest.mark.parametrize("at_once", [True, False], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("line, status", [
    ("POST /readyz/disable HTTP/1.1", 200), ("PUT /readyz/disable HTTP/1.1", 405), ("PATCH / HTTP/1.1", 404),
    ("PRI * HTTP/1.1", 400), ("PRI /healthz HTTP/1.1", 405), ("PRI * HTTP/2.1", 505), ("GET /healthz HTTP/1.1", 200),
])
def test_http_1_is_answered_as_before(server, line, status, at_once):
    data = request(line, "Host: x", "Content-Length: 2", "Connection: close", body=b"hi")
    with HTTPWire(server.address("admin")) as wire:
        for piece in [data] if at_once else [data[i:i + 1] for i in range(len(data))]:
            wire.send(piece)
        assert [answer.status for answer in wire.rest()] == [status]


def test_only_a_connections_beginning_counts(server):
    """Behind a request the preface is a request that is none."""
    answers = exchange(server.address("admin"), request("GET /healthz HTTP/1.1", "Host: x") + PREFACE)
    assert [answer.status for answer in answers] == [200, 505]


def test_a_program_without_grpc_has_none(start, tmp_path):
    js = start("js-server", STATIC_ROOT=str(tmp_path))
    assert [answer.status for answer in exchange(js.address("admin"), PREFACE)] == [505]


@pytest.fixture
def admin(server):
    """admin() → frames, to and fro"""
    opened = []

    def connect() -> Wire:
        opened.append(Wire(server.address("admin")))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def test_its_http_2_has_the_limits_of_any_grpc_server(server, admin):
    settings = admin().read_until(SETTINGS)[3]
    values = {int.from_bytes(settings[i:i + 2], "big"): int.from_bytes(settings[i + 2:i + 6], "big")
              for i in range(0, len(settings), 6)}
    assert values[3] == 100 and values[6] == 16 * 1024

    with channelz(server) as there, pytest.raises(grpc.RpcError) as caught:
        large = [("x", "y" * 17_000)]
        there.stub.GetServers(messages.GetServersRequest(), metadata=large, timeout=10)
    assert caught.value.code().name == "RESOURCE_EXHAUSTED"

    pings = admin()
    for _ in range(5):
        pings.send(frame(PING, payload=b"12345678"))
    assert goaway(pings.read_until(GOAWAY)[3])[1:] == (ENHANCE_YOUR_CALM, b"too_many_pings")
    assert server.admin("/healthz").status == 200


@pytest.mark.parametrize("rest", [b"\r\nXX\r\n\r\n", b"\0" * 64, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_what_is_no_preface_after_its_first_line_ends(server, rest):
    with HTTPWire(server.address("admin")) as wire:
        wire.send(PREFACE[:16] + rest)
        with contextlib.suppress(ConnectionResetError):
            while wire.socket.recv(4096):
                pass
    assert server.admin("/healthz").status == 200
    assert server.errors == ""


def test_a_program_ends_with_a_tool_connected(start):
    gateway = start("gateway", GRPC_TARGET="ipv4:127.0.0.1:1", READY_TIMEOUT="0s")
    with channelz(gateway) as here:
        assert len(here.channels().channel) == 1
        assert gateway.stop() == 0


@pytest.mark.long
def test_half_a_preface_has_the_time_that_a_header_has(server):
    """10 s, with nothing said about HTTP/2 before, and as many for the rest of it."""
    wires = [HTTPWire(server.address("admin"), within=60) for _ in range(3)]
    for wire, part in zip(wires, [PREFACE[:1], PREFACE[:15], PREFACE[:20]]):
        wire.send(part)
    began = time.monotonic()
    assert [answer.status for wire in wires[:2] for answer in wire.rest()] == [408, 408]
    while wires[2].socket.recv(4096):
        pass
    assert time.monotonic() - began > 9
    for wire in wires:
        wire.socket.close()
