"""W3C Trace Context where it is unclear or broken, over HTTP and gRPC alike, and what of a request its span does not show."""

import http.client
import os
import subprocess

import pytest

from support.client import SAY_HELLO
from support.collector import Collector, traceparent, tracing
from support.paths import tool
from support.programs import ask

METHOD = "sample.service.HelloWorld.SayHello"


@pytest.fixture
def collector():
    with Collector() as started:
        yield started


@pytest.fixture
def over_http(start, greeter, collector):
    """What comes of fields: the span of the request, and what the next service was told."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(collector.url))

    def request(*fields: tuple[str, str]):
        connection = http.client.HTTPConnection(gateway.address("http"), timeout=10)
        connection.putrequest("GET", "/go/sample")
        for name, value in fields:
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == 200
        connection.close()
        [span] = collector.wait_for("GET /go/sample")
        return span, greeter.metadata

    return request


@pytest.fixture
def over_grpc(start, collector):
    pod = start("grpc-server", **tracing(collector.url))

    def request(*fields: tuple[str, str]):
        # grpcio sends the last of two `traceparent`; and metadata has no tabs.
        headers = [("content-type", "application/grpc"), ("te", "trailers"), *fields]
        options = [word for name, value in headers for word in ("--header", f"{name}: {value}".replace("\t", " "))]
        subprocess.run(
            [tool("curl"), "--silent", "--show-error", "--http2-prior-knowledge", "--max-time", "10", "--output", os.devnull,
             "--data-binary", "@-", *options, f"http://{pod.address('grpc')}{SAY_HELLO}"], input=b"\0" * 5, check=True)
        [span] = collector.wait_for(f"Recv.{METHOD}")
        return span, None

    return request


@pytest.fixture(params=["over_http", "over_grpc"])
def ask_with(request):
    return request.getfixturevalue(request.param)


def test_of_two_parents_none_is_taken(ask_with):
    (first, _, one), (second, _, other) = traceparent(), traceparent()
    span, passed_on = ask_with(("traceparent", one), ("traceparent", other), ("tracestate", "vendor=1"))
    assert span.trace not in (first, second) and span.parent == "" and span.span.trace_state == ""
    if passed_on:
        assert passed_on["traceparent"].startswith(f"00-{span.trace}-") and "tracestate" not in passed_on


def test_a_state_of_several_fields_is_one(ask_with):
    trace, parent, header = traceparent()
    span, passed_on = ask_with(
        ("traceparent", header), ("tracestate", "a=1 \t, b=2"), ("tracestate", ""), ("tracestate", "c=3,"))
    assert (span.trace, span.parent, span.span.trace_state) == (trace, parent, "a=1,b=2,c=3")
    if passed_on:
        assert passed_on["tracestate"] == "a=1,b=2,c=3"


@pytest.mark.parametrize("state,left", [
    (",".join(f"k{number}={number}" for number in range(32)), None),
    (",".join(f"k{number}={number}" for number in range(33)), ""), ("a=1,B=2", ""), ("a=1,b", ""),
    ("long=" + "v" * 130 + "," + ",".join(f"k{number}=" + "v" * 100 for number in range(5)),
     ",".join(f"k{number}=" + "v" * 100 for number in range(4)))],
    ids=["32 members", "33 members", "a bad key", "no value", "too long"])
def test_a_state_that_is_none_goes_and_the_trace_stays(ask_with, state, left):
    trace, parent, header = traceparent()
    span, passed_on = ask_with(("traceparent", header), ("tracestate", state))
    expected = state if left is None else left
    assert (span.trace, span.parent, span.span.trace_state) == (trace, parent, expected)
    if passed_on:
        assert passed_on.get("tracestate", "") == expected


def test_a_query_goes_without_what_a_signed_url_has(start, greeter, collector):
    """OpenTelemetry's list for url.query; what else is asked is there to be seen."""
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(collector.url))
    query = "name=Ada&AWSAccessKeyId=secret&Signature=secret&sig=secret%3D&X-Goog-Signature=secret&X-Amz-Credential=secret"
    ask(gateway.address("http"), f"/go/nothing?{query}")
    [span] = collector.wait_for("GET")
    assert span.attributes["url.query"] == query.replace("secret%3D", "secret").replace("secret", "REDACTED")
    assert b"secret" not in span.span.SerializeToString()
