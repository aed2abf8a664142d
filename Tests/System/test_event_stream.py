"""/go/events as a stream: what a reader that comes back gets, how many there may be, how it ends, and readers that do not
behave."""

import contextlib
import signal
import socket

import pytest

from support.eventually import eventually
from support.events import EventStream, events
from support.front import Entry
from support.ports import free_port
from support.programs import Program
from support.wire import Wire

from test_gateway_stream import kernel_has_unsent_bytes

LIMIT = 32
KEPT = 200


@pytest.fixture
def listen():
    """listen(address, path, …) → EventStream"""
    with contextlib.ExitStack() as stack:
        def begin(address: str, path: str = "/go/events", **options) -> EventStream:
            stream = EventStream(address, path, **options)
            stack.callback(stream.close)
            return stream
        yield begin


@pytest.fixture
def settled(start, greeter):
    """A gateway whose channel is READY: four events, and no more until something happens."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", POD_NAME="gateway-1")
    eventually(lambda: len(events(gateway)) == 4)
    return gateway


@pytest.fixture
def restless(start):
    """A gateway that has had more events than it keeps: four for each of 64 channels to nobody."""
    gateway = start(
        "gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{free_port()}", EVENT_LOOPS="64", POD_NAME="gateway-1",
        READY_TIMEOUT="0s")
    eventually(lambda: last_number(gateway) > KEPT)
    return gateway


@pytest.fixture
def start_busy(start):
    """start_busy(…) → a gateway with some 250 events a second: 64 channels whose server ends each connection after 1 s."""
    def start_gateway(**environment) -> Program:
        server = start("grpc-server", MAX_CONNECTION_AGE="1s")
        return start(
            "gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}", EVENT_LOOPS="64", READY_TIMEOUT="0s", **environment)
    return start_gateway


def deaf_listener(gateway: Program) -> socket.socket:
    """One that has asked, and does not read; what the kernel keeps for it is small."""
    connection = socket.socket()
    connection.settimeout(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    # The sender's buffer goes by the segments' size, which is 64 KiB on loopback, and makes 2.6 MB of it.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    host, port = gateway.address("http").split(":")
    connection.connect((host, int(port)))
    connection.sendall(b"GET /go/events?last=200 HTTP/1.1\r\nHost: x\r\n\r\n")
    return connection


def number(event: dict) -> int:
    return int(event["id"].rpartition(":")[2])


def last_number(gateway: Program) -> int:
    return number(events(gateway)[-1])


def numbers(stream: EventStream) -> list[int]:
    return [number(event) for event in stream.events]


def test_response_is_an_event_stream_that_nothing_may_keep(settled, listen):
    stream = listen(settled.address("http"))
    headers = stream.response.headers
    assert headers["Content-Type"] == "text/event-stream" and headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no" and headers["Transfer-Encoding"] == "chunked"
    eventually(lambda: stream.blocks == [["retry: 1000"]])


def test_begins_now_or_with_the_last(settled, listen, greeter):
    from_now, last_two, every = (
        listen(settled.address("http"), f"/go/events{query}") for query in ("", "?last=2", "?last=200"))
    eventually(lambda: numbers(last_two) == [3, 4] and numbers(every) == [1, 2, 3, 4])
    assert from_now.events == []
    greeter.stop()
    eventually(lambda: len(from_now.events) >= 2)
    assert numbers(from_now)[:2] == [5, 6]
    assert settled.http("/go/events?last=201").status == 400
    assert settled.http("/go/events?lst=1").status == 400


def test_reader_that_comes_back_gets_what_it_missed(settled, listen):
    ids = [event["id"] for event in events(settled)]
    back = listen(settled.address("http"), last_id=ids[1])
    eventually(lambda: numbers(back) == [3, 4])
    # A browser keeps the address, and so the query.
    browser = listen(settled.address("http"), "/go/events?last=200", last_id=ids[2])
    eventually(lambda: numbers(browser) == [4])
    current = listen(settled.address("http"), last_id=ids[3])
    eventually(lambda: current.blocks == [["retry: 1000"]])
    assert current.events == []


@pytest.mark.parametrize("stranger", ["gateway-2/{run}:3", "gateway-1/old:3", "{pod}:9000", "nonsense", "{pod}:-1"])
def test_id_of_another_gateway_or_run_gets_all(settled, listen, stranger):
    """A container that starts anew has its pod's name, and other events under the same numbers."""
    pod = events(settled)[0]["id"].rpartition(":")[0]
    stream = listen(settled.address("http"), last_id=stranger.format(pod=pod, run=pod.partition("/")[2]))
    eventually(lambda: numbers(stream) == [1, 2, 3, 4])


