"""Requests one after the other on a connection: order, persistence, 100-continue, HEAD, and the end of it all."""

import time
from email.utils import parsedate_to_datetime

import pytest

from support.eventually import eventually
from support.front import body_names
from support.messages import MARKER, SMUGGLED, get
from support.wire import Response, request


# Pipelining

def test_pipelined_requests_are_answered_in_order(door):
    posted = request("POST /third HTTP/1.1", "Host: x", "Content-Length: 5", body=b"hello")
    nothing = get(line=f"GET {door.target('x').partition('?')[0]}/nothing HTTP/1.1")
    answers = door.exchange(
        get() + get(line="HEAD /second HTTP/1.1") + posted + nothing + get("Content-Length: 3", body=b"abc") + MARKER,
        "GET", "HEAD", "POST")
    assert [answer.status for answer in answers] == [200, 200, 405, 404, 200, 200]
    assert body_names(answers)[0] == "first" and body_names(answers)[4:] == ["first", "marker"]
    assert [answer.closes for answer in answers] == [False] * 5 + [True]


def test_bad_request_ends_the_pipeline(direct):
    """Those before it are answered; of those behind it nobody knows whether they are requests."""
    seen = direct.observe(get() + get(line="GET /second HTTP/1.1") + get("A : b") + MARKER + SMUGGLED)
    assert body_names(seen.answers) == ["first", "second", "400"]
    assert [line.status for line in seen.served] == [200, 200, 400]


def test_more_than_fits_is_answered_in_order(direct):
    """Requests and responses are several times what a service keeps of either, and the client reads nothing before it
    has sent all."""
    names = ["first", "second", "third"] * 300
    with direct.wire() as wire:
        requests = [get("A: " + 1000 * "b", line=f"GET /{name} HTTP/1.1") for name in names]
        wire.send(direct.fill(b"".join(requests) + MARKER))
        assert body_names(wire.rest()) == [*names, "marker"]


def test_fast_request_waits_for_the_slow_one_before_it(start, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", CALL_TIMEOUT="300ms")
    with gateway.wire() as wire:
        wire.send(get(line="GET /go/sample?delay=30s HTTP/1.1") + get(line="GET /go HTTP/1.1", *["Connection: close"]))
        assert [answer.status for answer in wire.rest()] == [504, 200]


# Persistence (RFC 9112 section 9.3)

PERSISTENCE = [
    ("1.1", [], True), ("1.1", ["close"], False), ("1.1", ["Close"], False), ("1.1", ["keep-alive"], True),
    ("1.1", ["keep-alive, close"], False), ("1.1", ["a,close , b"], False), ("1.1", ["keep-alive", "close"], False),
    ("1.1", ["closed"], True), ("1.1", [""], True), ("1.2", [], True),
    ("1.0", [], False), ("1.0", ["keep-alive"], True), ("1.0", ["Keep-Alive"], True),
    ("1.0", ["keep-alive, close"], False), ("1.0", ["close"], False),
]


@pytest.mark.parametrize("version, connection, lasts", PERSISTENCE)
def test_connection_lasts_or_ends(direct, version, connection, lasts):
    asked = get(*(f"Connection: {value}" for value in connection), line=f"GET /first HTTP/{version}")
    answers = direct.exchange(asked + MARKER)
    assert body_names(answers) == (["first", "marker"] if lasts else ["first"])
    assert [answer.closes for answer in answers] == ([False, True] if lasts else [True])
    if version == "1.0":
        assert answers[0]["connection"] == ("keep-alive" if lasts else "close")


def test_http_1_0_needs_no_host(door):
    answers = door.exchange(request("GET /first HTTP/1.0"))
    assert body_names(answers) == ["first"] and answers[0].closes


def test_last_request_a_connection_may_bring_says_so(direct):
    """1000 by default, of nginx too."""
    answers = direct.exchange(get() * 1003)
    assert len(answers) == 1000
    assert [answer.closes for answer in answers] == [False] * 999 + [True]


def test_client_that_ends_its_output_is_answered(front):
    """It may still read. (A gateway cancels its call: nearly always such a client has gone.)"""
    answers = front.door("js").exchange(get() + get(line="GET /second HTTP/1.1"), ends=True)
    assert body_names(answers) == ["first", "second"]


# Expect (RFC 9110 section 10.1.1)

WAITED_FOR = {
    "length": (get("Expect: 100-continue", "Content-Length: 5"), b"hello"),
    "chunked": (get("Expect: 100-continue", "Transfer-Encoding: chunked"), b"5\r\nhello\r\n0\r\n\r\n"),
    "in capitals": (get("Expect: 100-Continue", "Content-Length: 5"), b"hello"),
    "wrong method": (get("Expect: 100-continue", "Content-Length: 5", line="PUT /first HTTP/1.1"), b"hello"),
}


@pytest.mark.parametrize("head, body", WAITED_FOR.values(), ids=WAITED_FOR)
def test_client_that_waits_is_told_to_continue(door, head, body):
    """Or gets its final answer at once, if the body changes nothing in it."""
    with door.wire() as wire:
        wire.send(door.fill(head))
        answer = wire.response()
        if answer.status == 100:
            assert answer.fields == ()
            wire.send(body)
            answer = wire.response()
        assert answer.status == (405 if b"PUT" in head else 200)
        if not answer.closes:
            wire.send(door.fill(MARKER))
            assert body_names(wire.rest()) == ["marker"]


NOT_WAITED_FOR = {
    "body is there": (get("Expect: 100-continue", "Content-Length: 5", body=b"hello"), ["first", "marker"]),
    "chunked body is there": (
        get("Expect: 100-continue", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
        ["first", "marker"]),
    "length nought": (get("Expect: 100-continue", "Content-Length: 0"), ["first", "marker"]),
    "no body": (get("Expect: 100-continue"), ["first", "marker"]),
    "HTTP/1.0": (
        get("Expect: 100-continue", "Content-Length: 5", "Connection: keep-alive", line="GET /first HTTP/1.0",
            body=b"hello"), ["first", "marker"]),
    "HTTP/1.0 and another expectation": (
        get("Expect: magic", "Connection: keep-alive", line="GET /first HTTP/1.0"), ["first", "marker"]),
    "body that is too large": (get("Expect: 100-continue", "Content-Length: 1048577"), ["413"]),
    "framing that is refused": (get("Expect: 100-continue", "Content-Length: +5"), ["400"]),
    "another expectation": (get("Expect: magic", "Content-Length: 5", body=b"hello"), ["417"]),
    "one more expectation": (get("Expect: 100-continue, magic", "Content-Length: 5", body=b"hello"), ["417"]),
    "expectation with a parameter": (get("Expect: 100-continue;a=b", "Content-Length: 5", body=b"hello"), ["417"]),
}


@pytest.mark.parametrize("asked, answered", NOT_WAITED_FOR.values(), ids=NOT_WAITED_FOR)
def test_nobody_waits_so_nobody_is_told_to_continue(direct, asked, answered):
    assert body_names(direct.exchange(asked + MARKER)) == answered


def test_continue_comes_after_the_answers_before_it(direct):
    with direct.wire() as wire:
        wire.send(direct.fill(get() + get("Expect: 100-continue", "Content-Length: 2", line="GET /second HTTP/1.1")))
        assert body_names([wire.response(), wire.response()]) == ["first", "100"]
        wire.send(b"ab" + direct.fill(MARKER))
        assert body_names(wire.rest()) == ["second", "marker"]


# Methods and fields (RFC 9110)

def fields(answer: Response) -> list[tuple[str, str]]:
    """Those that do not change from one request to the next."""
    return [field for field in answer.fields if field[0] not in ("date", "connection", "x-request-id", "traceparent")]


@pytest.mark.parametrize("path", ["/first", "/js/nothing", "/go/nothing", "/js", "/go", "/js/hello"])
def test_head_is_get_without_the_body(door, path):
    asked = get(line=f"GET {path} HTTP/1.1") + get("Connection: close", line=f"HEAD {path} HTTP/1.1")
    whole, head = door.exchange(asked, "GET", "HEAD")
    assert whole.body and not head.body
    assert head.status == whole.status
    assert fields(head) == fields(whole)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "MOVE", "X-"])
