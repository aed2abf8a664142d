"""/metrics, read by the official Prometheus client: what it says is what was sent, on every side of a call."""

import http.client
import json
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from support.client import client
from support.eventually import eventually
from support.flaky import Flaky
from support.load import Load
from support.metrics import Metrics, sum_of
from support.paths import ROOT
from support.programs import Program
from support.protos import messages, services

SAY_HELLO = "sample.service.HelloWorld/SayHello"
STREAM_HELLO = "sample.service.HelloWorld/StreamHello"
STARTED = "grpc_server_call_started_total"
ANSWERED = "grpc_server_call_duration_seconds_count"
ATTEMPTS = "grpc_client_attempt_started_total"
ATTEMPTED = "grpc_client_attempt_duration_seconds_count"
CALLED = "grpc_client_call_duration_seconds_count"
REQUESTS = "http_server_request_duration_seconds_count"
BY_REQUEST = ("http_request_method", "http_route", "http_response_status_code")


def status_of(call) -> str:
    try:
        call()
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


def as_seen_by_client(counts: Counter) -> Counter:
    """When a deadline passes, the server sees either that or that the client has cancelled, whichever comes first."""
    merged = Counter()
    for status, count in counts.items():
        merged["DEADLINE_EXCEEDED" if status == "CANCELLED" else status] += count
    return merged


def equal(left, right) -> bool:
    assert left == right
    return True


@pytest.fixture
def pods(start):
    return [start("grpc-server", POD_NAME=f"pod-{number}") for number in range(3)]


@pytest.fixture
def front(start, pods):
    """A gateway in front of the three pods, connected to all of them."""
    target = "ipv4:" + ",".join(pod.address("grpc") for pod in pods)
    gateway = start("gateway", GRPC_TARGET=target, CALL_TIMEOUT="1500ms")
    eventually(lambda: Metrics(gateway).total("grpc_subchannel_open_connections") == 3)
    return gateway


@pytest.mark.parametrize("name", ["grpc-server", "gateway", "js-server"])
def test_text_is_prometheus_from_the_first_moment(start, name):
    program = start(name, **({"STATIC_ROOT": str(ROOT / "web")} if name == "js-server" else {}))
    metrics = Metrics(program)
    assert metrics.counts("service_info", "name") == {name: 1}
    assert metrics.total("process_resident_memory_bytes") > 1 << 20
    assert metrics.total("process_open_fds") < metrics.total("process_max_fds")
    assert metrics.total("process_cpu_seconds_total") > 0


def test_metrics_tell_what_readyz_does(start):
    program = start("grpc-server", SHUTDOWN_DELAY="2s")

    def ready():
        return Metrics(program).counts("service_ready", "name") == {"grpc-server": 1}

    assert ready()
    program.admin("/readyz/disable", "POST")
    assert not ready()
    program.admin("/readyz/enable", "POST")
    assert ready()
    program.terminate()
    eventually(lambda: not ready())


@pytest.mark.parametrize("path, allowed", [
    ("/healthz", "GET, HEAD"), ("/readyz", "GET, HEAD"), ("/version", "GET, HEAD"), ("/metrics", "GET, HEAD"),
    ("/readyz/disable", "POST"), ("/readyz/enable", "POST"),
])
def test_admin_methods(server, path, allowed):
    wrong = server.admin(path, "DELETE")
    assert (wrong.status, wrong.headers["Allow"]) == (405, allowed)
    if allowed == "POST":
        assert server.admin(path).status == 405
        return
    got, head = server.admin(path), server.admin(path, "HEAD")
    assert (head.status, head.headers["Content-Type"]) == (got.status, got.headers["Content-Type"]) == (
        200, got.headers["Content-Type"])
    assert head.text == ""
    assert int(head.headers["Content-Length"]) == pytest.approx(len(got.text), abs=40), "only the numbers differ"


