"""Clients that take their time: each costs a bounded time and a bounded memory, and nobody else has to wait for it."""

import contextlib
import os
import select
import time
from typing import NamedTuple

import pytest

from support.eventually import eventually
from support.front import Door, Entry, Front, Served, body_names
from support.messages import MARKER, chunked, get
from support.metrics import Metrics
from support.wire import Wire

# Of memory: what two runs of the same may differ by, for an allocator keeps what it was given back.
SLACK = 8 << 20
COUNT = "http_server_request_duration_seconds_count"


# One client, and time limits that are short enough to be waited for

@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    limits = dict.fromkeys(
        ("HTTP_HEADER_TIMEOUT", "HTTP_BODY_TIMEOUT", "HTTP_RESPONSE_TIMEOUT", "HTTP_IDLE_TIMEOUT"), "400ms")
    front = Front(tmp_path_factory.mktemp("hasty"), HTTP_REQUESTS_PER_CONNECTION="100000", **limits)
    yield front
    front.stop()


@pytest.fixture(params=["gateway", "js"])
def impatient(hasty, request) -> Door:
    return hasty.door(request.param)


def trickle(wire: Wire, data: bytes, size: int = 1) -> int:
    """Sends a piece every 20 ms until the server has something to say; how many bytes it listened to."""
    sent = 0
    while sent < len(data) and wire.is_quiet(within=0.02):
        wire.send(data[sent:sent + size])
        sent += size
    return sent


# How many whole requests come first, what is sent with them, and then what piece by piece of which size.
TRICKLED = {
    "header": (0, b"", get("A: " + "b" * 1000), 1),
    "header, from its middle": (0, get()[:-10], b"A: b\r\n" * 90, 1),
    "header of a third request": (2, get() * 2, get("A: " + "b" * 1000), 1),
    "body": (0, get("Content-Length: 1000"), b"b" * 1000, 1),
    "chunks": (0, chunked(b""), b"1\r\nb\r\n" * 1000, 6),
    "chunk size": (0, chunked(b""), b"0" * 200, 1),
    "chunk extension": (0, chunked(b"1;"), b"a" * 200, 1),
    "trailer": (0, chunked(b"0\r\n"), b"A: b\r\n" * 90, 1),
}


@pytest.mark.parametrize("whole, at_once, data, size", TRICKLED.values(), ids=TRICKLED)
def test_request_that_trickles_in_is_408(impatient, whole, at_once, data, size):
    """Bytes that come do not prolong the time."""
    lines = len(impatient.service.log)
    with impatient.wire() as wire:
        wire.send(impatient.fill(at_once))
        assert body_names([wire.response() for _ in range(whole)]) == ["first"] * whole
        assert trickle(wire, data, size) < len(data)
        assert [(answer.status, answer.closes) for answer in wire.rest()] == [(408, True)]
    eventually(lambda: len(impatient.service.log) == lines + whole + 1)
    line = Served.read(impatient.service.log[-1])
    assert line.status == 408 and "not complete after" in line.problem


@pytest.mark.parametrize("at_once", [
    get()[:-2], get("Content-Length: 5"), chunked(b"5\r\nh"), get("Expect: 100-continue", "Content-Length: 5")],
    ids=["header", "body", "chunk", "100-continue"])
def test_request_that_stops_is_408(impatient, at_once):
    assert [answer.status for answer in impatient.exchange(at_once) if not answer.is_interim] == [408]


@pytest.mark.parametrize(
    "before", [b"", get(), get() * 2, get() + b"\r\n"], ids=["nothing", "one", "two", "empty line"])
def test_connection_without_a_request_ends_without_a_word(impatient, before):
    """An answer to nothing would be taken for one to a request that is on its way."""
    seen = impatient.observe(before)
    assert [answer.status for answer in seen.answers] == [200] * before.count(b"GET")
    assert [line.status for line in seen.served] == [200] * before.count(b"GET")


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    limits = dict.fromkeys(
        ("HTTP_HEADER_TIMEOUT", "HTTP_BODY_TIMEOUT", "HTTP_RESPONSE_TIMEOUT", "HTTP_IDLE_TIMEOUT"), "2s")
    front = Front(tmp_path_factory.mktemp("patient"), **limits)
    yield front
    front.stop()


