"""HTTP/2 as frames on a socket, for either end: what grpcio hides or would never do.

Windows are kept, SETTINGS and PINGs answered. Knows of HPACK no more than how to write literals (RFC 7541 section 6.2.2),
so that the other side's fields stay closed: what a peer sees of a call is its messages, and how it ends.
"""

import gzip
import select
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW = 3, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME = 16384
# Seconds: for what hangs.
LIMIT = 30


def message(payload: bytes, encoding: str | None = None) -> bytes:
    """A gRPC message with its prefix; with an encoding, compressed and flagged."""
    compress = {None: bytes, "gzip": gzip.compress, "deflate": zlib.compress}[encoding]
    payload = compress(payload)
    return struct.pack(">BI", encoding is not None, len(payload)) + payload


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


@dataclass
class Stream:
    """What the other side has sent on it."""

    body: bytes = b""
    # Blocks of fields.
    blocks: int = 0
    ended: bool = False
    reset: int | None = None
    window: int = 0

    def messages(self, encoding: str | None) -> list[tuple[int, bytes]]:
        """Flag and content of every message that is whole."""
        expand = {None: None, "gzip": gzip.decompress, "deflate": zlib.decompress}[encoding]
        found, rest = [], self.body
        while len(rest) >= 5:
            flag, length = struct.unpack(">BI", rest[:5])
            if len(rest) < 5 + length:
                break
            payload, rest = rest[5:5 + length], rest[5 + length:]
            assert flag in (0, 1), f"flag {flag}"
            found.append((flag, expand(payload) if flag else payload))
        return found


