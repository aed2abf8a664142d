"""Spans: what a collector built from OpenTelemetry's own Python protos receives, and what happens when there is none."""

import re
import socket
import threading
from pathlib import Path

import grpc
import pytest

from support.collector import IS_REMOTE, Collector, traceparent, tracing
from support.eventually import eventually
from support.flaky import Flaky
from support.front import Entry
from support.metrics import Metrics
from support.paths import ROOT
from support.ports import free_port
from support.programs import ask

METHOD = "sample.service.HelloWorld.SayHello"
EXPORTED, DROPPED = "sample_spans_exported_total", "sample_spans_dropped_total"
FAILED, QUEUED = "sample_span_exports_failed_total", "sample_spans_queued"


@pytest.fixture
def collector():
    with Collector() as started:
        yield started


def dropped(program, reason: str) -> float:
    return Metrics(program).total(DROPPED, reason=reason)


def test_a_trace_goes_through_nginx_gateway_and_grpc(start, collector, tmp_path):
    """curl's traceparent → nginx → the gateway's span → the call → the attempt → the grpc pod's span."""
    pod = start("grpc-server", POD_NAME="pod-1", POD_IP="10.9.8.7", POD_NAMESPACE="shop", **tracing(collector.url))
    gateway = start(
        "gateway", POD_NAME="gateway-1", GRPC_TARGET=f"ipv4:{pod.address('grpc')}", **tracing(collector.url))
    entry = Entry(tmp_path / "nginx", gateway.address("http"), "127.0.0.1:1")
    try:
        trace, parent, header = traceparent()
        answer = ask(entry.address, "/go/sample?name=Ada", headers={
            "traceparent": header, "tracestate": "vendor=1", "User-Agent": "a test", "Host": "shop.test:81"})
        assert answer.status == 200
        request, call, attempt, received = collector.wait_for(
            "GET /go/sample", f"Sent.{METHOD}", f"Attempt.{METHOD}", f"Recv.{METHOD}", trace=trace)
    finally:
        entry.stop()
    assert [request.parent, call.parent, attempt.parent, received.parent] == [parent, request.id, call.id, attempt.id]
    assert [span.kind for span in (request, call, attempt, received)] == ["SERVER", "INTERNAL", "CLIENT", "SERVER"]
    assert [bool(span.span.flags & IS_REMOTE) for span in (request, call, attempt, received)] == [True, False, False, True]
    assert {span.span.trace_state for span in (request, call, attempt, received)} == {"vendor=1"}
    assert len(collector.spans) == 4, "one for each"
    # Each lies within its parent; two processes have read the same clock. What keeps one of them from the processor just then
    # shifts its span: a peer has the answer before whoever sent it has noted the time.
    for inner, outer in ((call, request), (attempt, call), (received, attempt)):
        assert outer.span.start_time_unix_nano - 500_000_000 <= inner.span.start_time_unix_nano
        assert inner.span.end_time_unix_nano <= outer.span.end_time_unix_nano + 500_000_000

    assert request.attributes.pop("network.peer.port") > 0
    assert request.attributes | {"network.peer.port": 0} == {
        "http.request.method": "GET", "url.scheme": "http", "url.path": "/go/sample", "url.query": "name=Ada",
        "http.route": "/go/sample", "http.response.status_code": 200, "server.address": "shop.test",
        "user_agent.original": "a test", "network.peer.address": "127.0.0.1", "network.peer.port": 0}
    rpc = {"rpc.system.name": "grpc", "rpc.method": METHOD.rpartition(".")[0] + "/SayHello", "rpc.response.status_code": "OK"}
    # By the target's name; who of them it was, by address.
    assert call.attributes == rpc | {"server.address": "127.0.0.1"}
    assert attempt.attributes == rpc | {
        "previous-rpc-attempts": 0, "transparent-retry": False, "server.address": "127.0.0.1",
        "network.peer.address": "127.0.0.1", "network.peer.port": pod.ports["grpc"]}
    assert received.attributes | {"network.peer.port": 0} == rpc | {
        "network.peer.address": "127.0.0.1", "network.peer.port": 0}
    assert [span.status for span in (request, call, attempt, received)] == [("UNSET", "")] + [("OK", "")] * 3
    assert received.resource == {
        "service.name": "grpc-server", "service.version": "0.1.0", "service.instance.id": "pod-1",
        "k8s.pod.name": "pod-1", "k8s.pod.ip": "10.9.8.7", "k8s.namespace.name": "shop",
        "telemetry.sdk.name": "sample-service", "telemetry.sdk.language": "swift", "telemetry.sdk.version": "0.1.0"}
    assert (request.service, request.resource["service.instance.id"], request.scope) == (
        "gateway", "gateway-1", "sample-service")
    # The log lines of both have the trace's id, so that one leads to the other.
    eventually(lambda: trace in gateway.output)
    # They are exported when the collector has said so, not when it has them.
    eventually(lambda: Metrics(pod).total(EXPORTED) == 1 and Metrics(gateway).total(EXPORTED) == 3)
    eventually(lambda: Metrics(gateway).total(QUEUED) == 0)