@pytest.mark.parametrize("name", ["gateway", "js"])
def test_pauses_that_are_short_enough_do_no_harm(patient, name):
    """Each request takes a tenth of what the limits allow, and all of them together more."""
    door = patient.door(name)
    data = door.fill((get() + get("Content-Length: 30", body=b"b" * 30)) * 10 + MARKER)
    size = len(data) // 60
    with door.wire() as wire:
        for start in range(0, len(data), size):
            wire.send(data[start:start + size])
            time.sleep(0.04)  # no event: the time is what it is about
        assert body_names(wire.rest()) == ["first"] * 20 + ["marker"]


def request_for_7_kb(door: Door) -> bytes:
    return get(line=f"GET {door.echo.format('a' * 7000)} HTTP/1.1")


def fill_up(wire: Wire, data: bytes, most: int, patience: float = 0):
    """Sends, and reads nothing, until the server takes no more for so many seconds, or has cut it off; at most so many
    bytes."""
    wire.socket.setblocking(False)
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < most and select.select([], [wire.socket], [], patience)[1]:
            sent += wire.socket.send(data[sent % len(data):])


def test_client_that_never_reads_is_cut_off(impatient):
    """One line tells of it; nothing else would, for the responses were all written."""
    before = impatient.service.sockets
    lines = len(impatient.service.log)
    counted = Metrics(impatient.service).total(COUNT)
    with Wire(impatient.address, receive_buffer=4096) as wire:
        # Until it is cut off: a slow service may be behind for longer than a client takes to fill its own buffer.
        fill_up(wire, request_for_7_kb(impatient) * 100, most=16 << 20, patience=20)
        eventually(lambda: "did not take" in "".join(impatient.service.log[lines:]))
        # What it had from others before may have gone as well.
        eventually(lambda: impatient.service.sockets <= before)
    told = [line for line in impatient.service.log[lines:] if "did not take" in line]
    assert len(told) == 1
    assert Served.read(told[0]).status == 499
    # It tells of a connection: what counts is the requests, each of which has a line of its own.
    assert Metrics(impatient.service).total(COUNT) - counted == len(impatient.service.log) - lines - 1


def test_header_that_trickles_in_ends_at_nginx(hasty, tmp_path):
    """nginx has time limits of its own, and a service never hears of a request that is not whole."""
    gateway, js = hasty.gateway, hasty.js
    entry = Entry(tmp_path / "entry", gateway.address("http"), js.address("http"), client_header_timeout="1s")
    lines = len(gateway.log)
    try:
        with Wire(entry.address) as wire:
            wire.send(b"GET /go HTTP/1.1\r\nHost: x\r\n")
            assert trickle(wire, b"A: b\r\n" * 500) < 3000
            with contextlib.suppress(ConnectionResetError):  # how nginx ends it: reset_timedout_connection
                assert wire.rest() == []
        assert gateway.log[lines:] == []
    finally:
        entry.stop()


# Many clients, and the default time limits, which none of them reaches while the test lasts

class Kind(NamedTuple):
    """Slow clients of one kind, and what each may cost a service, in bytes of memory beyond 16 KiB."""

    at_once: bytes
    trickled: bytes
    cost: int


MANY = 200

KINDS = {
    "silent": Kind(b"", b"", 0),
    "header": Kind(get("A: " + "b" * 7000, "C: " + "d" * 7000)[:-2], b"E: ffffffffffffffff\r\n", 16 << 10),
    "body": Kind(get("Content-Length: 60000", body=b"b" * 50000), b"b" * 20, 60000),
    "chunks": Kind(chunked(b"c350\r\n%s\r\n" % (b"b" * 50000)), b"1\r\nb\r\n" * 20, 60000),
    "trailer": Kind(chunked(b"0\r\n" + b"A: %s\r\n" % (b"b" * 7000)), b"C: dddddddddddddd\r\n", 8 << 10),
    "idle": Kind(get(), b"", 0),
}


def connect(door: Door, kind: Kind) -> list[Wire]:
    wires = [door.wire() for _ in range(MANY)]
    for wire in wires:
        wire.send(door.fill(kind.at_once))
        if kind.at_once == get():
            wire.response()
    return wires