def test_server_counts_what_grpcio_sent(server, caller):
    hello = services.HelloWorldStub(caller.channel)
    requests = [messages.HelloRequest(name="n" * length) for length in range(0, 3000, 15)]
    replies = [hello.SayHello(request, timeout=10) for request in requests]
    sent = Counter(status_of(lambda: caller.say_hello(x_delay="no duration")) for _ in range(7))
    # Side by side, with time enough to arrive on a busy machine.
    overdue = [caller.start_hello(timeout=1.5, x_delay="30s") for _ in range(3)]
    sent += Counter(call.code().name for call in overdue)
    assert sent == {"INVALID_ARGUMENT": 7, "DEADLINE_EXCEEDED": 3}
    for number in range(9):
        assert status_of(lambda: caller.raw(f"/sample.service.HelloWorld/Nothing{number}")) == "UNIMPLEMENTED"
        assert status_of(lambda: caller.raw(f"/made.up{number}.Service/SayHello")) == "UNIMPLEMENTED"
    for _ in range(4):
        caller.health()
    streams = [list(hello.StreamHello(messages.StreamHelloRequest(count=count), timeout=10)) for count in (0, 1, 20)]
    cancelled = hello.StreamHello(messages.StreamHelloRequest(count=1000, interval_ms=50), timeout=60)
    next(cancelled)
    cancelled.cancel()

    started = {SAY_HELLO: 210, "other": 18, "grpc.health.v1.Health/Check": 4, STREAM_HELLO: 4}
    eventually(lambda: Metrics(server).total(ANSWERED) == sum(started.values()))
    metrics = Metrics(server)
    assert metrics.counts(STARTED, "grpc_method") == started
    assert metrics.counts(ANSWERED, "grpc_method") == started
    statuses = metrics.counts(ANSWERED, "grpc_status", grpc_method=SAY_HELLO)
    assert as_seen_by_client(statuses) == {"OK": 200, **sent}
    assert metrics.counts(ANSWERED, "grpc_status", grpc_method="other") == {"UNIMPLEMENTED": 18}
    assert metrics.counts(ANSWERED, "grpc_status", grpc_method=STREAM_HELLO) == {"OK": 3, "CANCELLED": 1}

    good = {"grpc_method": SAY_HELLO, "grpc_status": "OK"}
    received, sent = (f"grpc_server_call_{way}_total_compressed_message_size_bytes" for way in ("rcvd", "sent"))
    assert metrics.total(f"{received}_sum", **good) == sum(request.ByteSize() for request in requests)
    assert metrics.total(f"{sent}_sum", **good) == sum(reply.ByteSize() for reply in replies)
    assert metrics.total(f"{received}_bucket", le="1024", **good) == sum(
        request.ByteSize() <= 1024 for request in requests)
    assert metrics.total(f"{sent}_sum", grpc_method=STREAM_HELLO, grpc_status="OK") == sum(
        reply.ByteSize() for stream in streams for reply in stream)
    for figure in (received, sent):
        assert metrics.counts(f"{figure}_count", "grpc_method") == started
    # None of the calls that waited for their deadline was quick, and most others were.
    quick = metrics.counts("grpc_server_call_duration_seconds_bucket", "grpc_status", le="0.16", grpc_method=SAY_HELLO)
    assert quick["DEADLINE_EXCEEDED"] == quick["CANCELLED"] == 0 and quick["OK"] > 100


