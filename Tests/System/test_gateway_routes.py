"""The gateway's further routes: an HTTP backend, many calls at once, and the ids that tie logs together."""

import concurrent.futures
import http.client
import http.server
import json
import re
import socket
import threading

import pytest

from support.eventually import eventually
from support.front import Entry
from support.ports import free_port
from support.programs import Program, run

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


class Backend:
    """An HTTP/1.1 server that keeps connections, says what it is told to, and records what it got."""

    def __init__(self):
        self.status, self.body, self.delay = 200, {"name": "js", "version": "9", "hostname": "js-7"}, threading.Event()
        self.requests: list[tuple[str, dict]] = []
        self.connections: set[tuple] = set()
        self.is_slow = False
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                backend.connections.add(self.client_address)
                backend.requests.append((self.path, dict(self.headers)))
                if backend.is_slow:
                    backend.delay.wait(20)
                body = backend.body if isinstance(backend.body, bytes) else json.dumps(backend.body).encode()
                self.send_response(backend.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.delay.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def backend():
    made = Backend()
    yield made
    made.close()


@pytest.fixture
def start_gateway(start, greeter):
    def start_one(target: str, **environment):
        return start(
            "gateway", GRPC_TARGET=f"ipv4:{greeter.address}", HTTP_TARGET=target, POD_NAME="gateway-1", **environment)

    return start_one


# The HTTP backend

def test_hello_over_http(start_gateway, backend):
    gateway = start_gateway(f"http://{backend.address}/js/hello")
    answer = gateway.http("/go/hellohttp")
    assert answer.status == 200
    assert answer.json == {
        "name": "gateway", "version": answer.json["version"], "hostname": "gateway-1",
        "response": {"name": "js", "version": "9", "hostname": "js-7"}}
    assert backend.requests[0][0] == "/js/hello" and backend.requests[0][1]["Host"] == backend.address


def test_hello_over_grpc_has_the_same_shape(start_gateway, backend):
    gateway = start_gateway(f"http://{backend.address}/js/hello")
    over_http, over_grpc = gateway.http("/go/hellohttp").json, gateway.http("/go/hellogrpc").json
    assert over_http.keys() == over_grpc.keys()
    assert over_grpc["response"]["hostname"] == "greeter"


def test_the_connection_is_kept(start_gateway, backend):
    gateway = start_gateway(f"http://{backend.address}/")
    assert [gateway.http("/go/hellohttp").status for _ in range(5)] == [200] * 5
    assert len(backend.connections) == 1


def test_js_server_is_such_a_backend(start, start_gateway, tmp_path):
    js = start("js-server", STATIC_ROOT=str(tmp_path), POD_NAME="js-1")
    gateway = start_gateway(f"http://{js.address('http')}/js/hello")
    assert gateway.http("/go/hellohttp").json["response"]["hostname"] == "js-1"


def test_backend_by_name(start_gateway, backend):
    """`localhost` comes from /etc/hosts, through the same c-ares as everything else."""
    gateway = start_gateway(f"http://localhost:{backend.address.split(':')[1]}/js/hello")
    assert gateway.http("/go/hellohttp").json["response"]["hostname"] == "js-7"


@pytest.mark.parametrize("status, body, said", [
    (404, b"", "404 Not Found"), (500, {"name": "js"}, "500"), (200, b"<html>", "JSON"), (200, {"name": "js"}, "JSON"),
    (200, {"name": 1, "version": "1", "hostname": "1"}, "JSON"), (301, b"", "301"),
])
def test_bad_answer_is_502(start_gateway, backend, status, body, said):
    backend.status, backend.body = status, body
    answer = start_gateway(f"http://{backend.address}/").http("/go/hellohttp")
    assert answer.status == 502
    assert said in answer.json["error"]["message"] and backend.address in answer.json["error"]["message"]


def test_too_large_an_answer_is_502(start_gateway, backend):
    backend.body = b"x" * (2 << 20)
    answer = start_gateway(f"http://{backend.address}/").http("/go/hellohttp")
    assert answer.status == 502 and "too large" in answer.json["error"]["message"]


def test_nobody_there_is_503(start_gateway):
    answer = start_gateway(f"http://127.0.0.1:{free_port()}/").http("/go/hellohttp")
    assert (answer.status, answer.json["error"]["code"]) == (503, "UNAVAILABLE")
    assert "refused" in answer.json["error"]["message"]


def test_unknown_name_is_503(start_gateway):
    answer = start_gateway("http://no-such-name.invalid:80/").http("/go/hellohttp")
    assert (answer.status, answer.json["error"]["code"]) == (503, "UNAVAILABLE")
    assert "no-such-name.invalid" in answer.json["error"]["message"]


def test_slow_backend_is_504(start_gateway, backend):
    backend.is_slow = True
    answer = start_gateway(f"http://{backend.address}/", CALL_TIMEOUT="200ms").http("/go/hellohttp")
    assert (answer.status, answer.json["error"]["code"]) == (504, "DEADLINE_EXCEEDED")


def test_without_a_target_it_is_501(gateway):
    answer = gateway.http("/go/hellohttp")
    assert answer.status == 501 and "HTTP_TARGET" in answer.json["error"]["message"]


def test_backend_takes_no_parameter(start_gateway, backend):
    assert start_gateway(f"http://{backend.address}/").http("/go/hellohttp?delay=1s").status == 400
    assert backend.requests == []


def test_connection_that_closed_while_idle_costs_nothing(start_gateway):
    """A server that takes one request a connection and says so nowhere: the second request meets a closed one."""
    listener = socket.create_server(("127.0.0.1", 0))
    closed = threading.Event()
    body = b'{"name":"js","version":"1","hostname":"h"}'

    def serve():
        for _ in range(3):
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            connection.close()
            closed.set()

    threading.Thread(target=serve, daemon=True).start()
    gateway = start_gateway(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    for _ in range(3):
        assert gateway.http("/go/hellohttp").status == 200
        assert closed.wait(10)
        closed.clear()
    listener.close()


# Many calls at once

def test_distribution_counts_every_pod(start, start_greeter):
    greeters = [start_greeter(hostname=f"pod-{number}") for number in range(3)]
    gateway = start(
        "gateway", GRPC_TARGET="ipv4:" + ",".join(greeter.address for greeter in greeters),
        LOAD_BALANCING_POLICY="round_robin")
    eventually(lambda: [s["state"] for s in gateway.http("/go/channel").json["subchannels"]] == ["READY"] * 3)
    answer = gateway.http("/go/distribution?requests=300&concurrency=7").json
    assert (answer["requests"], answer["concurrency"], answer["succeeded"], answer["failed"]) == (300, 7, 300, 0)
    assert answer["pods"] == [{"hostname": f"pod-{number}", "count": 100, "share": 0.333} for number in range(3)]
    assert [greeter.calls for greeter in greeters] == [100] * 3
    assert answer["fairness"] == 1.0 and answer["errors"] == []
    latency = answer["latencyMilliseconds"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"] <= answer["seconds"] * 1000


def test_distribution_has_defaults(gateway, greeter):
    answer = gateway.http("/go/distribution").json
    assert (answer["requests"], answer["concurrency"]) == (200, 10)
    assert answer["pods"] == [{"hostname": "greeter", "count": 200, "share": 1.0}] and greeter.calls == 200


def test_distribution_tells_of_errors(start):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{free_port()}")
    answer = gateway.http("/go/distribution?requests=20").json
    assert (answer["succeeded"], answer["failed"], answer["pods"]) == (0, 20, [])
    assert answer["fairness"] is None and answer["latencyMilliseconds"] is None
    [error] = answer["errors"]
    assert (error["code"], error["count"]) == ("UNAVAILABLE", 20) and "refused" in error["message"]


@pytest.mark.parametrize("query", [
    "requests=0", "requests=10001", "requests=many", "concurrency=0", "concurrency=1001", "request=5",
    "requests=1&requests=2"])
def test_distribution_refuses_bad_parameters(gateway, greeter, query):
    answer = gateway.http(f"/go/distribution?{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.json["error"]["message"]
    assert greeter.calls == 0


def test_client_that_leaves_ends_the_distribution(gateway, greeter):
    host, port = gateway.address("http").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /go/distribution?requests=10000&concurrency=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: greeter.calls > 10)
    eventually(lambda: any("| 499 |" in line for line in gateway.log))
    assert greeter.calls < 10_000
    assert gateway.http("/go/sample").status == 200


# Ids

def ids(gateway: Program | str, **headers):
    address = gateway if isinstance(gateway, str) else gateway.address("http")
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/go/sample", headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["X-Request-Id"]


def test_request_id_and_trace_go_on(start_gateway, greeter, backend):
    gateway = start_gateway(f"http://{backend.address}/", LOG_FORMAT="json")
    given = {"X-Request-Id": "order-7", "traceparent": PARENT, "tracestate": "vendor=1"}
    assert ids(gateway, **given) == "order-7"
    assert greeter.metadata["x-request-id"] == "order-7" and greeter.metadata["tracestate"] == "vendor=1"
    version, trace, parent, flags = greeter.metadata["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "01")
    assert parent != "00f067aa0ba902b7", "the gateway's own operation, not its client's"
    eventually(lambda: any('"target"' in line for line in gateway.log))
    line = json.loads(next(line for line in gateway.log if '"target"' in line))
    assert (line["trace_id"], line["request_id"]) == (TRACE, "order-7")


def test_http_backend_gets_them_too(start_gateway, backend):
    start_gateway(f"http://{backend.address}/").http("/go/hellohttp")
    headers = backend.requests[0][1]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", headers["traceparent"])
    assert headers["x-request-id"] == headers["traceparent"].split("-")[1]


def test_every_request_without_an_id_gets_one(gateway):
    made = [ids(gateway) for _ in range(20)]
    assert len(set(made)) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


@pytest.mark.parametrize("bad", ["a b", 'a"b', "x" * 129, "a\tb", "<script>"])
def test_unfit_id_is_replaced(gateway, greeter, bad):
    made = ids(gateway, **{"X-Request-Id": bad})
    assert re.fullmatch("[0-9a-f]{32}", made) and greeter.metadata["x-request-id"] == made


@pytest.mark.parametrize("given", ["order-7", "a b", "x" * 129, "a, b"])
def test_nginx_and_the_gateway_log_one_id(gateway, tmp_path, given):
    """What is unfit as an id for one of them is unfit for the other."""
    entry = Entry(tmp_path, gateway.address("http"), "127.0.0.1:1")
    try:
        made = ids(entry.address, **{"X-Request-Id": given})
    finally:
        entry.stop()
    *_, line = entry.log
    assert line.endswith(f' id "{made}"')
    assert (made == given) == (given == "order-7")


def test_bad_traceparent_starts_a_new_trace(gateway, greeter):
    ids(gateway, traceparent=PARENT.upper(), tracestate="vendor=1")
    assert TRACE not in greeter.metadata["traceparent"] and "tracestate" not in greeter.metadata


def test_nobody_may_keep_an_answer(gateway):
    for path in ("/go", "/go/sample", "/go/channel", "/go/sample?delay=x"):
        assert gateway.http(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("target", ["https://js/", "js:8080", "http://", "http://js:99999/", "http://user@js/"])
def test_bad_http_target_is_named(target):
    result = run(
        "gateway", GRPC_TARGET="ipv4:127.0.0.1:1", HTTP_TARGET=target, ADMIN_ADDRESS="127.0.0.1:0",
        LISTEN_ADDRESS="127.0.0.1:0")
    assert result.returncode == 64 and result.stderr.count("\n") == 1
    assert "HTTP_TARGET" in result.stderr and target in result.stderr


# Limits

def test_runs_at_once_have_a_limit(start, start_greeter):
    """Four runs are under way on both loops together; a fifth is told to come back, and once one is over it may."""
    greeter = start_greeter()
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", EVENT_LOOPS="2")
    gateway.http("/go/sample")
    with concurrent.futures.ThreadPoolExecutor() as pool, greeter.holding():
        running = [pool.submit(gateway.http, "/go/distribution?requests=1", within=30) for _ in range(4)]
        eventually(lambda: greeter.held == 4)
        refused = gateway.http("/go/distribution?requests=1")
        assert (refused.status, refused.json["error"]["code"]) == (429, "RESOURCE_EXHAUSTED")
        assert refused.headers["Retry-After"] == "1" and "4 runs" in refused.json["error"]["message"]
        assert gateway.http("/go/distribution?requests=x").status == 400
        greeter.release()
        assert [answer.result().json["succeeded"] for answer in running] == [1] * 4
    assert gateway.http("/go/distribution?requests=1").status == 200