def test_a_request_without_a_trace_begins_one_unless_the_caller_says_not_to_record(start, greeter, collector):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(collector.url))
    assert gateway.http("/go/sample").status == 200
    request, attempt = collector.wait_for("GET /go/sample", f"Attempt.{METHOD}")
    assert request.parent == "" and not request.span.flags & IS_REMOTE
    # What a gRPC server that is not ours was told.
    assert greeter.metadata["traceparent"] == f"00-{request.trace}-{attempt.id}-01"

    trace, _, header = traceparent("00")
    assert ask(gateway.address("http"), "/go/sample", headers={"traceparent": header}).status == 200
    assert greeter.metadata["traceparent"].startswith(f"00-{trace}-") and greeter.metadata["traceparent"].endswith("-00")
    # One that is recorded comes behind it, and alone.
    assert gateway.http("/go").status == 200
    collector.wait_for("GET /go")
    assert trace not in {span.trace for span in collector.spans}


def test_errors_and_retries_can_be_seen(start, collector):
    retry = ('{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.001s",'
             ' "maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}')
    with Flaky("UNAVAILABLE", "UNAVAILABLE", "OK", "INTERNAL") as flaky:
        gateway = start(
            "gateway", GRPC_TARGET=f"ipv4:{flaky.address}", SERVICE_CONFIG=retry, **tracing(collector.url))
        trace, _, header = traceparent()
        assert ask(gateway.address("http"), "/go/sample", headers={"traceparent": header}).status == 200
        _, sent = collector.wait_for("GET /go/sample", f"Sent.{METHOD}", trace=trace)
        attempts = [span for span in collector.named(f"Attempt.{METHOD}") if span.trace == trace]
        assert [(span.attributes["previous-rpc-attempts"], span.status) for span in attempts] == [
            (0, ("ERROR", "UNAVAILABLE")), (1, ("ERROR", "UNAVAILABLE")), (2, ("OK", ""))]
        assert {span.attributes["transparent-retry"] for span in attempts} == {False}
        assert sent.status == ("OK", "")

        trace, _, header = traceparent()
        assert ask(gateway.address("http"), "/go/sample", headers={"traceparent": header}).status == 500
        request, call = collector.wait_for("GET /go/sample", f"Sent.{METHOD}", trace=trace)
        assert request.status == ("ERROR", "INTERNAL: as the script says")
        assert request.attributes["error.type"] == "500" and call.attributes["error.type"] == "INTERNAL"
        assert call.status == ("ERROR", "INTERNAL")
        assert ask(gateway.address("http"), "/go/nothing").status == 404
        [missing] = collector.wait_for("GET")
        assert missing.status == ("UNSET", ""), "a wrong path is not the server's fault"
        assert ask(gateway.address("http"), "/go", "BREW", headers={"Host": "[::1]:80"}).status == 405
        [invented] = collector.wait_for("HTTP /go")
        assert (invented.attributes["http.request.method"], invented.attributes["http.request.method_original"]) == (
            "_OTHER", "BREW")
        assert (invented.attributes["server.address"], invented.attributes["server.port"]) == ("::1", 80)


def test_a_wait_for_a_connection_is_an_event(start, start_greeter, collector):
    """Which of gRFC A72's two delays it was: nobody answers at the address yet."""
    port = free_port()
    gateway = start(
        "gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{port}", READY_TIMEOUT="0s", **tracing(collector.url))
    answers = []
    caller = threading.Thread(target=lambda: answers.append(gateway.http("/go/sample?wait=true", within=30)))
    caller.start()
    eventually(lambda: gateway.http("/go/channel").json["queued"] == 1)
    start_greeter(f"127.0.0.1:{port}")
    caller.join(30)
    assert [answer.status for answer in answers] == [200]
    [attempt] = collector.wait_for(f"Attempt.{METHOD}")
    assert [event.name for event in attempt.span.events] == ["Delayed LB pick complete"]
    assert attempt.span.start_time_unix_nano < attempt.span.events[0].time_unix_nano <= attempt.span.end_time_unix_nano


