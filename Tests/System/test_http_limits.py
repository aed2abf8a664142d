"""What fits is answered; one byte or field more gets HTTP's own error and a line in the log, one connection waits."""

import os
import socket
from collections.abc import Callable
from typing import NamedTuple

import pytest

from support.eventually import eventually
from support.front import Front, body_names
from support.messages import LAST_CHUNK, MARKER, chunked, get
from support.metrics import Metrics
from support.paths import tool
from support.programs import run
from support.wire import Wire, request


class Limit(NamedTuple):
    setting: str
    default: int
    narrow: int
    status: int
    message: Callable[[int], bytes]  # with exactly as much of it


def with_request_line(size: int) -> bytes:
    return get(line=f"GET /{'a' * (size - len('GET / HTTP/1.1'))} HTTP/1.1")


def with_header(size: int) -> bytes:
    """In fields of at most 1000 bytes, line ends included."""
    left = size - len("Host: x\r\n")
    fields = []
    while left:
        length = left if left <= 1000 else min(1000, left - 10)
        fields.append("A: " + "b" * (length - 5))
        left -= length
    return get(*fields)


def with_fields(count: int) -> bytes:
    return get(*["A: b"] * (count - 1))


def with_body(size: int) -> bytes:
    return get(f"Content-Length: {size}", body=b"b" * size)


def with_chunks(size: int) -> bytes:
    whole, rest = divmod(size, 1000)
    return chunked(b"3e8\r\n%s\r\n" % (b"b" * 1000) * whole + b"%x\r\n%s\r\n" % (rest, b"b" * rest) + LAST_CHUNK)


LIMITS = {
    "request line": Limit("HTTP_REQUEST_LINE_BYTES", 8192, 300, 414, with_request_line),
    "header": Limit("HTTP_HEADER_BYTES", 16384, 3000, 431, with_header),
    "fields": Limit("HTTP_HEADER_FIELDS", 100, 10, 431, with_fields),
    "body": Limit("HTTP_BODY_BYTES", 1 << 20, 4321, 413, with_body),
    "chunked body": Limit("HTTP_BODY_BYTES", 1 << 20, 4321, 413, with_chunks),
}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """The services with other limits than the default ones."""
    front = Front(tmp_path_factory.mktemp("narrow"), **{limit.setting: str(limit.narrow) for limit in LIMITS.values()})
    yield front
    front.stop()


def assert_fits(door, message: bytes):
    assert body_names(door.exchange(message + MARKER)) in (["first", "marker"], ["404", "marker"])


def assert_refused(door, message: bytes, status: int):
    seen = door.observe(message + MARKER)
    assert [(answer.status, answer.closes) for answer in seen.answers] == [(status, True)]
    assert [(line.status, bool(line.problem)) for line in seen.served] == [(status, True)]


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_default(direct, limit):
    assert_fits(direct, limit.message(limit.default))
    assert_refused(direct, limit.message(limit.default + 1), limit.status)


@pytest.mark.parametrize("service", ["gateway", "js"])
@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_setting(narrow, service, limit):
    assert_fits(narrow.door(service), limit.message(limit.narrow))
    assert_refused(narrow.door(service), limit.message(limit.narrow + 1), limit.status)


@pytest.mark.parametrize("setting", sorted({limit.setting for limit in LIMITS.values()} | {
    "HTTP_HEADER_TIMEOUT", "HTTP_BODY_TIMEOUT", "HTTP_RESPONSE_TIMEOUT", "HTTP_IDLE_TIMEOUT",
    "HTTP_REQUESTS_PER_CONNECTION", "MAX_CONNECTIONS"}))
@pytest.mark.parametrize("program", ["gateway", "js-server"])
def test_bad_value_is_one_clear_line(program, setting):
    for value in ("many", "-1", "0x10"):
        result = run(program, LISTEN_ADDRESS="127.0.0.1:0", ADMIN_ADDRESS="127.0.0.1:0", **{setting: value})
        assert result.returncode == 64
        assert setting in result.stderr and result.stderr.count("\n") == 1