@dataclass
class Connection:
    socket: socket.socket
    settings: dict[int, int] = field(default_factory=dict)
    streams: dict[int, Stream] = field(default_factory=dict)
    # The other side's.
    window: int = 65535
    initial_window: int = 65535
    pings: int = 0
    ping_acks: int = 0
    has_settings: bool = False
    settings_sent: int = 0
    settings_acks: int = 0
    closed: bool = False
    _buffer: bytes = b""

    def __post_init__(self):
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(LIMIT)

    def close(self):
        self.socket.close()

    # Out

    def send(self, data: bytes):
        self.socket.sendall(data)

    def send_settings(self, **settings: int):
        numbers = {"max_concurrent_streams": MAX_CONCURRENT_STREAMS, "initial_window": INITIAL_WINDOW}
        pairs = [struct.pack(">HI", numbers[name], value) for name, value in settings.items()]
        self.send(frame(SETTINGS, 0, 0, b"".join(pairs)))
        self.settings_sent += 1

    def send_headers(self, stream: int, fields: dict[str, str], end: bool = False):
        block = b"".join(
            b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
            for name, value in fields.items())
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, block))

    def send_data(self, stream: int, data: bytes, end: bool = False, each: Callable[[], None] = lambda: None):
        """As the windows allow; `each` is called before every frame."""
        self.stream(stream)
        position = 0
        while True:
            count = min(len(data) - position, FRAME, self.window, self.streams[stream].window)
            last = position + count >= len(data)
            if count > 0 or len(data) == 0:
                each()
                self.send(frame(DATA, END_STREAM if end and last else 0, stream, data[position:position + count]))
                position += count
                self.window -= count
                self.streams[stream].window -= count
            if position >= len(data):
                return
            if count <= 0:
                self.read_until(lambda: min(self.window, self.streams[stream].window) > 0)

    def synchronize(self):
        """Until the other side has seen all that was sent: what it makes of that comes before its answer. By SETTINGS, since
        servers count PINGs."""
        self.send_settings()
        self.read_until(lambda: self.settings_acks == self.settings_sent)

    def send_part(self, stream: int, data: bytes):
        """As much of it as the other side lets through, until it has said that there is no more for now."""
        position = 0
        while position < len(data):
            window = min(self.window, self.stream(stream).window)
            if window <= 0:
                self.synchronize()
                if min(self.window, self.stream(stream).window) <= 0 or self.stream(stream).ended:
                    return
                continue
            self.send_data(stream, data[position:position + window])
            position += window

    def reset(self, stream: int, code: int):
        self.send(frame(RST_STREAM, 0, stream, struct.pack(">I", code)))

    def ping(self):
        self.pings += 1
        self.send(frame(PING, 0, 0, struct.pack(">Q", self.pings)))

    def go_away(self, last: int):
        self.send(frame(GOAWAY, 0, 0, struct.pack(">II", last, 0)))

    def _reply(self, data: bytes):
        """What a peer that has gone meanwhile does not need."""
        try:
            self.send(data)
        except (BrokenPipeError, ConnectionResetError):
            self.closed = True

    # In

    def stream(self, number: int) -> Stream:
        return self.streams.setdefault(number, Stream(window=self.initial_window))

    def read_until(self, condition: Callable[[], bool]):
        deadline = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < deadline, "nothing came of it"
            assert not self.closed, "the other side has closed the connection"
            self._read()

    def read_what_is_there(self):
        while not self.closed and select.select([self.socket], [], [], 0)[0]:
            self._read()

    def _read(self):
        try:
            chunk = self.socket.recv(1 << 20)
        except ConnectionResetError:
            chunk = b""  # it has gone without reading what was on its way, as whoever has all it wants may
        if not chunk:
            self.closed = True
            return
        self._buffer += chunk
        while len(self._buffer) >= 9:
            length = int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < 9 + length:
                return
            kind, flags, stream = struct.unpack(">BBI", self._buffer[3:9])
            payload, self._buffer = self._buffer[9:9 + length], self._buffer[9 + length:]
            self._received(kind, flags, stream, payload)

    def take_preface(self):
        while len(self._buffer) < len(PREFACE):
            chunk = self.socket.recv(1 << 20)
            assert chunk, "the client has closed the connection before its preface"
            self._buffer += chunk
        assert self._buffer.startswith(PREFACE)
        self._buffer = self._buffer[len(PREFACE):]

    def _received(self, kind: int, flags: int, number: int, payload: bytes):
        if kind == SETTINGS and not flags & ACK:
            self.has_settings = True
            for name, value in struct.iter_unpack(">HI", payload):
                self.settings[name] = value
                if name == INITIAL_WINDOW:
                    for stream in self.streams.values():
                        stream.window += value - self.initial_window
                    self.initial_window = value
            self._reply(frame(SETTINGS, ACK, 0))
        elif kind == SETTINGS:
            self.settings_acks += 1
        elif kind == PING and not flags & ACK:
            self._reply(frame(PING, ACK, 0, payload))
        elif kind == PING:
            self.ping_acks += 1
        elif kind == WINDOW_UPDATE:
            more = struct.unpack(">I", payload)[0]
            if number == 0:
                self.window += more
            else:
                self.stream(number).window += more
        elif kind == RST_STREAM:
            self.stream(number).reset = struct.unpack(">I", payload)[0]
        elif kind == HEADERS:
            self.stream(number).blocks += 1
            self.stream(number).ended |= bool(flags & END_STREAM)
        elif kind == DATA:
            if flags & 8:  # padded
                payload = payload[1:len(payload) - payload[0]]
            stream = self.stream(number)
            stream.body += payload
            stream.ended |= bool(flags & END_STREAM)
            if payload:
                more = struct.pack(">I", len(payload))
                self._reply(frame(WINDOW_UPDATE, 0, 0, more) + frame(WINDOW_UPDATE, 0, number, more))


def connect(address: str) -> Connection:
    """A client's connection."""
    host, port = address.rsplit(":", 1)
    connection = Connection(socket.create_connection((host, int(port)), timeout=LIMIT))
    connection.send(PREFACE)
    connection.send_settings(initial_window=1 << 20)
    connection.read_until(lambda: connection.has_settings)
    return connection


class RawServer:
    """Serves each connection by `script(connection, number)`, in a thread of its own. What a script asserts fails the
    test, in `stop`."""

    def __init__(self, script: Callable[[Connection, int], None]):
        self._script = script
        self._failures: list[BaseException] = []
        self.connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def _accept(self):
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            connection = Connection(accepted)
            self.connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, len(self.connections)))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Connection, number: int):
        try:
            connection.take_preface()
            connection.send_settings(initial_window=1 << 20)
            connection.read_until(lambda: connection.has_settings)
            self._script(connection, number)
            # Until the client goes.
            while not connection.closed:
                connection._read()
        except BaseException as failure:  # noqa: BLE001
            if not self._stopping:
                self._failures.append(failure)
        finally:
            connection.close()

    def stop(self):
        self._stopping = True
        # Wakes whoever waits for it; closing alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        for connection in self.connections:
            try:
                connection.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