def test_http_to_js_is_linked_too(start, greeter, collector):
    js = start("js-server", STATIC_ROOT=str(ROOT / "web"), **tracing(collector.url))
    gateway = start(
        "gateway", GRPC_TARGET=f"ipv4:{greeter.address}", HTTP_TARGET=f"http://{js.address('http')}/js/hello",
        **tracing(collector.url))
    trace, _, header = traceparent()
    assert ask(gateway.address("http"), "/go/hellohttp", headers={"traceparent": header}).status == 200
    request, call, served = collector.wait_for("GET /go/hellohttp", "GET", "GET /js/hello", trace=trace)
    assert [request.service, call.service, served.service] == ["gateway", "gateway", "js-server"]
    assert [call.parent, served.parent] == [request.id, call.id]
    assert [call.kind, served.kind] == ["CLIENT", "SERVER"]
    assert call.attributes == {
        "http.request.method": "GET", "url.full": f"http://{js.address('http')}/js/hello", "server.address": "127.0.0.1",
        "server.port": js.ports["http"], "http.response.status_code": 200}


def test_calls_through_nginx_are_linked_too(start, collector, tmp_path):
    """Mode nginx: nginx between gateway and grpc, too."""
    pod = start("grpc-server", **tracing(collector.url))
    entry = Entry(tmp_path / "nginx", "127.0.0.1:1", "127.0.0.1:1", grpc=pod.address("grpc"))
    try:
        gateway = start("gateway", GRPC_TARGET=f"ipv4:{entry.grpc_address}", **tracing(collector.url))
        assert gateway.http("/go/sample").status == 200
        attempt, received = collector.wait_for(f"Attempt.{METHOD}", f"Recv.{METHOD}")
    finally:
        entry.stop()
    assert (received.trace, received.parent) == (attempt.trace, attempt.id)
    assert attempt.attributes["network.peer.port"] == int(entry.grpc_address.rpartition(":")[2]), "whom the gateway asked"


def test_the_system_on_this_machine_exports_too(new_system, collector):
    system = new_system("traced").up("--replicas", "1", "--otlp-endpoint", collector.url)
    trace, parent, header = traceparent()
    assert ask(f"127.0.0.1:{system.port}", "/go/sample", headers={"traceparent": header}).status == 200
    request, received = collector.wait_for("GET /go/sample", f"Recv.{METHOD}", trace=trace)
    assert request.parent == parent and received.resource["k8s.pod.ip"].startswith("127.")


def test_spans_are_exported_at_the_end(start, greeter, collector):
    """None waits for its 5 seconds, and the end for none."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert [gateway.http("/go/sample").status for _ in range(5)] == [200] * 5
    assert gateway.stop() == 0
    assert len(collector.named("GET /go/sample")) == 5


def test_a_collector_that_is_gone_costs_nothing_and_is_found_again(start, greeter):
    port = free_port()
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(f"http://127.0.0.1:{port}"))
    assert [gateway.http("/go/sample").status for _ in range(20)] == [200] * 20
    eventually(lambda: Metrics(gateway).total(FAILED, grpc_status="UNAVAILABLE") >= 2)
    told = [line for line in gateway.output.splitlines() if "does not take spans" in line]
    assert len(told) == 1 and f"http://127.0.0.1:{port}" in told[0] and "WARN" in told[0].upper(), told
    with Collector(f"127.0.0.1:{port}") as collector:
        eventually(lambda: len(collector.named("GET /go/sample")) == 20)
        eventually(lambda: "takes spans again" in gateway.output)
    assert dropped(gateway, "queue_full") == dropped(gateway, "export_failed") == 0


def test_no_request_waits_for_a_collector(start, greeter):
    """One that takes a connection and never answers, with all the time in the world: requests end before any export does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = []
        threading.Thread(target=lambda: take(listener, connections), daemon=True).start()
        gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(
            f"http://127.0.0.1:{listener.getsockname()[1]}", OTEL_EXPORTER_OTLP_TIMEOUT="600000"))
        assert [gateway.http("/go/sample").status for _ in range(50)] == [200] * 50
        eventually(lambda: Metrics(gateway).total(QUEUED) >= 150)
        assert Metrics(gateway).total(EXPORTED) == Metrics(gateway).total(FAILED) == 0
        for connection in connections:
            connection.close()


def test_what_does_not_end_costs_no_spans(start, greeter, collector):
    """A call that uses up the time that there is for ending: the spans of the others are exported all the same."""
    gateway = start(
        "gateway", GRPC_TARGET=f"ipv4:{greeter.address}", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        SHUTDOWN_DELAY="0s", SHUTDOWN_GRACE="300ms")
    assert [gateway.http("/go/sample").status for _ in range(5)] == [200] * 5
    with socket.create_connection(gateway.address("http").rsplit(":", 1)) as held:
        held.sendall(b"GET /go/sample?delay=30s HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: gateway.http("/go/channel").json["subchannels"][0]["inFlight"] == 1)
        assert gateway.stop() == 0
    assert len(collector.named("GET /go/sample")) >= 5


def test_a_collector_that_fails_is_tried_again_or_not(start, greeter, collector):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(collector.url))
    for failures, arrives in (
            (["UNAVAILABLE"], True), (["RESOURCE_EXHAUSTED pushback"], True), (["INVALID_ARGUMENT"], False),
            (["RESOURCE_EXHAUSTED"], False)):
        before, lost = len(collector.spans), dropped(gateway, "export_failed")
        collector.fails = failures[:]
        assert gateway.http("/go").status == 200
        if arrives:
            eventually(lambda: len(collector.spans) == before + 1)
            assert dropped(gateway, "export_failed") == lost
        else:
            eventually(lambda: dropped(gateway, "export_failed") == lost + 1)
            assert len(collector.spans) == before
    collector.rejects = 1
    assert gateway.http("/go").status == 200
    eventually(lambda: dropped(gateway, "rejected") == 1)


