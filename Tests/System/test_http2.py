"""grpc-server and requests that are HTTP/2 but not gRPC, or not even HTTP/2."""

import os
import re
import socket
import subprocess

import pytest

from support.client import SAY_HELLO, client
from support.paths import tool


def curl(server, *options: str, path: str = SAY_HELLO, body: bytes = b"\0\0\0\0\0") -> str:
    """The head of the answer, trailers included."""
    command = [
        tool("curl"), "--silent", "--show-error", "--http2-prior-knowledge", "--max-time", "10", "--output", os.devnull,
        "--dump-header", "-", *options, f"http://{server.address('grpc')}{path}",
    ]
    done = subprocess.run(command, input=body, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def post(server, content_type: str, *options: str, body: bytes = b"\0\0\0\0\0") -> str:
    headers = ("--header", f"content-type: {content_type}", "--header", "te: trailers")
    return curl(server, "--data-binary", "@-", *headers, *options, body=body)


def refused(server, content_type: str, *options: str) -> str:
    """Without a body: what is refused by its head is answered at once and then reset with NO_ERROR (RFC 9113 section 8.1),
    and a curl that still has something to send may take that for an error, and forget the answer."""
    return post(server, content_type, *options, body=b"")


def send(server, data: bytes) -> bytes:
    """Sends bytes and returns all that comes back until the server closes."""
    host, port = server.address("grpc").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto"])
def test_grpc_by_hand(server, content_type):
    head = post(server, content_type)
    assert head.startswith("HTTP/2 200")
    assert re.search(r"^content-type: application/grpc", head, re.M)
    assert re.search(r"^grpc-status: 0", head, re.M)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/grpcx", "application/grpc-web"])
def test_other_content_type_is_415(server, content_type):
    assert refused(server, content_type).startswith("HTTP/2 415")


def test_get_is_405(server):
    assert curl(server).startswith("HTTP/2 405")


def test_server_keeps_the_deadline_itself(server):
    """curl waits for ever; the status comes from the server."""
    head = post(server, "application/grpc", "--header", "grpc-timeout: 200m", "--header", "x-delay: 20s")
    assert re.search(r"^grpc-status: 4", head, re.M)


def test_unsupported_encoding_is_unimplemented_and_names_what_is_supported(server):
    head = refused(server, "application/grpc", "--header", "grpc-encoding: zstd")
    assert re.search(r"^grpc-status: 12", head, re.M)
    assert re.search(r"^grpc-accept-encoding: .*identity", head, re.M)


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, b"\xff" * 1024],
    ids=["http1", "tls", "ones"])
def test_anything_but_the_preface_closes_the_connection(server, garbage):
    send(server, garbage)
    with client(server.address("grpc")) as caller:
        assert caller.say_hello("Ada").message == "Hello Ada"
    assert server.errors == ""


def test_frame_error_after_the_preface_closes_the_connection(server):
    settings = b"\0\0\0\x04\0\0\0\0\0"
    data_on_stream_zero = b"\0\0\1\0\0\0\0\0\0x"
    answer = send(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + data_on_stream_zero)
    assert b"\x07" in answer[9:], "a GOAWAY frame among the answers"
    with client(server.address("grpc")) as caller:
        assert caller.say_hello("Ada").message == "Hello Ada"