# Limits that nobody needs to set

FIXED = {
    "chunk line": (256, 400, lambda size: chunked(b"1;%s\r\nb\r\n" % (b"a" * (size - 2)) + LAST_CHUNK)),
    "chunk extensions": (
        16384, 400,
        lambda size: chunked(b"1;%s\r\nb\r\n" % (b"a" * 127) * (size // 128) + b"0%s\r\n\r\n" % (b";" * (size % 128)))),
    "trailer": (
        8192, 431, lambda size: chunked(b"0\r\n" + b"A: %s\r\n" % (b"b" * 123) * (size // 128 - 1)
                                        + b"A: %s\r\n\r\n" % (b"b" * (123 + size % 128)))),
    "trailer fields": (100, 431, lambda count: chunked(b"0\r\n" + b"A: b\r\n" * count + b"\r\n")),
    "empty lines": (2, 400, lambda count: b"\r\n" * count + get()),
}


@pytest.mark.parametrize("most, status, message", FIXED.values(), ids=FIXED)
def test_fixed_limit(direct, most, status, message):
    assert_fits(direct, message(most))
    assert_refused(direct, message(most + 1), status)


# What never ends is refused when the limit is passed, not when it ends

ENDLESS = {
    "request line": (414, b"GET /", b"a"),
    "field": (431, get()[:-2] + b"A: ", b"b"),
    "fields": (431, get()[:-2], b"A: b\r\n"),
    "chunk line": (400, chunked(b"1;"), b"a"),
    "noughts of a chunk size": (400, chunked(b""), b"0"),
    "chunk extensions": (400, chunked(b""), b"1;aaaaaaaaaaaaaaaaaaaa\r\nb\r\n"),
    "chunks": (413, chunked(b""), b"400\r\n%s\r\n" % (b"b" * 1024)),
    "trailers": (431, chunked(b"0\r\n"), b"A: b\r\n"),
    "empty lines": (400, b"", b"\r\n"),
}


@pytest.mark.parametrize("status, start, more", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_refused(direct, status, start, more):
    with direct.wire() as wire:
        wire.send(direct.fill(start))
        piece = more * (8192 // len(more) + 1)
        while wire.is_quiet():
            wire.send(piece)
        assert [(answer.status, answer.closes) for answer in wire.rest()] == [(status, True)]


def test_body_that_is_announced_too_large_need_not_be_sent(direct):
    [answer] = direct.exchange(get("Content-Length: 1048577"))
    assert (answer.status, answer.closes) == (413, True)


# Connections

@pytest.fixture(params=["gateway", "js-server"])
def small(request, start, tmp_path):
    def start_small(**settings):
        return start(request.param, STATIC_ROOT=str(tmp_path), GRPC_TARGET="ipv4:127.0.0.1:1", **settings)
    return start_small


def own(program) -> bytes:
    return get(line=f"GET {'/go' if program.name == 'gateway' else '/js/hello'} HTTP/1.1")


def test_requests_per_connection(small):
    program = small(HTTP_REQUESTS_PER_CONNECTION="3")
    with program.wire() as wire:
        wire.send(own(program) * 5)
        assert [answer.closes for answer in wire.rest()] == [False, False, True]


def test_connection_past_the_limit_waits_for_its_turn(small):
    program = small(MAX_CONNECTIONS="3")
    wires = [program.wire() for _ in range(5)]
    for wire in wires:
        wire.send(own(program))
    for _ in range(20):
        for wire in wires[:3]:
            assert wire.response().status == 200
            wire.send(own(program))
        assert all(wire.is_quiet() for wire in wires[3:])
    assert program.admin("/healthz").status == 200, "a probe has a port of its own"
    assert [line for line in program.output.splitlines() + program.errors.splitlines() if "all 3 connections" in line]
    wires[0].socket.close()
    assert wires[3].response().status == 200
    assert wires[4].is_quiet()
    wires[3].socket.close()
    assert wires[4].response().status == 200
    for wire in wires:
        wire.socket.close()
    eventually(lambda: program.http("/go" if program.name == "gateway" else "/js/hello").status == 200)


def test_connections_follow_the_descriptors_that_there_are(small):
    """Two fifths of 80: as many for files, or for calls to other services, and a fifth for all else."""
    program = small(inside=[tool("prlimit"), "--nofile=80:80"])
    wires = [program.wire() for _ in range(37)]
    for wire in wires:
        wire.send(own(program))
    assert [wire.response().status for wire in wires[:32]] == [200] * 32
    assert program.admin("/healthz").status == 200
    assert all(wire.is_quiet() for wire in wires[32:])
    for wire in wires[:5]:
        wire.socket.close()
    assert [wire.response().status for wire in wires[32:]] == [200] * 5


def test_the_soft_limit_of_descriptors_is_raised(small):
    """It is for programs that use select(2)."""
    program = small(inside=[tool("prlimit"), "--nofile=80:300"])
    assert Metrics(program).total("process_max_fds") == 300


def test_every_connection_may_have_a_file_open(start, tmp_path):
    """Clients that take large files slowly do not use up what others need."""
    (tmp_path / "large.bin").write_bytes(bytes(8 << 20))
    program = start("js-server", STATIC_ROOT=str(tmp_path), inside=[tool("prlimit"), "--nofile=80:80"])
    wires = [Wire(program.address("http"), receive_buffer=65536) for _ in range(60)]
    for wire in wires:
        wire.send(get(line="GET /js/large.bin HTTP/1.1"))
    for wire in wires[:32]:
        assert wire.socket.recv(15, socket.MSG_PEEK | socket.MSG_WAITALL) == b"HTTP/1.1 200 OK"
    eventually(lambda: len(os.listdir(f"/proc/{program.process.pid}/fd")) > 64)
    assert all(wire.is_quiet() for wire in wires[32:])
    assert "Too many open files" not in program.output + program.errors
    for wire in wires:
        wire.socket.close()


def test_without_a_descriptor_left_nothing_spins(small):
    """MAX_CONNECTIONS promises more than there are. Who cannot be accepted waits, and costs no processor time."""
    program = small(inside=[tool("prlimit"), "--nofile=40:40"], MAX_CONNECTIONS="1000", HTTP_IDLE_TIMEOUT="1s")
    wires = [program.wire() for _ in range(60)]
    for wire in wires:
        wire.send(own(program))
    before = program.processor_seconds
    assert [wire.response().status for wire in wires] == [200] * 60, "the last ones once the first ones were idle"
    assert program.processor_seconds - before < 0.3


# nginx, which has limits of its own

def test_what_nginx_passes_on_fits(through_nginx):
    """nginx adds a few hundred bytes to a header, and counts the line end of a request line."""
    for message in (with_request_line(8190), with_header(16384 - 512), with_fields(90), with_body(1 << 20),
                    with_chunks(1 << 20)):
        assert body_names(through_nginx.exchange(message + MARKER))[-1] == "marker"


@pytest.mark.parametrize("status, message", [
    (414, with_request_line(8193)), (431, with_header(16385)), (431, with_header(40000)), (431, with_fields(101)),
    (431, get("A: " + "b" * 9000)), (413, with_body((1 << 20) + 1)), (413, with_chunks((1 << 20) + 1)),
], ids=["request line", "header", "header past nginx's own limit", "fields", "field", "body", "chunked body"])
def test_what_is_too_large_is_the_same_error_through_nginx(through_nginx, status, message):
    """Whoever finds it, nginx or the service."""
    answers = through_nginx.exchange(message + MARKER)
    assert answers[0].status == status
    assert body_names(answers)[1:] in ([], ["marker"])
