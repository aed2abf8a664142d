"""grpc.testing.TestService as frames, for what only frames show.

A client's fields are not read: each of these servers has one method, and it is the one that its case calls.
"""

from contextlib import contextmanager

from .cases import LARGE_RESPONSE, payload
from .frames import Connection, RawServer, Stream, message
from .protos import messages

HEAD = {":status": "200", "content-type": "application/grpc"}
OK = {"grpc-status": "0"}
INVALID_ARGUMENT = {**HEAD, "grpc-status": "3", "grpc-message": "the compressed flag is not as expected"}


def large_response(encoding: str | None = None) -> bytes:
    return message(messages.SimpleResponse(payload=payload(LARGE_RESPONSE)).SerializeToString(), encoding)


def requests(connection: Connection):
    """Each stream whose request is whole, in order; until the client goes."""
    seen = set()

    def whole() -> list[int]:
        return [number for number, stream in connection.streams.items() if stream.ended and number not in seen]

    while True:
        connection.read_until(lambda: connection.closed or whole())
        if connection.closed and not whole():
            return
        for number in whole():
            seen.add(number)
            yield number


def answer(connection: Connection, stream: int, *frames: bytes, encoding: str | None = None):
    connection.send_headers(stream, HEAD | ({"grpc-encoding": encoding} if encoding else {}))
    for each in frames:
        connection.send_data(stream, each)
    connection.send_headers(stream, OK, end=True)


@contextmanager
def raw_server(script):
    server = RawServer(script)
    try:
        yield server
    finally:
        server.stop()


# MARK: the compressed flag


class Flags:
    """What was seen of the flag, call by call, message by message."""

    def __init__(self, encoding: str = "gzip"):
        self.encoding = encoding
        self.seen: list[list[int]] = []

    def _messages(self, stream: Stream, kind) -> list:
        found = stream.messages(self.encoding)
        self.seen.append([flag for flag, _ in found])
        return [(flag, kind.FromString(content)) for flag, content in found]

    def unary_call(self, connection: Connection, _: int):
        for number in requests(connection):
            [(flag, request)] = self._messages(connection.streams[number], messages.SimpleRequest)
            if request.HasField("expect_compressed") and request.expect_compressed.value != bool(flag):
                connection.send_headers(number, INVALID_ARGUMENT, end=True)
                continue
            encoding = self.encoding if request.response_compressed.value else None
            # The encoding is the call's, and the flag the message's.
            answer(connection, number, large_response(encoding), encoding=self.encoding)

    def streaming_input_call(self, connection: Connection, _: int):
        for number in requests(connection):
            received = self._messages(connection.streams[number], messages.StreamingInputCallRequest)
            if any(request.expect_compressed.value != bool(flag) for flag, request in received):
                connection.send_headers(number, INVALID_ARGUMENT, end=True)
                continue
            size = sum(len(request.payload.body) for _, request in received)
            response = messages.StreamingInputCallResponse(aggregated_payload_size=size)
            answer(connection, number, message(response.SerializeToString()))

    def streaming_output_call(self, connection: Connection, _: int):
        for number in requests(connection):
            [(_, request)] = self._messages(connection.streams[number], messages.StreamingOutputCallRequest)
            frames = [
                message(
                    messages.StreamingOutputCallResponse(payload=payload(each.size)).SerializeToString(),
                    self.encoding if each.compressed.value else None)
                for each in request.response_parameters]
            answer(connection, number, *frames, encoding=self.encoding)


# MARK: the six negative cases
# https://github.com/grpc/grpc/blob/master/doc/negative-http2-interop-test-descriptions.md


def goaway(connection: Connection, number: int):
    """After the first answer no more is taken on this connection; the next one serves."""
    for stream in requests(connection):
        if number == 1 and stream > 1:
            continue  # sent before GOAWAY was seen: not processed, as GOAWAY says
        answer(connection, stream, large_response())
        if number == 1:
            connection.go_away(stream)


def rst_after_header(connection: Connection, _: int):
    for stream in requests(connection):
        connection.send_headers(stream, HEAD)
        connection.reset(stream, 0)


def rst_during_data(connection: Connection, _: int):
    response = large_response()
    for stream in requests(connection):
        connection.send_headers(stream, HEAD)
        connection.send_data(stream, response[:len(response) // 2])
        connection.reset(stream, 0)


def rst_after_data(connection: Connection, _: int):
    for stream in requests(connection):
        connection.send_headers(stream, HEAD)
        connection.send_data(stream, large_response())
        connection.reset(stream, 0)


def ping(connection: Connection, _: int):
    """A PING before every frame; each is to be answered."""
    for stream in requests(connection):
        connection.ping()
        connection.send_headers(stream, HEAD)
        connection.send_data(stream, large_response(), each=connection.ping)
        connection.ping()
        # Before the end, after which the client may be gone.
        connection.read_until(lambda: connection.ping_acks == connection.pings)
        connection.send_headers(stream, OK, end=True)


def max_streams(connection: Connection, _: int):
    """From the first answer on one stream at a time is allowed, and no more are seen."""
    answered = 0
    for stream in requests(connection):
        begun = len(connection.streams)
        assert answered == 0 or begun == answered + 1, f"{begun - answered} streams at once, though one is allowed"
        if answered == 0:
            connection.send_settings(initial_window=1 << 20, max_concurrent_streams=1)
        else:
            # Whoever does not keep to it has opened more by now.
            connection.read_what_is_there()
            assert len(connection.streams) == answered + 1
        answer(connection, stream, large_response())
        answered += 1


NEGATIVE = {
    script.__name__: script
    for script in (goaway, rst_after_header, rst_during_data, rst_after_data, ping, max_streams)
}
