"""Requests that RFC 9112 and 9110 have an opinion on, as tables: name → bytes, or (status, bytes) where refused.

/first is a resource of the service that is asked, see `Door.fill`; each request is meant to be followed by MARKER, so
that it is seen where the server thought it ended. /smuggled, which is nowhere a resource, stands where a lax reader
would find a request.
"""

from .wire import request

MARKER = request("GET /marker HTTP/1.1", "Host: x", "Connection: close")
SMUGGLED = request("GET /smuggled HTTP/1.1", "Host: x")
LAST_CHUNK = b"0\r\n\r\n"


def get(*fields: str, line: str = "GET /first HTTP/1.1", body: bytes = b"") -> bytes:
    return request(line, "Host: x", *fields, body=body)


def chunked(body: bytes) -> bytes:
    return get("Transfer-Encoding: chunked", body=body)


ACCEPTED_LINES = {
    "origin form": get(),
    "absolute form": get(line="GET http://x/first HTTP/1.1"),
    "absolute form, scheme in capitals": get(line="GET HTTP://x/first HTTP/1.1"),
    "absolute form, its host is not the field's": get(line="GET http://other.test:81/first HTTP/1.1"),
    "later minor version": get(line="GET /first HTTP/1.2"),
    "empty line before": b"\r\n" + get(),
}

REFUSED_LINES = {
    "no version": (400, get(line="GET /first")),
    "no target": (400, get(line="GET HTTP/1.1")),
    "method alone": (400, get(line="GET")),
    "two spaces before the target": (400, get(line="GET  /first HTTP/1.1")),
    "two spaces before the version": (400, get(line="GET /first  HTTP/1.1")),
    "tabs for spaces": (400, get(line="GET\t/first\tHTTP/1.1")),
    "space at the start": (400, get(line=" GET /first HTTP/1.1")),
    "space at the end": (400, get(line="GET /first HTTP/1.1 ")),
    "space in the target": (400, get(line="GET /fir st HTTP/1.1")),
    "version in small letters": (400, get(line="GET /first http/1.1")),
    "version of another protocol": (400, get(line="GET /first SIP/2.0")),
    "version without minor": (400, get(line="GET /first HTTP/1")),
    "version with two digits": (400, get(line="GET /first HTTP/1.10")),
    "version 0.9": (505, get(line="GET /first HTTP/0.9")),
    "version 2.0": (505, get(line="GET /first HTTP/2.0")),
    "HTTP/2 preface": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "method is no token": (400, get(line="G(T /first HTTP/1.1")),
    "zero byte in the target": (400, get(line="GET /first\0 HTTP/1.1")),
    "control byte in the target": (400, get(line="GET /first\x7f HTTP/1.1")),
    "UTF-8 in the target": (400, get(line="GET /first/Ã¼ HTTP/1.1")),
    "fragment": (400, get(line="GET /first#part HTTP/1.1")),
    "bare line feed": (400, get().replace(b"HTTP/1.1\r\n", b"HTTP/1.1\n")),
    "bare carriage return": (400, get(line="GET /first\r HTTP/1.1")),
    "three empty lines before": (400, b"\r\n\r\n\r\n" + get()),
    "bare line feed before": (400, b"\n" + get()),
    "authority form": (400, get(line="GET x:80 HTTP/1.1")),
    "asterisk form of another method than OPTIONS": (400, get(line="GET * HTTP/1.1")),
    "relative path": (400, get(line="GET first HTTP/1.1")),
    "scheme that is not http": (400, get(line="GET ftp://x/first HTTP/1.1")),
    "absolute form without a host": (400, get(line="GET http:///first HTTP/1.1")),
    "absolute form with a port alone": (400, get(line="GET http://:80/first HTTP/1.1")),
    "absolute form with user information": (400, get(line="GET http://me@x/first HTTP/1.1")),
    "CONNECT": (501, get(line="CONNECT x:80 HTTP/1.1")),
    "CONNECT to a path": (501, get(line="CONNECT /first HTTP/1.1")),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
}

