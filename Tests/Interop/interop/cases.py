"""gRPC's interop cases, as a grpcio client runs them against any server.

https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md says what each does. A case is a function that
returns if it passed, raises AssertionError or grpc.RpcError if it failed, and raises `NotApplicable` if it did what it
could, and this client or that server has no means for the rest.
"""

import queue
from contextlib import contextmanager

import grpc
from grpc._cython import cygrpc

from .protos import messages, services
from .server import INITIAL, TRAILING

LARGE_REQUEST, LARGE_RESPONSE = 271828, 314159
# Seconds: for what hangs, not for what is slow beside other work.
LIMIT = 60
SOAK = 1000
OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a connection for each channel
]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
# GRPC_WRITE_NO_COMPRESS of grpc's C core, which Python has no word for.
NO_COMPRESS = 2


class NotApplicable(Exception):
    """Why a case could not be looked at to its end."""


class Peer:
    """A connection to the server under test."""

    def __init__(self, address: str):
        self.address = address
        self.channel = grpc.insecure_channel(address, OPTIONS)
        self.stub = services.TestServiceStub(self.channel)

    def close(self):
        self.channel.close()


@contextmanager
def connected(address: str):
    peer = Peer(address)
    try:
        yield peer
    finally:
        peer.close()


def payload(size: int) -> messages.Payload:
    return messages.Payload(body=bytes(size))


def boolean(value: bool) -> messages.BoolValue:
    return messages.BoolValue(value=value)


def output_request(*sizes: int, request: int = 0, **others) -> messages.StreamingOutputCallRequest:
    parameters = [messages.ResponseParameters(size=size) for size in sizes]
    return messages.StreamingOutputCallRequest(response_parameters=parameters, payload=payload(request), **others)


def large_request(**others) -> messages.SimpleRequest:
    return messages.SimpleRequest(response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST), **others)


def assert_large(response: messages.SimpleResponse):
    assert response.payload.body == bytes(LARGE_RESPONSE)


def assert_sizes(responses, sizes):
    assert [response.payload.body for response in responses] == [bytes(size) for size in sizes]


def failure(call) -> grpc.RpcError:
    """What `call` fails with; a call that does not fail is an AssertionError."""
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def assert_status(error: grpc.RpcError, code: grpc.StatusCode, message: str | None = None):
    assert error.code() == code, f"{error.code()}, expected {code}: {error.details()}"
    assert message is None or error.details() == message, f"{error.details()!r}, expected {message!r}"


class Requests:
    """An iterator of requests that ends when it is told to, as a bidirectional call wants it."""

    def __init__(self):
        self._queue = queue.SimpleQueue()

    def send(self, request):
        self._queue.put(request)

    def end(self):
        self._queue.put(None)

    def __iter__(self):
        return iter(self._queue.get, None)


@contextmanager
def uncompressed(*requests):
    """Within it these messages are sent without the flag, whatever their call has: C core's word for it is not among
    Python's, so it is put in where grpcio hands messages to it."""
    plain = {request.SerializeToString() for request in requests}
    real = cygrpc.SendMessageOperation
    cygrpc.SendMessageOperation = lambda message, flags: real(message, NO_COMPRESS if message in plain else flags)
    try:
        yield
    finally:
        cygrpc.SendMessageOperation = real


# MARK: the cases


def empty_unary(peer: Peer):
    assert peer.stub.EmptyCall(messages.Empty(), timeout=LIMIT) == messages.Empty()


def large_unary(peer: Peer):
    assert_large(peer.stub.UnaryCall(large_request(), timeout=LIMIT))


def client_compressed_unary(peer: Peer):
    compressed = large_request(expect_compressed=boolean(True))
    plain = large_request(expect_compressed=boolean(False))
    try:
        peer.stub.UnaryCall(compressed, timeout=LIMIT)
        sees_flag = False
    except grpc.RpcError as error:
        assert_status(error, grpc.StatusCode.INVALID_ARGUMENT)
        sees_flag = True
    assert_large(peer.stub.UnaryCall(compressed, timeout=LIMIT, compression=grpc.Compression.Gzip))
    assert_large(peer.stub.UnaryCall(plain, timeout=LIMIT))
    if not sees_flag:
        raise NotApplicable("the server does not see whether a request was compressed")


def server_compressed_unary(peer: Peer):
    for wanted in (True, False):
        assert_large(peer.stub.UnaryCall(large_request(response_compressed=boolean(wanted)), timeout=LIMIT))
    raise NotApplicable("grpcio's client does not see whether a response was compressed")


def client_streaming(peer: Peer):
    requests = (messages.StreamingInputCallRequest(payload=payload(size)) for size in (27182, 8, 1828, 45904))
    assert peer.stub.StreamingInputCall(requests, timeout=LIMIT).aggregated_payload_size == 74922


def client_compressed_streaming(peer: Peer):
    compressed = messages.StreamingInputCallRequest(payload=payload(27182), expect_compressed=boolean(True))
    plain = messages.StreamingInputCallRequest(payload=payload(45904), expect_compressed=boolean(False))
    try:
        peer.stub.StreamingInputCall(iter([compressed]), timeout=LIMIT)
        sees_flag = False
    except grpc.RpcError as error:
        assert_status(error, grpc.StatusCode.INVALID_ARGUMENT)
        sees_flag = True
    with uncompressed(plain):
        response = peer.stub.StreamingInputCall(
            iter([compressed, plain]), timeout=LIMIT, compression=grpc.Compression.Gzip)
    assert response.aggregated_payload_size == 73086
    if not sees_flag:
        raise NotApplicable("the server does not see whether a request was compressed")


