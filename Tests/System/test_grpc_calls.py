"""grpc-server, called by grpcio."""

import grpc
import pytest

from support.client import SAY_HELLO, client
from support.eventually import eventually

MEBIBYTE = 1 << 20


def failure_of(call) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_answers_with_message_pod_and_version(caller):
    reply = caller.say_hello("Ada")
    assert (reply.message, reply.hostname) == ("Hello Ada", "pod-1")
    assert reply.version


def test_empty_name_is_the_world(caller):
    assert caller.say_hello().message == "Hello World"


def test_name_beyond_ascii_comes_back_unchanged(caller):
    assert caller.say_hello("Zoë 🙂").message == "Hello Zoë 🙂"


@pytest.mark.parametrize("path", ["/sample.service.HelloWorld/Nothing", "/no.such.Service/SayHello"])
def test_unknown_method_or_service_is_unimplemented(caller, path):
    error = failure_of(lambda: caller.raw(path))
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED
    assert error.details()


def test_delay_past_the_deadline_is_deadline_exceeded(caller):
    error = failure_of(lambda: caller.say_hello(timeout=0.3, x_delay="20s"))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_delay_within_the_deadline_is_waited_for(caller):
    call = caller.start_hello(x_delay="2s")
    with pytest.raises(grpc.FutureTimeoutError):
        call.result(timeout=0.3)
    assert call.result().hostname == "pod-1"


@pytest.mark.parametrize("delay", ["soon", "-1s", "61s", "5", ""])
def test_malformed_delay_is_invalid_argument(caller, delay):
    error = failure_of(lambda: caller.say_hello(x_delay=delay))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "x-delay" in error.details()


def test_message_over_4_mib_is_resource_exhausted(caller):
    error = failure_of(lambda: caller.say_hello("x" * (4 * MEBIBYTE + 1)))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caller.say_hello("again").message == "Hello again"


def test_message_just_under_4_mib_passes(caller):
    name = "x" * (4 * MEBIBYTE - 16)
    assert caller.say_hello(name).message == f"Hello {name}"


@pytest.mark.parametrize("request_bytes", [b"\x0a\x05Ada", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x0a\x02\xff\xfe"])
def test_malformed_protobuf_is_a_clear_error(caller, request_bytes):
    error = failure_of(lambda: caller.raw(SAY_HELLO, request_bytes))
    assert error.code() in (grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT)
    assert error.details()
    assert caller.say_hello("again").message == "Hello again"


def test_unknown_fields_are_skipped(caller):
    later_version = b"\x0a\x03Ada" + b"\x98\x06\x01" + b"\xa2\x06\x03abc"
    assert b"Hello Ada" in caller.raw(SAY_HELLO, later_version)


def test_a_thousand_calls_at_once(server):
    """Ten connections carry a hundred streams each; the delay keeps all of them open together."""
    connections = [client(server.address("grpc")) for _ in range(10)]
    callers = [connection.__enter__() for connection in connections]
    try:
        calls = [caller.start_hello(f"{n}", x_delay="500ms") for n in range(100) for caller in callers]
        assert [call.result().message for call in calls] == [f"Hello {n}" for n in range(100) for _ in callers]
    finally:
        for connection in connections:
            connection.__exit__(None, None, None)


def test_cancelled_calls_do_no_harm(server, caller):
    calls = [caller.start_hello(x_delay="30s") for _ in range(50)]
    eventually(lambda: len(server.log) >= 50)
    for call in calls:
        call.cancel()
    assert all(call.code() == grpc.StatusCode.CANCELLED for call in calls)
    assert caller.say_hello("again").message == "Hello again"
    assert server.errors == ""


def test_client_that_vanishes_does_no_harm(server):
    with client(server.address("grpc")) as vanishing:
        abandoned = vanishing.start_hello(x_delay="30s")
        eventually(lambda: server.log)
    assert abandoned.code() == grpc.StatusCode.CANCELLED
    with client(server.address("grpc")) as next_caller:
        assert next_caller.say_hello("again").message == "Hello again"
    assert server.errors == ""


def test_call_in_flight_survives_sigterm(server, caller):
    call = caller.start_hello(x_delay="1s")
    eventually(lambda: server.log)
    assert server.stop() == 0
    assert call.result().hostname == "pod-1"
