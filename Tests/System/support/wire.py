"""HTTP/1.1 as bytes on a socket, with a reader of responses that is not ours and forgives nothing."""

import re
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass

from .eventually import PATIENCE

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ([\t\x20-\x7e]*)")
FIELD_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*"
    rb"((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*")
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


@dataclass(frozen=True)
class Response:
    """Field names are in lower case; interim (1xx) responses are responses too."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def __getitem__(self, name: str) -> str | None:
        """The value of a field that may be there once."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} is there {len(values)} times: {self}"
        return values[0] if values else None

    @property
    def closes(self) -> bool:
        """Whether it announces that the connection ends with it."""
        return "close" in tokens(self["connection"] or "")

    @property
    def is_interim(self) -> bool:
        return self.status < 200


def tokens(value: str) -> list[str]:
    return [token.strip().lower() for token in value.split(",")]


class Reader:
    """Takes responses off a stream of bytes, by RFC 9112 to the letter; any deviation is an AssertionError."""

    def __init__(self, receive: Callable[[], bytes]):
        """`receive` gives the next bytes, and b"" once the stream has ended."""
        self._receive = receive
        self._buffer = b""

    def response(self, to: str = "GET") -> Response | None:
        """The next response to a request with that method; None if the stream has ended before it."""
        if not self._buffer and not self._more():
            return None
        head = STATUS_LINE.fullmatch(line := self._line())
        assert head, f"no status line: {line!r}"
        fields = []
        while line := self._line():
            field = FIELD_LINE.fullmatch(line)
            assert field, f"no field line: {line!r}"
            fields.append((field[1].decode().lower(), field[2].decode("latin-1")))
        response = Response(int(head[1]), tuple(fields))
        return Response(response.status, response.fields, self._body(response, to))

    @property
    def has_bytes(self) -> bool:
        return self._buffer != b""

    def _body(self, response: Response, to: str) -> bytes:
        """RFC 9112 section 6.3, in its order."""
        length, coding = response["content-length"], response["transfer-encoding"]
        assert length is None or coding is None, f"two framings: {response}"
        assert length is None or re.fullmatch(r"\d+", length), f"no length: {response}"
        assert coding in (None, "chunked"), f"unknown coding: {response}"
        if response.is_interim or response.status == 204:
            assert length is None and coding is None, f"a length that must not be there: {response}"
            return b""
        assert DATE.fullmatch(response["date"] or ""), f"no date: {response}"
        if to == "HEAD" or response.status == 304:
            return b""
        if coding:
            return self._chunks()
        if length is not None:
            return self._exactly(int(length))
        assert response.closes, f"the body can only end with the connection, which is not announced: {response}"
        while self._more():
            pass
        return self._take(len(self._buffer))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            line = self._line()
            assert re.fullmatch(rb"[0-9A-Fa-f]{1,8}", line), f"no chunk size: {line!r}"
            if not (size := int(line, 16)):
                break
            body += self._exactly(size)
            assert self._line() == b"", "a chunk does not end where its size says"
        assert self._line() == b"", "trailers, which no service of ours sends"
        return body

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            assert self._more(), f"the stream ends within a line: {self._buffer!r}"
        line = self._take(self._buffer.index(b"\n") + 1)
        assert re.fullmatch(rb"[^\r\n]*\r\n", line), f"no CRLF at the end and only there: {line!r}"
        return line[:-2]

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            assert self._more(), f"the stream ends within a body, {count - len(self._buffer)} bytes early"
        return self._take(count)

    def _take(self, count: int) -> bytes:
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self) -> bool:
        received = self._receive()
        self._buffer += received
        return received != b""


class Wire:
    """One connection. Nothing waits longer than `within` seconds; a reset of the connection is an OSError."""

    def __init__(self, address: str, within: float = PATIENCE, receive_buffer: int | None = None):
        host, port = address.split(":")
        self.socket = socket.socket()
        self.socket.settimeout(within)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            # The other side's send buffer goes by the segments' size: 64 KiB on loopback, which makes 2.6 MB of it.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = Reader(lambda: self.socket.recv(1 << 16))

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes):
        self.socket.sendall(data)

    def end(self):
        """Says that no more will be sent; answers can still come."""
        self.socket.shutdown(socket.SHUT_WR)

    def response(self, to: str = "GET") -> Response:
        response = self._reader.response(to)
        assert response, "closed without a response"
        return response

    def rest(self, *methods: str, hangs_up: bool = False) -> list[Response]:
        """All responses until the server closes, to requests with these methods, then to GET.

        `hangs_up` has the client say that it will send no more once a response announces the end, as clients do.
        """
        responses = []
        methods = list(methods)
        while response := self._reader.response(methods[0] if methods else "GET"):
            responses.append(response)
            if methods and not response.is_interim:
                methods.pop(0)
            if hangs_up and response.closes:
                self.end()
        return responses

    def is_quiet(self, within: float = 0) -> bool:
        """Whether nothing comes in that time, neither bytes nor the end."""
        return not self._reader.has_bytes and not select.select([self.socket], [], [], within)[0]

    def is_open(self) -> bool:
        """Whether the server has not ended it; there may be bytes that were not read."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        return not poll.poll(0)


def exchange(address: str, data: bytes, *methods: str, ends: bool = False, hangs_up: bool = False) -> list[Response]:
    """Sends bytes on a connection of their own and reads every response until the server closes; see `Wire.rest`.

    `ends` says that no more will come; needed where the bytes are not whole, and a server may rightly wait for more.
    """
    with Wire(address) as wire:
        wire.send(data)
        if ends:
            wire.end()
        return wire.rest(*methods, hangs_up=hangs_up and not ends)


def request(*lines: str, body: bytes = b"") -> bytes:
    """Lines and body with the line ends that belong there. Characters up to U+00FF are bytes."""
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1") + body
