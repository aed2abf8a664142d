"""grpc.testing.TestService by grpcio.

It does not see whether a request was compressed, so that `expect_compressed` counts for nothing.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import grpc

from .protos import messages, services

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
OPTIONS = [("grpc.so_reuseport", 0), ("grpc.max_concurrent_streams", 100)]


class TestService(services.TestServiceServicer):
    def __init__(self):
        self._server = grpc.server(ThreadPoolExecutor(16), options=OPTIONS)
        services.add_TestServiceServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def stop(self):
        self._server.stop(grace=None).wait()

    def EmptyCall(self, request, context):
        echo_metadata(context)
        return messages.Empty()

    def UnaryCall(self, request, context):
        echo_metadata(context)
        echo_status(request, context)
        compress(context, request.HasField("response_compressed") and request.response_compressed.value)
        return messages.SimpleResponse(payload=payload(request.response_size))

    def StreamingInputCall(self, requests, context):
        echo_metadata(context)
        size = sum(len(request.payload.body) for request in requests)
        return messages.StreamingInputCallResponse(aggregated_payload_size=size)

    def StreamingOutputCall(self, request, context):
        echo_metadata(context)
        compress(context, any(each.compressed.value for each in request.response_parameters))
        yield from responses(request, context)

    def FullDuplexCall(self, requests, context):
        echo_metadata(context)
        for request in requests:
            yield from responses(request, context)


def payload(size: int) -> messages.Payload:
    return messages.Payload(body=bytes(size))


def responses(request, context):
    echo_status(request, context)
    for each in request.response_parameters:
        time.sleep(each.interval_us / 1e6)
        if not each.compressed.value:
            context.disable_next_message_compression()
        yield messages.StreamingOutputCallResponse(payload=payload(each.size))


def compress(context, wanted: bool):
    """Of the whole answer; grpcio's server settles it before the headers leave."""
    if wanted:
        context.set_compression(grpc.Compression.Gzip)


def echo_metadata(context):
    for key, value in context.invocation_metadata():
        if key == INITIAL:
            context.send_initial_metadata([(key, value)])
        elif key == TRAILING:
            context.set_trailing_metadata([(key, value)])


def echo_status(request, context):
    if request.HasField("response_status"):
        code = next(each for each in grpc.StatusCode if each.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)