ACCEPTED_HOSTS = {
    f"Host {host!r}": request("GET /first HTTP/1.1", f"Host: {host}")
    for host in ("x.test", "x.test:8080", "127.0.0.1", "[::1]:80", "X_y-z", "")
}

REFUSED_HOSTS = {
    "no Host": (400, request("GET /first HTTP/1.1")),
    "no Host with absolute form": (400, request("GET http://x/first HTTP/1.1")),
    "two Hosts": (400, get("Host: y")),
    "two equal Hosts": (400, get("host: x")),
    "two Hosts in HTTP/1.0": (400, get("Host: y", line="GET /first HTTP/1.0")),
    "two Hosts with absolute form": (400, get("Host: y", line="GET http://x/first HTTP/1.1")),
    **{f"Host {host!r}": (400, request("GET /first HTTP/1.1", f"Host: {host}"))
       for host in ("a, b", "a,b", "a b", "me@x", "x/first", "x?", "x#", "http://x", "\xff", "x\\y")},
}

ACCEPTED_FIELDS = {
    "every character of a token": get("!#$%&'*+-.^_`|~09AZaz: b"),
    "empty value": get("A:"),
    "blanks around the value": get("A: \t b \t "),
    "no blank before the value": get("A:b"),
    "tab in the value": get("A: b\tc"),
    "UTF-8 in the value": get("A: Ã¼"),
    "bytes that are not UTF-8 in the value": get("A: \xff\xfe"),
    "underscore where a framing field has a hyphen": get("Transfer_Encoding: chunked", "Content_Length: 5"),
}

REFUSED_FIELDS = {
    "bare line feed": (400, get("A: b\nC: d")),
    "bare line feed at the end": (400, get().replace(b"\r\n\r\n", b"\n\n")),
    "bare line feed as the empty line": (400, get()[:-2] + b"\n"),
    "bare carriage return": (400, get("A: b\rC: d")),
    "carriage return twice": (400, get("A: b\r")),
    "folded by a space": (400, get("A: b", " c")),
    "folded by a tab": (400, get("A: b", "\tc")),
    "first field begins with a space": (400, request("GET /first HTTP/1.1", " Host: x", "Host: x")),
    "line of one space": (400, get("A: b", " ")),
    "space before the colon": (400, get("A : b")),
    "tab before the colon": (400, get("A\t: b")),
    "space in the name": (400, get("A b: c")),
    "no colon": (400, get("A")),
    "no name": (400, get(": b")),
    "name is no token": (400, get("A(b): c")),
    "byte above ASCII in the name": (400, get("\xe4: b")),
    "control byte in the name": (400, get("A\x01: b")),
    **{f"byte {byte:#04x} in the value": (400, get(f"A: b{chr(byte)}c")) for byte in (0, 1, 8, 11, 12, 27, 31, 127)},
}

ACCEPTED_LENGTHS = {
    "length": get("Content-Length: 5", body=b"hello"),
    "length nought": get("Content-Length: 0"),
    "length with noughts in front": get("Content-Length: 0005", body=b"hello"),
    "length with blanks around": get("Content-Length: \t 5 ", body=b"hello"),
    "length twice, equal": get("Content-Length: 5", "content-length: 5", body=b"hello"),
    "body that looks like a request": get(f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED),
    "body that looks like a chunk": get("Content-Length: 5", body=LAST_CHUNK),
}

REFUSED_LENGTHS = {
    **{f"length {value!r}": (400, get(f"Content-Length: {value}", body=b"hello"))
       for value in ("", "-5", "+5", "0x5", "5, 5", "5, 6", "5,", "5 5", "5.0", "5e0", "five", "5\x0b", "Ù¥", '"5"')},
    **{f"length {value}": (413, get(f"Content-Length: {value}", body=b"hello"))
       for value in (1048577, 2**31, 2**32 + 5, 2**63 - 1, 2**63, 2**64 + 5, 10**40)},
    "length twice, different": (400, get("Content-Length: 5", "Content-Length: 6", body=b"hello!")),
    "length and then nought": (400, get(f"Content-Length: {len(SMUGGLED)}", "Content-Length: 0", body=SMUGGLED)),
    "nought and then length": (400, get("Content-Length: 0", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED)),
    "length twice, one of them signed": (400, get("Content-Length: 5", "Content-Length: +5", body=b"hello")),
    "length in a folded line": (400, get("Content-Length:", f" {len(SMUGGLED)}", body=SMUGGLED)),
    "length with a space before the colon": (400, get(f"Content-Length : {len(SMUGGLED)}", body=SMUGGLED)),
    "length after a bare line feed": (400, get(f"A: b\nContent-Length: {len(SMUGGLED)}", body=SMUGGLED)),
}

