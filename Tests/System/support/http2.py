"""HTTP/2 as frames on a socket: a client that keeps to the windows it is given, and gives none that a test does not
want to give. Knows of HPACK no more than how to write literals (RFC 7541 section 6.2.2)."""

import socket
import struct
from collections import Counter

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
ENHANCE_YOUR_CALM, REFUSED_STREAM = 11, 7
FRAME = 16384


def grpc_message(size: int) -> bytes:
    """A HelloRequest whose name has so many bytes, with gRPC's prefix."""
    length, rest = b"", size
    while rest > 0x7F:
        length, rest = length + bytes([rest & 0x7F | 0x80]), rest >> 7
    payload = b"\x0a" + length + bytes([rest]) + b"n" * size
    return struct.pack(">BI", 0, len(payload)) + payload


def stream_hello_request(count: int) -> bytes:
    """A StreamHelloRequest for so many greetings (fewer than 2^21), with gRPC's prefix."""
    payload = b"\x10" + bytes([count & 0x7F | 0x80, count >> 7 & 0x7F | 0x80, count >> 14])
    return struct.pack(">BI", 0, len(payload)) + payload


class Peer:
    def __init__(self, address: str, window: int = 65535):
        """`window` is what the server may send on each stream before it is given more, which it is not by itself."""
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.windows = {0: 65535}
        self.initial = 65535
        self.streams = 0
        self.frames: Counter = Counter()
        self.resets: dict[int, int] = {}
        self.ended: set[int] = set()
        self._buffer = b""
        settings = struct.pack(">HIHI", 2, 0, 4, window)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self._frame(SETTINGS, 0, 0, settings))
        while not self.frames[SETTINGS]:
            self.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @staticmethod
    def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

    def _send(self, data: bytes):
        self.socket.sendall(data)

    def open(self, method: str) -> int:
        """Begins a call; answers with its stream."""
        fields = {
            ":method": "POST", ":scheme": "http", ":path": f"/sample.service.HelloWorld/{method}", ":authority": "x",
            "te": "trailers", "content-type": "application/grpc",
        }
        block = b"".join(
            b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
            for name, value in fields.items())
        stream = 2 * self.streams + 1
        self.streams += 1
        self._send(self._frame(HEADERS, END_HEADERS, stream, block))
        return stream

    def send(self, stream: int, data: bytes, end: bool = False) -> int:
        """Sends as much of a body as the windows take, until the call has its answer; answers how much that was."""
        sent = 0
        while sent < len(data) and stream not in self.ended:
            room = min(self.windows[0], self.windows.get(stream, self.initial), FRAME, len(data) - sent)
            if room <= 0:
                self.read()
                continue
            last = end and sent + room == len(data)
            self._send(self._frame(DATA, END_STREAM if last else 0, stream, data[sent:sent + room]))
            sent += room
            self.windows[0] -= room
            self.windows[stream] = self.windows.get(stream, self.initial) - room
            self.read(wait=False)
        return sent

    def give(self, stream: int, count: int):
        self._send(self._frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", count)))

    def read(self, wait: bool = True):
        """Takes what has come."""
        self.socket.settimeout(10 if wait else 0)
        try:
            chunk = self.socket.recv(1 << 20)
        except BlockingIOError:
            return
        finally:
            self.socket.settimeout(10)
        if not chunk:
            raise ConnectionError("the server has closed the connection")
        self._buffer += chunk
        while len(self._buffer) >= 9:
            length = int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < 9 + length:
                return
            kind, flags, stream = struct.unpack(">BBI", self._buffer[3:9])
            payload, self._buffer = self._buffer[9:9 + length], self._buffer[9 + length:]
            self._received(kind, flags, stream, payload)

    def _received(self, kind: int, flags: int, stream: int, payload: bytes):
        self.frames[kind] += 1
        if kind == SETTINGS and not flags & ACK:
            for name, value in struct.iter_unpack(">HI", payload):
                if name == 4:
                    self.initial = value
            self._send(self._frame(SETTINGS, ACK, 0))
        elif kind == WINDOW_UPDATE:
            more = struct.unpack(">I", payload)[0]
            self.windows[stream] = self.windows.get(stream, self.initial if stream else 65535) + more
        elif kind == RST_STREAM:
            self.resets[stream] = struct.unpack(">I", payload)[0]
            self.ended.add(stream)
        elif kind in (HEADERS, DATA) and flags & END_STREAM:
            self.ended.add(stream)
