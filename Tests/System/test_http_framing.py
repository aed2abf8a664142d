"""Where a request ends, and whether it is one: RFC 9112 against gateway and js-server, with what only looks right.

Both have the same server: the tables are for the gateway in full, and for js-server by a row of each kind and verdict.
"""

import json
import re

import pytest

from support.front import body_names
from support.messages import ACCEPTED, MARKER, REFUSED, chunked, get, sample


def rows(table: dict) -> list:
    return [pytest.param(service, row, id=f"{service}-{name}")
            for service, own in (("gateway", table), ("js", sample(table))) for name, row in own.items()]


@pytest.mark.parametrize("service, message", rows(ACCEPTED))
def test_accepted(front, service, message):
    """The request is answered, and what follows it is the next one, byte for byte."""
    direct = front.door(service)
    answers = direct.exchange(message + MARKER)
    assert body_names(answers) == ["first", "marker"]
    assert [answer.closes for answer in answers] == [False, True]


@pytest.mark.parametrize("service, refused", rows(REFUSED))
def test_refused(front, service, refused):
    """One answer, a close, one line in the log that says why; of all that follows no byte is a request."""
    direct, (status, message) = front.door(service), refused
    seen = direct.observe(message + MARKER)
    assert [(answer.status, answer.closes) for answer in seen.answers] == [(status, True)]
    assert [(line.status, bool(line.problem)) for line in seen.served] == [(status, True)]


@pytest.mark.parametrize("name", ["line: no version", "field: no colon", "length: length '+5'", "chunk: size '-5'"])
def test_refusal_says_what_was_wrong_and_quotes_nothing(direct, name):
    """In the service's own form: JSON or a page."""
    [answer] = direct.exchange(REFUSED[name][1])
    if answer["content-type"] == "application/json":
        error = json.loads(answer.body)["error"]
        assert error["code"] == "INVALID_ARGUMENT"
        text = error["message"]
    else:
        assert answer["content-type"] == "text/html; charset=utf-8"
        text = re.search("<p>(.*)", answer.body.decode()).group(1)
    assert 20 < len(text) < 200
    assert "+5" not in text and "-5" not in text


@pytest.mark.parametrize("message", [
    get("Content-Length: 5", body=b"hello"), chunked(b'5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n'),
    REFUSED["both: Content-Length: 5 | Transfer-Encoding: chunked"][1], REFUSED["chunk: size too small"][1],
    REFUSED["field: bare line feed"][1], REFUSED["line: three empty lines before"][1],
], ids=["length", "chunked", "both", "bad chunk", "bare line feed", "empty lines"])
def test_cut_into_single_bytes_it_means_the_same(direct, message):
    """The verdict does not depend on how TCP cuts the stream."""
    data = direct.fill(message + MARKER)
    whole = direct.exchange(message + MARKER)
    with direct.wire() as wire:
        for index in range(len(data)):
            wire.send(data[index:index + 1])
            if not wire.is_quiet() and whole[0].closes:
                break  # refused: the rest would meet a closed connection
        in_bytes = wire.rest()
    assert [(answer.status, answer.body) for answer in in_bytes] == [(answer.status, answer.body) for answer in whole]


@pytest.mark.parametrize("cut", range(1, 5))
@pytest.mark.parametrize("name", ["length: body that looks like a request", "coding: several chunks"])
def test_cut_short_it_is_no_request(direct, name, cut):
    """A client that leaves in the middle has asked for nothing, and nothing is answered or logged as served."""
    seen = direct.observe(ACCEPTED[name][:-cut], ends=True)
    assert seen.answers == []
    assert [line for line in seen.served if line.status == 200] == []