ACCEPTED_CODINGS = {
    "chunked": chunked(b"5\r\nhello\r\n" + LAST_CHUNK),
    "chunked in capitals": get("TRANSFER-ENCODING: CHUNKED", body=b"5\r\nhello\r\n" + LAST_CHUNK),
    "chunked and nothing in it": chunked(LAST_CHUNK),
    "several chunks": chunked(b"1\r\nh\r\n3\r\nell\r\n1\r\no\r\n" + LAST_CHUNK),
    "size in capitals and with noughts": chunked(b"00A\r\n0123456789\r\n00\r\n\r\n"),
    "chunk extensions": chunked(b'5;a;b=c;d="e;f"\r\nhello\r\n0;last\r\n\r\n'),
    "chunk that looks like the last one": chunked(b"5\r\n" + LAST_CHUNK + b"\r\n" + LAST_CHUNK),
    "chunk that looks like a request": chunked(b"%x\r\n%s\r\n" % (len(SMUGGLED), SMUGGLED) + LAST_CHUNK),
    "trailer": chunked(b"0\r\nA: b\r\n\r\n"),
    "framing fields in the trailer": chunked(b"0\r\nContent-Length: 100\r\nTransfer-Encoding: gzip\r\n\r\n"),
    "Host and Connection in the trailer": chunked(b"0\r\nHost: y\r\nConnection: close\r\n\r\n"),
}

# As a lax reader would take it, the message ends after the last chunk; or the request in it is one of its own.
TWO_BODIES = LAST_CHUNK + SMUGGLED

REFUSED_CODINGS = {
    **{f"coding {value!r}": (400, get(f"Transfer-Encoding: {value}", body=TWO_BODIES)) for value in (
        "", "identity", "gzip", "xchunked", "chunkedx", "chunk", '"chunked"', "chunked;q=1", "chunked chunked",
        "chunked, gzip", "chunked, identity", "chunked, chunked", "gzip, chunked, gzip",
        "chunked\0", "chunked\x0b", "\x0bchunked", "chunked\x0c", "chunked\x85", "chunked\xa0", "c\x01hunked")},
    **{f"coding {value!r}": (501, get(f"Transfer-Encoding: {value}", body=TWO_BODIES))
       for value in ("gzip, chunked", "identity, chunked", "x, chunked", ", chunked", "chunked,")},
    "coding twice": (400, get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=TWO_BODIES)),
    "coding twice, chunked first": (400, get("Transfer-Encoding: chunked", "Transfer-Encoding: x", body=TWO_BODIES)),
    "coding twice, chunked last": (501, get("Transfer-Encoding: x", "Transfer-Encoding: chunked", body=TWO_BODIES)),
    "coding in HTTP/1.0": (
        400, get("Transfer-Encoding: chunked", "Connection: keep-alive", line="GET /first HTTP/1.0", body=TWO_BODIES)),
    "coding with a space before the colon": (400, get("Transfer-Encoding : chunked", body=TWO_BODIES)),
    "coding in a line that begins with a space": (400, get(" Transfer-Encoding: chunked", body=TWO_BODIES)),
    "coding in a folded line": (400, get("Transfer-Encoding:", " chunked", body=TWO_BODIES)),
    "coding after a bare line feed": (400, get("A: b\nTransfer-Encoding: chunked", body=TWO_BODIES)),
    "coding after a bare carriage return": (400, get("A: b\rTransfer-Encoding: chunked", body=TWO_BODIES)),
    "coding after a zero byte": (400, get("A: b\0Transfer-Encoding: chunked", body=TWO_BODIES)),
}