def server_streaming(peer: Peer):
    sizes = (31415, 9, 2653, 58979)
    assert_sizes(peer.stub.StreamingOutputCall(output_request(*sizes), timeout=LIMIT), sizes)


def server_compressed_streaming(peer: Peer):
    request = output_request(31415, 92653)
    request.response_parameters[0].compressed.value = True
    request.response_parameters[1].compressed.value = False
    assert_sizes(peer.stub.StreamingOutputCall(request, timeout=LIMIT), (31415, 92653))
    raise NotApplicable("grpcio's client does not see whether a response was compressed")


def ping_pong(peer: Peer):
    requests = Requests()
    call = peer.stub.FullDuplexCall(iter(requests), timeout=LIMIT)
    for response, request in ((31415, 27182), (9, 8), (2653, 1828), (58979, 45904)):
        requests.send(output_request(response, request=request))
        assert next(call).payload.body == bytes(response)
    requests.end()
    assert list(call) == []
    assert call.code() == grpc.StatusCode.OK


def empty_stream(peer: Peer):
    call = peer.stub.FullDuplexCall(iter([]), timeout=LIMIT)
    assert list(call) == []
    assert call.code() == grpc.StatusCode.OK


def custom_metadata(peer: Peer):
    sent = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]
    response, unary = peer.stub.UnaryCall.with_call(large_request(), timeout=LIMIT, metadata=sent)
    assert_large(response)
    duplex = peer.stub.FullDuplexCall(
        iter([output_request(LARGE_RESPONSE, request=LARGE_REQUEST)]), timeout=LIMIT, metadata=sent)
    assert_sizes(duplex, [LARGE_RESPONSE])
    for call in (unary, duplex):
        assert dict(call.initial_metadata())[INITIAL] == "test_initial_metadata_value"
        assert dict(call.trailing_metadata())[TRAILING] == b"\xab\xab\xab"


def status_code_and_message(peer: Peer):
    status = messages.EchoStatus(code=2, message="test status message")
    unary = failure(lambda: peer.stub.UnaryCall(messages.SimpleRequest(response_status=status), timeout=LIMIT))
    duplex = failure(
        lambda: list(peer.stub.FullDuplexCall(iter([output_request(response_status=status)]), timeout=LIMIT)))
    for error in (unary, duplex):
        assert_status(error, grpc.StatusCode.UNKNOWN, "test status message")


def special_status_message(peer: Peer):
    status = messages.EchoStatus(code=2, message=SPECIAL)
    error = failure(lambda: peer.stub.UnaryCall(messages.SimpleRequest(response_status=status), timeout=LIMIT))
    assert_status(error, grpc.StatusCode.UNKNOWN, SPECIAL)


def unimplemented_method(peer: Peer):
    error = failure(lambda: peer.stub.UnimplementedCall(messages.Empty(), timeout=LIMIT))
    assert_status(error, grpc.StatusCode.UNIMPLEMENTED)


def unimplemented_service(peer: Peer):
    stub = services.UnimplementedServiceStub(peer.channel)
    error = failure(lambda: stub.UnimplementedCall(messages.Empty(), timeout=LIMIT))
    assert_status(error, grpc.StatusCode.UNIMPLEMENTED)


def cancel_after_begin(peer: Peer):
    requests = Requests()
    call = peer.stub.StreamingInputCall.future(iter(requests), timeout=LIMIT)
    call.cancel()
    requests.end()
    assert call.code() == grpc.StatusCode.CANCELLED


def cancel_after_first_response(peer: Peer):
    requests = Requests()
    call = peer.stub.FullDuplexCall(iter(requests), timeout=LIMIT)
    requests.send(output_request(31415, request=27182))
    assert next(call).payload.body == bytes(31415)
    call.cancel()
    requests.end()
    assert_status(failure(lambda: next(call)), grpc.StatusCode.CANCELLED)


def timeout_on_sleeping_server(peer: Peer):
    requests = Requests()
    call = peer.stub.FullDuplexCall(iter(requests), timeout=0.001)
    requests.send(output_request(request=27182))
    assert_status(failure(lambda: list(call)), grpc.StatusCode.DEADLINE_EXCEEDED)
    requests.end()


def rpc_soak(peer: Peer):
    for _ in range(SOAK):
        large_unary(peer)


def channel_soak(peer: Peer):
    for _ in range(SOAK):
        with connected(peer.address) as fresh:
            large_unary(fresh)


# MARK: the six negative cases, against a server of frames


def goaway(peer: Peer):
    large_unary(peer)
    states = queue.SimpleQueue()
    peer.channel.subscribe(states.put)
    # Before it has seen the GOAWAY, grpcio loses a call to it, and does not try again: the case's own description sleeps.
    while states.get(timeout=LIMIT) is not grpc.ChannelConnectivity.IDLE:
        pass
    large_unary(peer)


def is_reset(peer: Peer):
    assert_status(failure(lambda: large_unary(peer)), grpc.StatusCode.INTERNAL)


def ping(peer: Peer):
    large_unary(peer)


def max_streams(peer: Peer):
    large_unary(peer)
    for call in [peer.stub.UnaryCall.future(large_request(), timeout=LIMIT) for _ in range(10)]:
        assert_large(call.result())


NEGATIVE = {
    "goaway": goaway, "rst_after_header": is_reset, "rst_during_data": is_reset, "rst_after_data": is_reset,
    "ping": ping, "max_streams": max_streams,
}

CASES = {
    case.__name__: case
    for case in (
        empty_unary, large_unary, client_compressed_unary, server_compressed_unary, client_streaming,
        client_compressed_streaming, server_streaming, server_compressed_streaming, ping_pong, empty_stream,
        custom_metadata, status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
        cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server, rpc_soak, channel_soak)
}