def test_wrong_method_is_405_with_allow(door, method):
    answers = door.exchange(get(line=f"{method} /first HTTP/1.1") + MARKER, method)
    assert body_names(answers) == ["405", "marker"]
    assert answers[0]["allow"] == "GET, HEAD"


@pytest.mark.parametrize("method", ["get", "Get", "TRACE", "TRACK"])
def test_method_that_nginx_stops(direct, method):
    """Their names are case-sensitive."""
    answers = direct.exchange(get(line=f"{method} /first HTTP/1.1") + MARKER)
    assert body_names(answers) == ["405", "marker"]


def test_options_for_the_server_as_a_whole_is_a_request(direct):
    answers = direct.exchange(get(line="OPTIONS * HTTP/1.1") + MARKER)
    assert body_names(answers)[1:] == ["marker"]
    assert answers[0].status in (200, 204, 404)


@pytest.mark.parametrize("message", [get(), get(line="GET /nothing HTTP/1.1"), get("A : b")], ids=["200", "404", "400"])
def test_date_is_now(door, message):
    [answer] = door.exchange(message.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert abs(parsedate_to_datetime(answer["date"]).timestamp() - time.time()) < 5


# The end (RFC 9112 section 9.6)

@pytest.fixture(params=["gateway", "js-server"])
def leaving(request, start, tmp_path):
    """A service of which only the test itself knows; it stays for 4 s after it was told to end."""
    (tmp_path / "index.html").write_text("index")
    return start(request.param, STATIC_ROOT=str(tmp_path), GRPC_TARGET="ipv4:127.0.0.1:1", SHUTDOWN_DELAY="4s")


def own_path(program) -> str:
    return "/go" if program.name == "gateway" else "/js/hello"


def test_service_that_will_end_closes_with_each_response(leaving):
    asked = get(line=f"GET {own_path(leaving)} HTTP/1.1")
    with leaving.wire() as kept, leaving.wire() as uploading, leaving.wire() as idle:
        for wire in (kept, idle):
            wire.send(asked)
            assert not wire.response().closes
        uploading.send(get("Content-Length: 2", line=f"GET {own_path(leaving)} HTTP/1.1", body=b"a"))
        leaving.terminate()
        eventually(lambda: "shutting down" in leaving.admin("/readyz").text)
        kept.send(asked + asked)
        assert [(answer.status, answer.closes) for answer in kept.rest()] == [(200, True)]
        with leaving.wire() as late:
            late.send(asked + asked)
            assert [(answer.status, answer.closes) for answer in late.rest()] == [(200, True)]
        assert idle.is_quiet(), "to close it now could meet a request that is on its way"
        assert idle.rest() == [], "it ends with the service"
        uploading.send(b"b")
        assert [(answer.status, answer.closes) for answer in uploading.rest()] == [(200, True)]
    assert leaving.stop() == 0