def serve_meanwhile(door: Door, wires: list[Wire], trickled: bytes) -> None:
    """Another client, on connections of its own and on a kept one, while each of the many sends a byte at a time."""
    with door.wire() as kept:
        for turn in range(20):
            for wire in wires:
                wire.send(trickled[turn:turn + 1])
            assert body_names(door.exchange(MARKER)) == ["marker"]
            kept.send(door.fill(get()))
            assert body_names([kept.response()]) == ["first"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_many_slow_clients_keep_nobody_from_being_served(door, kind):
    """None of the slow ones was ended when the other client had all its answers: it did not have to wait for that. And
    when they come a second time, they cost nothing in addition: nothing is left of the first time."""
    memory = []
    for _ in range(2):
        before = door.service.resident_bytes
        wires = connect(door, kind)
        serve_meanwhile(door, wires, kind.trickled)
        assert all(wire.is_quiet() and wire.is_open() for wire in wires)
        memory.append(door.service.resident_bytes)
        # Twice the cost, for what grows is copied as it grows.
        assert memory[-1] - before < MANY * (2 * kind.cost + (16 << 10)) + SLACK
        for wire in wires:
            wire.socket.close()
    assert memory[1] - memory[0] < SLACK


@pytest.mark.parametrize("way, count", [("directly", MANY), ("through nginx", MANY // 4)])
def test_many_clients_that_read_no_file(front, way, count):
    """200 × 8 MiB wait to be sent, from the file and through the kernel, not in memory. (nginx gives each 10 s only.)"""
    door = front.door("js", through_nginx=way == "through nginx")
    with (front.site / "large").open("wb") as file:
        file.truncate(8 << 20)
    before = front.js.resident_bytes
    wires = [Wire(door.address, receive_buffer=4096) for _ in range(count)]
    for wire in wires:
        wire.send(get(line="GET /js/large HTTP/1.1"))
    eventually(lambda: not any(wire.is_quiet() for wire in wires), within=9)
    serve_meanwhile(door, [], b"")
    assert all(wire.is_open() for wire in wires)
    assert front.js.resident_bytes - before < count * (16 << 10) + SLACK
    for wire in wires:
        wire.socket.close()


def test_many_clients_that_read_no_response(direct):
    """A service keeps 64 KiB of requests that came too early and 256 KiB of responses that are not taken, and then it
    reads no more from that client."""
    before = direct.service.resident_bytes
    wires = [Wire(direct.address, receive_buffer=4096) for _ in range(MANY // 4)]
    for wire in wires:
        fill_up(wire, request_for_7_kb(direct) * 100, most=4 << 20)
    eventually(lambda: not any(wire.is_quiet() for wire in wires))
    serve_meanwhile(direct, [], b"")
    assert all(wire.is_open() for wire in wires)
    assert direct.service.resident_bytes - before < len(wires) * 2 * (320 << 10) + SLACK
    for wire in wires:
        wire.socket.close()


def test_slow_clients_that_take_every_connection_give_them_back(start, tmp_path):
    """Who comes when all are taken is served once the first of the slow ones has had its time."""
    for name in ("gateway", "js-server"):
        program = start(name, STATIC_ROOT=str(tmp_path), GRPC_TARGET="ipv4:127.0.0.1:1", MAX_CONNECTIONS="10",
                        HTTP_HEADER_TIMEOUT="300ms", HTTP_BODY_TIMEOUT="300ms")
        wires = [program.wire() for _ in range(12)]
        for wire in wires[:6]:
            wire.send(b"GET /go HTTP/1.1\r\n")
        assert program.http("/go" if name == "gateway" else "/js/hello").status == 200
        assert [answer.status for wire in wires for answer in wire.rest()] == [408] * 6


def test_file_that_shrinks_while_it_is_sent_is_the_services_fault(front):
    """The client gets less than was announced, and the log does not blame it."""
    path = front.site / "shrinking"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    lines = len(front.js.log)
    with Wire(front.js.address("http"), receive_buffer=4096) as wire:
        wire.send(get(line="GET /js/shrinking HTTP/1.1"))
        eventually(lambda: not wire.is_quiet())
        os.truncate(path, 1000)
        wire.socket.settimeout(20)
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while data := wire.socket.recv(1 << 20):
                received += len(data)
    assert received < 64 << 20
    [line] = eventually(lambda: [Served.read(line) for line in front.js.log[lines:] if "/js/shrinking" in line])
    assert line.status == 500 and "become shorter" in line.problem