def test_three_sides_agree(front, pods):
    """The HTTP client's own count, the gateway's figures as server and as client, and the pods' together."""
    loads = {
        "/go/sample?name=Ada": (300, 200, "OK"), "/go/sample?delay=30s": (6, 504, "DEADLINE_EXCEEDED"),
        "/go/hellogrpc": (10, 200, "OK"), "/go/sample?delay=soon": (5, 400, None), "/go/nothing": (4, 404, None),
        "/go/sample%zz": (3, 400, None), "/go": (2, 200, None),
    }
    for path, (count, status, _) in loads.items():
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: front.http(path).status, range(count))) == [status] * count
    assert [front.http("/go/sample", method).status for method in ("POST", "DELETE", "HEAD")] == [405, 405, 200]
    assert bad_request(front) == 400

    requests = {
        ("GET", "/go/sample", "200"): 300, ("GET", "/go/sample", "504"): 6, ("GET", "/go/hellogrpc", "200"): 10,
        ("GET", "/go/sample", "400"): 5, ("GET", "", "404"): 4, ("GET", "", "400"): 3 + 1, ("GET", "/go", "200"): 2,
        ("POST", "/go/sample", "405"): 1, ("DELETE", "/go/sample", "405"): 1, ("HEAD", "/go/sample", "200"): 1,
    }
    eventually(lambda: equal(Metrics(front).counts(REQUESTS, *BY_REQUEST), requests))
    calls = {"OK": 311, "DEADLINE_EXCEEDED": 6}
    # Servers count a call when they have sent its end, which its client may have before.
    eventually(lambda: sum(Metrics(pod).total(ANSWERED) for pod in pods) == sum(calls.values()))
    gateway = Metrics(front)
    target = {"grpc_target": "ipv4:" + ",".join(pod.address("grpc") for pod in pods)}
    assert gateway.counts(CALLED, "grpc_status", grpc_method=SAY_HELLO, **target) == calls
    assert gateway.counts(ATTEMPTED, "grpc_status", grpc_method=SAY_HELLO, **target) == calls
    assert gateway.total(ATTEMPTS) == sum(calls.values())

    served = [Metrics(pod) for pod in pods]
    assert sum_of(served, STARTED, "grpc_method") == {SAY_HELLO: sum(calls.values())}
    assert as_seen_by_client(sum_of(served, ANSWERED, "grpc_status")) == calls
    picks = {one["address"]: one["picks"] for one in front.http("/go/channel").json["subchannels"]}
    assert picks == {pod.address("grpc"): metrics.total(STARTED) for pod, metrics in zip(pods, served)}
    good = {"grpc_status": "OK"}
    for ours, theirs in (("sent", "rcvd"), ("rcvd", "sent")):
        size = "total_compressed_message_size_bytes_sum"
        assert gateway.total(f"grpc_client_attempt_{ours}_{size}", **good) == sum(
            metrics.total(f"grpc_server_call_{theirs}_{size}", **good) for metrics in served)


def bad_request(program: Program) -> int:
    with socket.create_connection(("127.0.0.1", program.ports["http"]), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nbad field\r\n\r\n")
        return int(connection.recv(100).split()[1])


def test_invented_names_make_no_series(front, pods):
    for number in range(50):
        assert front.http(f"/go/nothing{number}").status == 404
        assert front.http("/go", f"MADE{number}UP").status == 405
        assert front.http(f"/go/sample?name=x{number}").status == 200
    eventually(lambda: equal(Metrics(front).counts(REQUESTS, *BY_REQUEST), {
        ("GET", "", "404"): 50, ("_OTHER", "/go", "405"): 50, ("GET", "/go/sample", "200"): 50}))
    with client(pods[0].address("grpc")) as caller:
        for number in range(50):
            assert status_of(lambda: caller.raw(f"/x{number}/y")) == "UNIMPLEMENTED"
    eventually(lambda: equal(Metrics(pods[0]).counts(ANSWERED, "grpc_method").keys(), {SAY_HELLO, "other"}))


def test_nothing_goes_backwards_under_load(start):
    """With two loops in each program, whose counts are added up while they change."""
    server = start("grpc-server", EVENT_LOOPS="2")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}", EVENT_LOOPS="2")
    before = {program: Metrics(program).growing for program in (server, gateway)}
    with Load(gateway.ports["http"], connections=6, pause=0) as load:
        for reading in range(40):
            eventually(lambda: load.count >= reading * 50)
            for program, old in before.items():
                new = Metrics(program).growing
                assert {key: (value, new.get(key)) for key, value in old.items() if new.get(key, -1) < value} == {}
                before[program] = new
    assert not load.failures
    eventually(lambda: equal(Metrics(gateway).total(REQUESTS), load.count))
    for program, figure in ((gateway, CALLED), (server, STARTED), (server, ANSWERED)):
        eventually(lambda: equal(Metrics(program).total(figure), load.count))
    assert Metrics(gateway).total("grpc_subchannel_open_connections") == 2, "one for each loop"


def test_connections_are_counted(start, pods, front):
    opened = "grpc_subchannel_connection_attempts_succeeded_total"
    assert (Metrics(front).total(opened), Metrics(front).total("grpc_subchannel_disconnections_total")) == (3, 0)
    pods[0].stop()
    eventually(lambda: equal(Metrics(front).total("grpc_subchannel_open_connections"), 2))
    lost = Metrics(front).counts("grpc_subchannel_disconnections_total", "grpc_disconnect_error")
    assert lost == {"GOAWAY NO_ERROR": 1}
    eventually(lambda: Metrics(front).total("grpc_subchannel_connection_attempts_failed_total") >= 1)
    assert Metrics(front).total(opened) == 3


