"""gateway and HTTP/1.1 as it comes over the wire, well formed or not."""

import re
import socket
import subprocess

import pytest

from support.paths import tool


@pytest.fixture
def connection(gateway):
    host, port = gateway.address("http").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        yield opened


def rest(connection: socket.socket) -> bytes:
    """All that comes until the gateway closes."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", received, re.M)]


MALFORMED = {
    "no version": b"GET /go\r\nHost: x\r\n\r\n",
    "two spaces": b"GET  /go HTTP/1.1\r\nHost: x\r\n\r\n",
    "bare line feed": b"GET /go HTTP/1.1\nHost: x\n\n",
    "no host": b"GET /go HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /go HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "space before the colon": b"GET /go HTTP/1.1\r\nHost : x\r\n\r\n",
    "folded field": b"GET /go HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    "zero byte in a field": b"GET /go HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
    "length and chunks": b"POST /go HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /go HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "signed length": b"POST /go HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n" * 4,
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_request_is_answered_once_and_the_connection_closed(gateway, connection, request_bytes):
    connection.sendall(request_bytes)
    answer = rest(connection)
    assert statuses(answer) in ([400], [505])
    assert gateway.http("/go").status == 200


def test_nothing_after_a_malformed_request_is_read(connection):
    """What follows could be a request that somebody smuggles in."""
    connection.sendall(MALFORMED["length and chunks"] + b"GET /go HTTP/1.1\r\nHost: x\r\n\r\n")
    assert statuses(rest(connection)) == [400]


def test_oversize_header_block_is_431(gateway, connection):
    connection.sendall(b"GET /go HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 20000 + b"\r\n\r\n")
    assert statuses(rest(connection)) == [431]
    assert gateway.http("/go").status == 200


def test_too_many_fields_are_431(connection):
    connection.sendall(b"GET /go HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 200 + b"\r\n")
    assert statuses(rest(connection)) == [431]


def test_oversize_request_line_is_414(connection):
    connection.sendall(b"GET /go?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert statuses(rest(connection)) == [414]


def test_pipelined_requests_are_answered_in_order(connection):
    paths = [b"/go", b"/nothing", b"/go/sample?delay=nonsense", b"/go"]
    requests = [b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n" for path in paths]
    connection.sendall(b"\r\n".join(requests) + b"Connection: close\r\n\r\n")
    assert statuses(rest(connection)) == [200, 404, 400, 200]


def test_request_in_single_bytes(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"GET /go HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
        connection.sendall(bytes([byte]))
    assert statuses(rest(connection)) == [200]


def test_head_has_no_body(connection):
    connection.sendall(b"HEAD /go HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = rest(connection).partition(b"\r\n\r\n")
    assert statuses(head) in ([200], [405])
    assert body == b""


def test_http_1_0_closes(connection):
    connection.sendall(b"GET /go HTTP/1.0\r\n\r\n")
    assert statuses(rest(connection)) == [200]


def test_curl_keeps_its_connection(gateway):
    urls = [f"http://{gateway.address('http')}{path}" for path in ("/go", "/go/sample")]
    command = [tool("curl"), "--silent", "--max-time", "10", "--write-out", "\n%{http_code} %{num_connects}\n", *urls]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^(\d{3} \d)$", output, re.M) == ["200 1", "200 0"]


def test_client_that_leaves_in_the_middle_does_no_harm(gateway, connection):
    connection.sendall(b"GET /go/sample?delay=5s HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.close()
    assert gateway.http("/go").status == 200
