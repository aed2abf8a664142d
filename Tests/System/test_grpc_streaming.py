"""Streams from grpc-server, read by grpcio."""

import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.protos import messages, services

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def stub(caller):
    return services.HelloWorldStub(caller.channel)


@pytest.fixture
def health(caller):
    return health_pb2_grpc.HealthStub(caller.channel)


def test_stream_has_as_many_replies_as_asked_for(stub):
    replies = list(stub.StreamHello(messages.StreamHelloRequest(name="Ada", count=5, interval_ms=1), timeout=30))
    assert [(reply.message, reply.hostname) for reply in replies] == [("Hello Ada", "pod-1")] * 5


def test_replies_come_one_by_one(stub):
    """The second is due a minute after the first: nothing collects them."""
    stream = stub.StreamHello(messages.StreamHelloRequest(count=2, interval_ms=60000), timeout=20)
    assert next(stream).hostname == "pod-1"
    stream.cancel()


def test_replies_keep_their_distance(stub):
    began = time.monotonic()
    assert len(list(stub.StreamHello(messages.StreamHelloRequest(count=3, interval_ms=200), timeout=30))) == 3
    assert time.monotonic() - began >= 0.4


def test_stream_of_nothing_ends_well(stub):
    stream = stub.StreamHello(messages.StreamHelloRequest(count=0), timeout=30)
    assert list(stream) == []
    assert stream.code() == grpc.StatusCode.OK


def test_cancelled_stream_does_no_harm(server, stub):
    stream = stub.StreamHello(messages.StreamHelloRequest(count=1000, interval_ms=50), timeout=60)
    next(stream)
    stream.cancel()
    assert stub.SayHello(messages.HelloRequest(name="Ada"), timeout=30).message == "Hello Ada"
    assert server.errors == ""


def test_deadline_ends_a_stream(stub):
    stream = stub.StreamHello(messages.StreamHelloRequest(count=1000, interval_ms=50), timeout=0.3)
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_slow_reader_gets_everything(stub):
    """More than the connection's windows hold: the server waits for the reader."""
    name = "x" * 10000
    stream = stub.StreamHello(messages.StreamHelloRequest(name=name, count=2000, interval_ms=0), timeout=30)
    assert sum(len(reply.message) for reply in stream) == 2000 * len(f"Hello {name}")


@pytest.mark.parametrize("service", ["", "sample.service.HelloWorld"])
def test_watcher_hears_of_a_change_at_once(server, health, service):
    watch = health.Watch(health_pb2.HealthCheckRequest(service=service), timeout=30)
    assert next(watch).status == SERVING
    server.admin("/readyz/disable", "POST")
    assert next(watch).status == NOT_SERVING
    server.admin("/readyz/enable", "POST")
    assert next(watch).status == SERVING
    watch.cancel()


def test_watch_of_an_unknown_service_stays_open(health):
    watch = health.Watch(health_pb2.HealthCheckRequest(service="no.such.Service"), timeout=30)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


def test_watcher_hears_of_the_shutdown(start):
    server = start("grpc-server", SHUTDOWN_DELAY="500ms")
    with grpc.insecure_channel(server.address("grpc")) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=30)
        assert next(watch).status == SERVING
        server.terminate()
        assert next(watch).status == NOT_SERVING
        watch.cancel()


def test_list_names_every_service(health):
    statuses = health.List(health_pb2.HealthListRequest(), timeout=30).statuses
    assert {name: entry.status for name, entry in statuses.items()} == {"": SERVING, "sample.service.HelloWorld": SERVING}
