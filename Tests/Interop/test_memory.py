"""What clients that read or write slowly make the server hold, for each type of call; and that it gives it back.

A hundred calls on one connection, each of which could hold megabytes. The server keeps 64 MiB for messages, a quarter of
that for the calls of one connection.
"""

from contextlib import closing

import pytest

from interop.cases import output_request
from interop.frames import Connection, connect, message
from interop.ours import Server
from interop.protos import messages
from support.eventually import eventually

MIB = 1 << 20
CALLS = 100
# A quarter of the room; as much for what handlers hold of an answer that waits, and again for what is between two places.
# Without a bound it would be 300 MiB at least.
BOUND = 48 * MIB
LARGE = 3 * MIB


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "run")
    yield server
    server.stop()


def open_call(connection: Connection, number: int, method: str) -> int:
    stream = 2 * number + 1
    connection.send_headers(stream, {
        ":method": "POST", ":scheme": "http", ":path": f"/grpc.testing.TestService/{method}", ":authority": "x",
        "te": "trailers", "content-type": "application/grpc"})
    return stream


def large(kind) -> bytes:
    return message(kind(payload=messages.Payload(body=bytes(LARGE))).SerializeToString())


WANTED = output_request(*[LARGE] * 10).SerializeToString()
READERS = {
    "UnaryCall": [message(messages.SimpleRequest(response_size=LARGE).SerializeToString())],
    "StreamingOutputCall": [message(WANTED)],
    # Ten answers of one message.
    "StreamingInputCall": [message(b"")] * 10,
    "FullDuplexCall": [message(WANTED)] * 10,
}
WRITERS = {
    "UnaryCall": large(messages.SimpleRequest),
    "StreamingOutputCall": large(messages.StreamingOutputCallRequest),
    "StreamingInputCall": large(messages.StreamingInputCallRequest),
    "FullDuplexCall": large(messages.StreamingOutputCallRequest),
}


def holds_little(server: Server, idle: int, connection: Connection, method: str, what: str):
    """While the connection stands, and when it is gone."""
    connection.synchronize()
    held = server.resident_bytes - idle
    print(f"{what}, {method}: {held / MIB:.1f} MiB")
    assert held <= BOUND
    connection.close()
    assert eventually(lambda: server.resident_bytes <= idle + 16 * MIB)


@pytest.mark.parametrize("method", READERS)
def test_slow_readers(server, method):
    idle = server.resident_bytes
    with closing(connect(server.address)) as connection:
        connection.send_settings(initial_window=0)
        for number in range(CALLS):
            stream = open_call(connection, number, method)
            connection.send_data(stream, b"".join(READERS[method]), end=method in ("UnaryCall", "StreamingOutputCall"))
        holds_little(server, idle, connection, method, "slow readers")


@pytest.mark.parametrize("method", WRITERS)
def test_slow_writers(server, method):
    """Each sends nearly all of a message, as far as it may, and no more."""
    idle = server.resident_bytes
    with closing(connect(server.address)) as connection:
        for number in range(CALLS):
            stream = open_call(connection, number, method)
            connection.send_part(stream, WRITERS[method][:-1])
        holds_little(server, idle, connection, method, "slow writers")


def test_small_messages_that_wait(server):
    """A message of a byte takes a hundred here: whoever sends windows full of them is held to the room, too."""
    idle = server.resident_bytes
    with closing(connect(server.address)) as connection:
        connection.send_settings(initial_window=0)
        for number in range(CALLS // 2):
            stream = open_call(connection, number, "FullDuplexCall")
            connection.send_data(stream, message(output_request(10_000).SerializeToString()))
            connection.send_part(stream, message(b"x") * 43_000)
        holds_little(server, idle, connection, "FullDuplexCall", "small messages that wait")


def test_replies_that_were_given_up(server):
    """Nothing of a call that is over is kept for the next one."""
    idle = server.resident_bytes
    connections = [connect(server.address) for _ in range(20)]
    for connection in connections:
        connection.send_settings(initial_window=0)
        stream = open_call(connection, 0, "UnaryCall")
        connection.send_data(stream, message(messages.SimpleRequest(response_size=LARGE).SerializeToString()), end=True)
        connection.read_until(lambda: connection.stream(stream).blocks > 0)
        connection.reset(stream, 8)
        connection.synchronize()
    assert eventually(lambda: server.resident_bytes <= idle + 16 * MIB)
    for connection in connections:
        connection.close()


def test_a_handler_that_does_not_read_holds_no_more_than_windows(server):
    """Its client does not read, so that it waits; and goes on sending, as far as it may."""
    idle = server.resident_bytes
    with closing(connect(server.address)) as connection:
        connection.send_settings(initial_window=0)
        for number in range(CALLS):
            stream = open_call(connection, number, "FullDuplexCall")
            connection.send_data(stream, message(output_request(MIB // 8).SerializeToString()))
            connection.send_part(stream, large(messages.StreamingOutputCallRequest) * 4)
        holds_little(server, idle, connection, "FullDuplexCall", "handlers that wait")