def test_js_counts_its_requests(start):
    js = start("js-server", STATIC_ROOT=str(ROOT / "web"))
    connection = http.client.HTTPConnection(js.address("http"), timeout=10)
    for _ in range(3):
        connection.request("GET", "/js/")
        assert b"<html" in connection.getresponse().read()
    assert [js.http(path).status for path in ("/js", "/js/hello", "/js/nothing", "/nothing")] == [301, 200, 404, 404]
    assert [js.http("/js/hello", method).status for method in ("HEAD", "PUT")] == [200, 405]
    eventually(lambda: equal(Metrics(js).total("http_server_open_connections"), 1))  # once it has seen the others go
    connection.close()
    eventually(lambda: Metrics(js).total("http_server_open_connections") == 0)
    eventually(lambda: equal(Metrics(js).counts(REQUESTS, *BY_REQUEST), {
        ("GET", "/js/", "200"): 3, ("GET", "/js", "301"): 1, ("GET", "/js/hello", "200"): 1, ("GET", "/js/", "404"): 1,
        ("GET", "", "404"): 1, ("HEAD", "/js/hello", "200"): 1, ("PUT", "/js/hello", "405"): 1,
    }))


def test_documentation_lists_what_there_is(start, pods, front):
    """docs/metrics.md: names, types and labels of everything, and nothing else."""
    js = start("js-server", STATIC_ROOT=str(ROOT / "web"))
    assert [front.http("/go/sample").status for _ in pods] == [200] * 3
    assert js.http("/js/hello").status == 200
    pods[0].stop()
    eventually(lambda: Metrics(front).total("grpc_subchannel_disconnections_total") == 1)
    with Flaky("UNAVAILABLE", "OK") as flaky:
        retry = {"maxAttempts": 2, "initialBackoff": "0.001s", "maxBackoff": "1s", "backoffMultiplier": 1,
                 "retryableStatusCodes": ["UNAVAILABLE"]}
        config = json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": retry}]})
        retrying = start("gateway", GRPC_TARGET=f"ipv4:{flaky.address}", SERVICE_CONFIG=config,
                         OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
        assert retrying.http("/go/sample").status == 200
    shown: dict[str, tuple[str, set[str]]] = {}
    # A transparent retry takes a server that refuses: it has the labels of the others.
    unseen = "grpc_client_call_transparent_retries"
    for program in (front, js, retrying, *pods[1:]):
        for family in Metrics(program).families:
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = {label for sample in family.samples for label in sample.labels if label != "le"}
            shown[name] = (family.type, shown.get(name, ("", set()))[1] | labels)
    shown[unseen] = (shown[unseen][0], shown["grpc_client_call_retries"][1])
    listed = {}
    for line in (ROOT / "docs/metrics.md").read_text().splitlines():
        if row := re.fullmatch(r"\| `(\w+)` \| (\w+) \|(.*)\| .+ \| .+ \|", line):
            name, kind, labels = row.groups()
            listed[name] = (kind, set(re.findall(r"`(\w+)`", labels)))
    assert listed == shown


def test_resolver_tells_what_it_knows_and_how_old_that_is(start, start_nameserver, pods):
    nameserver = start_nameserver({"pods.test": ["127.0.0.1"]})
    port = pods[0].address("grpc").rpartition(":")[2]
    gateway = start(
        "gateway", GRPC_TARGET=f"dns://{nameserver.address}/pods.test:{port}", DNS_MIN_RESOLUTION_INTERVAL="1s",
        DNS_TTL_REFRESH="true", EVENT_LOOPS="2")

    def value(name: str) -> float:
        return Metrics(gateway).total(f"sample_resolver_{name}")
    eventually(lambda: value("addresses") == 1 and value("lookups_total") >= 4)
    assert value("failures_total") == 0
    nameserver.set({})
    eventually(lambda: value("failures_total") >= 2)
    assert value("addresses") == 1, "what was known stays in use"
    age = value("answer_age_seconds")
    eventually(lambda: value("answer_age_seconds") > max(age, 2))
    nameserver.set({"pods.test": ["127.0.0.1", "127.0.0.2"]})
    eventually(lambda: value("addresses") == 2 and value("answer_age_seconds") < 2)