def test_reader_that_missed_more_than_is_kept_gets_what_is_kept(restless, listen):
    first = events(restless)[0]["id"]
    stream = listen(restless.address("http"), last_id=first.rpartition(":")[0] + ":1")
    eventually(lambda: len(stream.events) >= KEPT)
    found = numbers(stream)
    assert found[0] > 2, "the second event is forgotten"
    assert found == list(range(found[0], found[0] + len(found)))
    assert len(restless.http("/go/channel").json["events"]) == KEPT


def test_one_listener_too_many_is_503_until_another_leaves(settled, listen):
    streams = [listen(settled.address("http")) for _ in range(LIMIT)]
    refused = settled.http("/go/events")
    assert refused.status == 503 and refused.json["error"]["code"] == "UNAVAILABLE"
    assert "32" in refused.json["error"]["message"]
    # Nobody reads the body of HEAD, which takes no place for longer than its answer.
    streams.pop().close()

    def taken_again():
        streams.append(listen(settled.address("http")))
        return True
    eventually(taken_again)
    assert settled.http("/go/events", "HEAD").status == 503
    streams.pop().close()
    eventually(lambda: settled.http("/go/events", "HEAD").status == 200)
    for _ in range(3):
        eventually(lambda: settled.http("/go/events", "HEAD").status == 200)
    eventually(taken_again)
    assert settled.http("/go/sample").status == 200


def test_stream_ends_as_soon_as_the_gateway_drains(start, greeter, listen):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", SHUTDOWN_DELAY="60s", EVENT_LOOPS="2")
    streams = [listen(gateway.address("http")) for _ in range(4)]
    for stream in streams:
        eventually(lambda stream=stream: stream.blocks)
    gateway.terminate()
    for stream in streams:
        eventually(lambda stream=stream: stream.has_ended)
    # The gateway serves on; who comes now is told when to try again, and sent away: not an error, which would stop a
    # browser's EventSource for good.
    assert gateway.process.poll() is None
    late = gateway.http("/go/events")
    assert (late.status, late.text) == (200, "retry: 1000\n\n")
    gateway.process.kill()
    gateway.process.wait()
    gateway.process.returncode = 0  # its end was ours


def test_stream_ends_when_the_gateway_is_not_ready_any_more(start, greeter, listen):
    """Its reader is sent to another one, and misses nothing if there is none."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}")
    eventually(lambda: len(events(gateway)) == 4)
    stream = listen(gateway.address("http"), "/go/events?last=200")
    eventually(lambda: len(stream.events) == 4)
    assert gateway.admin("/readyz/disable", method="POST").status == 200
    eventually(lambda: stream.has_ended)
    greeter.stop()
    back = listen(gateway.address("http"), last_id=stream.events[-1]["id"])
    eventually(lambda: numbers(back)[:2] == [5, 6])
    assert not back.has_ended


def test_comment_keeps_an_idle_stream_alive(start, greeter, listen):
    """Every 15 s, or four times in the time that a stream has."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", EVENT_STREAM_TIME="2s")
    eventually(lambda: len(events(gateway)) == 4)
    stream = listen(gateway.address("http"))
    eventually(lambda: stream.has_ended)
    assert stream.events == [] and 1 <= stream.comments <= 3