# Content-Length in any form with Transfer-Encoding in any form, in both orders.
REFUSED_COMBINATIONS = {
    f"{first} | {second}": (400, get(first, second, body=TWO_BODIES))
    for length in ("0", "5", str(len(TWO_BODIES)), "+5", "0, 5", "")
    for coding in ("chunked", "CHUNKED", "identity", "xchunked", "gzip, chunked", "chunked, identity", "")
    for pair in [(f"Content-Length: {length}", f"Transfer-Encoding: {coding}")]
    for first, second in (pair, pair[::-1])
}

REFUSED_CHUNKS = {
    **{f"size {size!r}": (400, chunked(size.encode() + b"\r\nhello\r\n" + TWO_BODIES))
       for size in ("", "-5", "+5", "0x5", "5 ", " 5", "5\t", "5 ;a", "5,5", "5h", "g", "\0", "5;a\rb", "5;a\0",
                    "0" * 300)},
    **{f"size {size!r}": (413, chunked(size.encode() + b"\r\nhello\r\n" + TWO_BODIES))
       for size in ("100001", "7fffffff", "80000005", "100000005", "7fffffffffffffff", "8000000000000005",
                    "ffffffffffffffff", "10000000000000005", "f" * 200)},
    "size ends with a line feed": (400, chunked(b"5\nhello\r\n" + TWO_BODIES)),
    "size ends with a carriage return": (400, chunked(b"5\rhello\r\n" + TWO_BODIES)),
    "extension ends with a line feed": (400, chunked(b"5;a\nhello\r\n" + TWO_BODIES)),
    "size too small": (400, chunked(b"4\r\nhello\r\n" + TWO_BODIES)),
    "size too large": (400, chunked(b"6\r\nhello\r\n" + TWO_BODIES)),
    "no line end after a chunk": (400, chunked(b"5\r\nhello" + TWO_BODIES)),
    "line feed after a chunk": (400, chunked(b"5\r\nhello\n" + TWO_BODIES)),
    "two bytes after a chunk": (400, chunked(b"5\r\nhelloxx" + TWO_BODIES)),
    "last size ends with a line feed": (400, chunked(b"0\n\r\n" + SMUGGLED)),
    "trailers end with a line feed": (400, chunked(b"0\r\n\n" + SMUGGLED)),
    "no empty line after the last chunk": (400, chunked(b"0\r\n" + SMUGGLED)),
    "folded trailer": (400, chunked(b"0\r\nA: b\r\n c\r\n\r\n")),
    "trailer with a space before the colon": (400, chunked(b"0\r\nA : b\r\n\r\n")),
    "trailer with a bare line feed": (400, chunked(b"0\r\nA: b\nC: d\r\n\r\n")),
    "trailer with a zero byte": (400, chunked(b"0\r\nA: b\0\r\n\r\n")),
}


def sample(table: dict) -> dict:
    """One row of each kind and verdict, for where it is enough to see that the same code is in use."""
    found = {}
    for name, row in table.items():
        verdict = row[0] if isinstance(row, tuple) else None
        found.setdefault((name.partition(":")[0], verdict), name)
    return {name: table[name] for name in found.values()}


def joined(**tables: dict) -> dict:
    """One table; the name of the one that a row comes from goes in front of the row's."""
    return {f"{title}: {name}": row for title, table in tables.items() for name, row in table.items()}


ACCEPTED = joined(
    line=ACCEPTED_LINES, host=ACCEPTED_HOSTS, field=ACCEPTED_FIELDS, length=ACCEPTED_LENGTHS, coding=ACCEPTED_CODINGS)

REFUSED = joined(
    line=REFUSED_LINES, host=REFUSED_HOSTS, field=REFUSED_FIELDS, length=REFUSED_LENGTHS, coding=REFUSED_CODINGS,
    both=REFUSED_COMBINATIONS, chunk=REFUSED_CHUNKS)
