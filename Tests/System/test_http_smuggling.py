"""nginx and the service behind it never disagree on where a request ends, and nothing gets past nginx unseen.

What nginx does with a doubtful request is its own affair: it may refuse it, or make a clear one of it. Whatever it
does, its log tells of every request that the service saw and of no other, and every answer is one to a request in it.
"""

import pytest

from support.eventually import eventually
from support.front import Seen, body_names
from support.messages import ACCEPTED, MARKER, REFUSED, SMUGGLED, TWO_BODIES, get, sample
from support.wire import request
from test_js import SECRET, TRAVERSALS

# nginx takes a line without a version for HTTP/0.9, whose answers have no head.
HEADLESS = "line: no version"

# No fault in them, but a proxy's head might be turned.
LENGTH = f"Content-Length: {len(SMUGGLED)}"
DOUBTFUL = {
    "Content-Length called hop-by-hop": get("Connection: Content-Length", LENGTH, body=SMUGGLED),
    "Transfer-Encoding called hop-by-hop": get(
        "Connection: Transfer-Encoding", "Transfer-Encoding: chunked", body=TWO_BODIES),
    "TE": get("Connection: TE", "TE: trailers, chunked"),
    "upgrade to HTTP/2": get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
    "upgrade to WebSocket": get("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
    "upgrade with a body": get("Connection: Upgrade", "Upgrade: h2c", LENGTH, body=SMUGGLED),
    "expectation with its body": get("Expect: 100-continue", LENGTH, body=SMUGGLED),
    "another expectation": get("Expect: magic", LENGTH, body=SMUGGLED),
    "HTTP/1.0 that lasts": get("Connection: keep-alive", LENGTH, line="GET /first HTTP/1.0", body=SMUGGLED),
    "another method": get("X-HTTP-Method-Override: GET", LENGTH, line="POST /first HTTP/1.1", body=SMUGGLED),
    "names that nginx gives itself": get("X-Forwarded-For: 10.0.0.1", "X-Forwarded-Host: a,b", "X-Real-IP: 10.0.0.1"),
    "id that would forge a line": get('X-Request-Id: x" 127.0.0.1 "GET /forged HTTP/1.1" 200 5 to "-" -'),
    "asterisk form": get(line="OPTIONS * HTTP/1.1"),
    "absolute form of nginx's own page": get(line="GET http://x HTTP/1.1"),
    "absolute form with a query alone": get(line="GET http://x?/../first HTTP/1.1"),
    "two slashes": get(line="GET //first HTTP/1.1"),
    "dots": get(line="GET /nowhere/..//first HTTP/1.1"),
    "dots into the other service": get(line="GET /go/../js/hello HTTP/1.1") + get(line="GET /js/../go HTTP/1.1"),
    "escaped line end": get(line="GET /first%0d%0aA:%20b HTTP/1.1"),
    "escaped space": get(line="GET /first%20HTTP/1.1%0d%0a HTTP/1.1"),
    "escaped zero byte": get(line="GET /go%00/x HTTP/1.1"),
    "request in the query": get(line="GET /first?GET+/smuggled+HTTP/1.1 HTTP/1.1"),
}

# Clear to our services, not to nginx.
NGINX_REFUSES = {
    "host: Host ''", "length: length with blanks around", "length: length twice, equal", "asterisk form",
    "escaped zero byte"}


def assert_agreement(seen: Seen):
    assert [line.upstream_status for line in seen.passed_on] == [str(line.status) for line in seen.served]
    for line, served in zip(seen.passed_on, seen.served):
        if served.target:  # empty where the service could not read it
            assert line.method_and_target == (served.method, served.target)
    assert [answer.status for answer in seen.answers if not answer.is_interim] == [line.status for line in seen.passed]
    assert not {line.status for line in seen.passed} & {502, 504}, "an answer that nginx could not make sense of"


# The services have the same server: of the tables js-server gets a row of each kind and verdict.
TABLES = {
    "gateway": {*ACCEPTED, *REFUSED, *DOUBTFUL} - {HEADLESS},
    "js": {*sample(ACCEPTED), *sample(REFUSED), *DOUBTFUL} - {HEADLESS},
}


@pytest.mark.parametrize("service, name", [(service, name) for service in TABLES for name in sorted(TABLES[service])])
def test_nginx_and_service_agree(front, service, name):
    through_nginx = front.door(service, through_nginx=True)
    message = ACCEPTED.get(name) or DOUBTFUL.get(name) or REFUSED[name][1]
    seen = through_nginx.observe(message + MARKER)
    assert_agreement(seen)
    # The request behind it is answered last and once, or nginx has closed before it.
    assert [answer.closes for answer in seen.answers] == [False] * (len(seen.answers) - 1) + [True]
    assert "marker" not in body_names(seen.answers)[:-1]


@pytest.mark.parametrize("name", sorted({*ACCEPTED, *DOUBTFUL}))
def test_the_request_behind_a_clear_one_is_answered(through_nginx, name):
    message = ACCEPTED.get(name) or DOUBTFUL[name]
    names = body_names(through_nginx.exchange(message + MARKER))
    assert names[-1] == ("400" if name in NGINX_REFUSES else "marker")


def test_http_0_9_is_one_request_and_the_end(through_nginx):
    before = len(through_nginx.service.log)
    with through_nginx.wire() as wire:
        wire.send(through_nginx.fill(REFUSED[HEADLESS][1] + MARKER))
        answer = b"".join(iter(lambda: wire.socket.recv(1 << 16), b""))
    assert b"first" in answer and b"HTTP/1" not in answer and b"marker" not in answer
    eventually(lambda: len(through_nginx.service.log) > before)
    [line] = through_nginx.service.log[before:]
    assert f'"{through_nginx.target("first")}"' in line


@pytest.mark.parametrize("message", [
    REFUSED["both: Content-Length: 5 | Transfer-Encoding: chunked"][1],
    REFUSED["coding: coding after a bare line feed"][1],
    REFUSED["chunk: size too large"][1], DOUBTFUL["upgrade with a body"],
], ids=["both", "bare line feed", "chunk size", "upgrade"])
def test_the_next_client_gets_its_own_answer(through_nginx, message):
    """What one client leaves behind does not become the beginning of another one's request."""
    for _ in range(5):
        through_nginx.exchange(message + SMUGGLED[:-2] + b"A: ", ends=True)
        assert body_names(through_nginx.exchange(get("Connection: close"))) == ["first"]


# Path safety

@pytest.fixture(scope="module")
def private(front):
    """What must stay unseen, beside the root and hidden in it."""
    for path in (front.site / ".hidden", front.site.parent / "secret.txt"):
        path.write_text(SECRET)


@pytest.mark.parametrize("target", TRAVERSALS, ids=lambda target: target.decode())
def test_no_path_leaves_the_root(front, private, target):
    """nginx resolves dots for itself when it chooses the service, and may end at its own page."""
    door = front.door("js", through_nginx=True)
    seen = door.observe(request(f"GET {target.decode()} HTTP/1.1", "Host: x") + MARKER)
    assert_agreement(seen)
    for answer in seen.answers:
        assert answer.status in (200, 400, 404)
        assert SECRET.encode() not in answer.body and b"root:" not in answer.body