def test_stream_ends_after_its_time_and_its_reader_misses_nothing(start, greeter, listen):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", EVENT_STREAM_TIME="300ms")
    eventually(lambda: len(events(gateway)) == 4)
    stream = listen(gateway.address("http"), "/go/events?last=200")
    eventually(lambda: stream.has_ended)
    assert numbers(stream) == [1, 2, 3, 4]
    greeter.stop()
    eventually(lambda: last_number(gateway) >= 6)
    back = listen(gateway.address("http"), last_id=stream.events[-1]["id"])
    eventually(lambda: back.has_ended)
    assert numbers(back)[:2] == [5, 6]
    # The time that a listener stays is none that an answer took.
    eventually(lambda: sum("/go/events" in line for line in gateway.log) == 2)
    gateway.http("/go/events?lst=1")
    measured = eventually(lambda: [
        line for line in gateway.admin("/metrics").text.splitlines() if "/go/events" in line and "_count" in line])
    assert len(measured) == 1 and 'code="400"' in measured[0]


def test_nginx_that_stops_waits_no_longer_than_a_stream_has(start, greeter, listen, tmp_path):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", EVENT_STREAM_TIME="1s")
    entry = Entry(tmp_path / "nginx", gateway.address("http"), gateway.address("http"))
    try:
        stream = listen(entry.address)
        eventually(lambda: stream.blocks)
        entry.process.send_signal(signal.SIGQUIT)
        assert entry.process.wait(30) == 0
        # Not cut off: it has come to its end.
        eventually(lambda: stream.has_ended)
    finally:
        entry.stop()


def test_nginx_passes_each_event_on_at_once(settled, listen, greeter, tmp_path):
    entry = Entry(tmp_path / "nginx", settled.address("http"), settled.address("http"))
    try:
        stream = listen(entry.address, "/go/events?last=1")
        eventually(lambda: numbers(stream) == [4])
        greeter.stop()
        eventually(lambda: {"goaway", "connection-lost"} & {event["kind"] for event in stream.events})
        settled.terminate()
        eventually(lambda: stream.has_ended)
    finally:
        stream.close()
        entry.stop()


def test_listener_that_never_reads_is_ended(start_busy, listen):
    """It has a kernel's buffer and what a connection may have waiting (256 KiB), no queue, and its place for
    HTTP_RESPONSE_TIMEOUT."""
    gateway = start_busy(HTTP_RESPONSE_TIMEOUT="1s")
    reader = listen(gateway.address("http"))
    eventually(lambda: len(reader.events) > KEPT)
    before = gateway.resident_bytes
    with contextlib.ExitStack() as stack:
        for _ in range(LIMIT - 1):
            stack.enter_context(deaf_listener(gateway))
        # Cut off with what it had not taken, or let go 200 events behind: what comes first.
        eventually(lambda: sum('"/go/events' in line for line in gateway.log) == LIMIT - 1, within=90)
    # Who reads has not been disturbed, and there is room again.
    assert not reader.has_ended
    found = numbers(reader)
    assert found == list(range(found[0], found[0] + len(found)))
    eventually(lambda: listen(gateway.address("http")).response.status == 200)
    assert gateway.resident_bytes - before < 24 << 20


def test_listener_that_closes_midway_gives_its_place_back(settled):
    for reset in (False, True) * LIMIT:
        with Wire(settled.address("http")) as wire:
            wire.send(b"GET /go/events HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.socket.recv(4096).startswith(b"HTTP/1.1 200 ")
            if reset:
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    eventually(lambda: settled.http("/go/events", "HEAD").status == 200)
    eventually(lambda: sum("| 499 |" in line for line in settled.log) == 2 * LIMIT)
    assert settled.process.poll() is None
