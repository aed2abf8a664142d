"""/go/stream: a gRPC stream relayed as lines of JSON."""

import contextlib
import http.client
import json
import re
import socket
import time
from pathlib import Path

import pytest

from support.client import client
from support.eventually import eventually
from support.ports import free_port


@pytest.fixture
def front(start, server):
    """A gateway before one grpc-server."""
    return start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")


@contextlib.contextmanager
def open_stream(address: str, path: str):
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", path)
    with connection.getresponse() as response:
        yield response
    connection.close()


def test_a_line_for_each_message(front):
    answer = front.http("/go/stream?name=Ada&count=3&interval_ms=0")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Transfer-Encoding"] == "chunked" and answer.headers["Content-Length"] is None
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == [{"message": "Hello Ada", "version": lines[0]["version"], "hostname": "pod-1"}] * 3


# The second message comes a minute after the first: who has that has not waited for the rest.
TWO = "/go/stream?count=2&interval_ms=60000"


def test_lines_come_one_by_one(front):
    with open_stream(front.address("http"), TWO) as response:
        assert json.loads(response.readline())["message"] == "Hello World"


def test_nginx_passes_each_line_on_at_once(new_system):
    system = new_system("stream").up()
    with open_stream(f"127.0.0.1:{system.port}", TWO) as response:
        assert json.loads(response.readline())["message"] == "Hello World"


def test_lines_keep_their_distance(front):
    began = time.monotonic()
    assert len(front.http("/go/stream?count=3&interval_ms=200").text.splitlines()) == 3
    assert time.monotonic() - began >= 0.4


def test_stream_goes_beyond_the_call_limit(start, server):
    """CALL_TIMEOUT is for what a pod should not take; the intervals it was asked for are not that. So there is 1.5 s for
    all else, which beside other work has once been more than 0.4 s."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}", CALL_TIMEOUT="1500ms")
    answer = gateway.http("/go/stream?count=9&interval_ms=200")
    assert [json.loads(line)["message"] for line in answer.text.splitlines()] == ["Hello World"] * 9


@pytest.mark.parametrize("query", [
    "count=0", "count=10001", "count=x", "count=-1", "interval_ms=60001", "interval_ms=", "interval=5", "count=1&count=2"])
def test_bad_parameter_is_400_and_named(front, query):
    answer = front.http(f"/go/stream?{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.json["error"]["message"]


def test_failure_before_the_first_message_is_its_http_status(start):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{free_port()}")
    answer = gateway.http("/go/stream")
    assert (answer.status, answer.json["error"]["code"]) == (503, "UNAVAILABLE")


def test_peer_that_has_no_streams_is_501(gateway):
    assert gateway.http("/go/stream").status == 501


def test_failure_later_is_the_last_line(start, server, front):
    with open_stream(front.address("http"), "/go/stream?count=100&interval_ms=100") as response:
        assert json.loads(response.readline())["hostname"] == "pod-1"
        server.process.kill()
        server.process.wait()
        *_, last = [json.loads(line) for line in response.read().splitlines()]
    assert last["error"]["code"] == "UNAVAILABLE"
    server.stop = lambda within=10: 0  # it was ended on purpose


def test_client_that_leaves_cancels_the_call(server, front):
    host, port = front.address("http").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /go/stream?count=10000&interval_ms=50 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in connection.recv(65536)
    ended = re.compile(r'grpc_server_call_duration_seconds_count\{.*StreamHello.*CANCELLED.*\} 1')
    eventually(lambda: ended.search(server.admin("/metrics").text))
    eventually(lambda: any("| 499 |" in line and "count=10000&interval_ms=50" in line for line in front.log))
    assert front.http("/go/sample").status == 200


def test_head_produces_nothing(front):
    answer = front.http("/go/stream?count=10000&interval_ms=60000", "HEAD")
    assert (answer.status, answer.text) == (200, "")


def test_grpcio_streams_are_relayed_too(start, start_greeter):
    greeter = start_greeter(streams=True)
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}")
    answer = gateway.http("/go/stream?name=Ada&count=500&interval_ms=0")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["message"] for line in lines] == [f"Hello Ada {number}" for number in range(500)]


def test_stream_outlives_its_connections_age(start):
    server = start("grpc-server", POD_NAME="pod-1", MAX_CONNECTION_AGE="1s")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")
    answer = gateway.http("/go/stream?count=9&interval_ms=200")
    assert [json.loads(line)["hostname"] for line in answer.text.splitlines()] == ["pod-1"] * 9
    assert "error" not in answer.text


def test_pod_logs_the_gateways_ids(start):
    server = start("grpc-server", LOG_FORMAT="json")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}", LOG_FORMAT="json")
    gateway.http("/go/sample")
    eventually(lambda: "SayHello" in server.output and "/go/sample" in gateway.output)
    [there] = [json.loads(line) for line in server.log if "SayHello" in line]
    [here] = [json.loads(line) for line in gateway.log if "/go/sample" in line]
    assert there["trace_id"] == here["trace_id"] and there["request_id"] == here["request_id"]


def test_ids_that_are_none_are_not_logged_as_such(start):
    server = start("grpc-server", LOG_FORMAT="json")
    with client(server.address("grpc")) as caller:
        caller.say_hello("Ada", traceparent="nonsense")
        eventually(lambda: "SayHello" in server.output)
    assert "trace_id" not in server.output


def kernel_has_unsent_bytes(port: int) -> bool:
    """Whether a connection of this local port has bytes that its peer has no room for."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(fields[1].endswith(f":{port:04X}") and not fields[4].startswith("00000000:")
               for fields in map(str.split, lines))


def test_slow_reader_that_ends_its_output_cancels_the_call(server, front):
    """40 MB of lines, and a client that is behind: its FIN is seen all the same."""
    host, port = front.address("http").split(":")
    with socket.socket() as connection:
        connection.settimeout(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((host, int(port)))
        connection.sendall(b"GET /go/stream?count=10000&interval_ms=0&name=%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"n" * 4000))
        eventually(lambda: kernel_has_unsent_bytes(int(port)))
        connection.shutdown(socket.SHUT_WR)
        # The FIN has crossed the loopback; now the client goes on reading, to the end.
        received = 0
        while data := connection.recv(1 << 20):
            received += len(data)
    assert received < 10000 * 4000, "the stream was not cancelled"
    eventually(lambda: any("| 499 |" in line and "count=10000" in line for line in front.log))
    eventually(lambda: re.search(
        r'grpc_server_call_duration_seconds_count\{.*StreamHello.*CANCELLED.*\} 1', server.admin("/metrics").text))