def test_a_collector_that_never_answers_gets_a_bounded_number_and_a_new_connection(start, greeter):
    """A listener whose connections are taken and never read: the requests go on, spans beyond the queue are counted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = []
        threading.Thread(target=lambda: take(listener, connections), daemon=True).start()
        gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(
            f"http://127.0.0.1:{listener.getsockname()[1]}", OTEL_EXPORTER_OTLP_TIMEOUT="300",
            OTEL_BSP_MAX_QUEUE_SIZE="50", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10"))
        for _ in range(3):
            answer = gateway.http("/go/distribution?requests=200")
            assert answer.json["succeeded"] == 200, answer
        eventually(lambda: dropped(gateway, "queue_full") >= 1000)
        assert Metrics(gateway).total(QUEUED) <= 50
        assert gateway.http("/go/sample").status == 200
        eventually(lambda: len(connections) >= 2)
        eventually(lambda: Metrics(gateway).total(FAILED, grpc_status="DEADLINE_EXCEEDED") >= 1)
        # Nor does it hold up the end: two seconds at most, of the 65 that calls have.
        assert gateway.stop() == 0
        assert re.search(r"Tracing: \d+ spans were not exported before the end", gateway.output)
        for connection in connections:
            connection.close()


def take(listener: socket.socket, connections: list[socket.socket]):
    while True:
        try:
            connections.append(listener.accept()[0])
        except OSError:
            return


def test_a_slow_collector_gets_one_export_at_a_time(start, greeter, collector):
    collector.answering.clear()
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", EVENT_LOOPS="2", **tracing(
        collector.url, OTEL_BSP_MAX_QUEUE_SIZE="300", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="100",
        OTEL_EXPORTER_OTLP_TIMEOUT="60000"))
    answers = [gateway.http("/go/distribution?requests=500") for _ in range(4)]
    assert [answer.json["succeeded"] for answer in answers] == [500] * 4
    eventually(lambda: collector.exports > 0)
    assert Metrics(gateway).total(QUEUED) <= 300 and collector.exports == 1
    collector.answering.set()
    eventually(lambda: Metrics(gateway).total(QUEUED) == 0)
    assert collector.most_at_once == 1 and collector.largest <= 100
    total = 4 * (500 * 2 + 1)
    assert dropped(gateway, "queue_full") > 0
    eventually(lambda: Metrics(gateway).total(EXPORTED) + dropped(gateway, "queue_full") == total)
    eventually(lambda: len(collector.spans) == Metrics(gateway).total(EXPORTED))


def test_over_tls_the_collector_must_be_who_it_says(start, collector, authority, identity, greeter):
    """With OTEL_EXPORTER_OTLP_CERTIFICATE its authority is believed; without it, it is none of the system's."""
    certificate, key = (Path(file).read_bytes() for file in identity)
    credentials = grpc.ssl_server_credentials([(key, certificate)])
    with Collector("localhost:0", credentials) as secure:
        trusting = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(
            secure.url, OTEL_EXPORTER_OTLP_CERTIFICATE=str(authority.certificate)))
        assert trusting.http("/go").status == 200
        secure.wait_for("GET /go")
        doubting = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(secure.url))
        assert doubting.http("/go").status == 200
        eventually(lambda: Metrics(doubting).total(FAILED, grpc_status="UNAVAILABLE") >= 1)
        assert len(secure.spans) == 1


def test_without_an_endpoint_there_is_no_trace_of_it(start, greeter):
    """No thread, no figures, and the caller's word on recording is passed on."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}")
    _, _, header = traceparent("01")
    assert ask(gateway.address("http"), "/go/sample", headers={"traceparent": header}).status == 200
    assert greeter.metadata["traceparent"].endswith("-01")
    assert gateway.http("/go/sample").status == 200
    assert greeter.metadata["traceparent"].endswith("-00")
    assert not [name for name, *_ in Metrics(gateway).samples if "span" in name]
    threads = Path(f"/proc/{gateway.process.pid}/task")
    assert "spans" not in {(task / "comm").read_text().strip() for task in threads.iterdir()}
