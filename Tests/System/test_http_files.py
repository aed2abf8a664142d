"""Files by RFC 9110: preconditions, ranges and content codings, asked of js-server and through nginx."""

import gzip
import os
import random
import time
from email.utils import formatdate, parsedate_to_datetime

import pytest

from support.front import Door
from support.messages import get
from support.wire import Response

SIZE = 1000
NUMBERS = "".join(f"{number:03}\n" for number in range(SIZE // 4)).encode()
STYLE = b"".join(b".class-%d { color: red; margin: 0 auto }\n" % number for number in range(500))
PICTURE = random.Random(1).randbytes(20_000)
CHANGED = int(time.time()) - 100_000


@pytest.fixture(scope="module")
def files(front):
    """Changed long ago, so that what was said about them holds; but one of them tomorrow."""
    for name, content in {"numbers.txt": NUMBERS, "style.css": STYLE, "picture.png": PICTURE, "empty.txt": b"",
                          "tomorrow.txt": b"tomorrow"}.items():
        (front.site / name).write_bytes(content)
        changed = CHANGED + (200_000 if name == "tomorrow.txt" else 0)
        os.utime(front.site / name, (changed, changed))


@pytest.fixture(params=["js", "nginx-js"])
def js(front, files, request) -> Door:
    return front.door("js", through_nginx=request.param == "nginx-js")


def ask(js: Door, name: str, *fields: str, method: str = "GET") -> Response:
    fields = [*fields, "Connection: close"]
    [answer] = js.exchange(get(*fields, line=f"{method} /js/{name} HTTP/1.1"), method)
    return answer


class Known:
    """What conditions are made of: the validators of a file, and some that it has not."""

    def __init__(self, answer: Response):
        self.etag = answer["etag"]
        self.date = answer["last-modified"]
        changed = parsedate_to_datetime(self.date)
        self.values = {
            "etag": self.etag, "weak": f"W/{self.etag}", "opaque": self.etag.strip('"'), "date": self.date,
            "earlier": formatdate(changed.timestamp() - 1, usegmt=True),
            "later": formatdate(changed.timestamp() + 1, usegmt=True),
            "tomorrow": formatdate(time.time() + 86400, usegmt=True),
            "rfc850": changed.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
            "asctime": changed.strftime("%a %b ") + f"{changed.day:2}" + changed.strftime(" %H:%M:%S %Y"),
        }

    def fill(self, fields: str) -> list[str]:
        return [line.format(**self.values) for line in fields.split("\n")]


@pytest.fixture
def known(js) -> Known:
    return Known(ask(js, "numbers.txt"))


# Validators (RFC 9110 section 8.8)

def test_file_says_what_it_is(js):
    answer = ask(js, "numbers.txt")
    assert (answer.status, answer.body) == (200, NUMBERS)
    assert answer["etag"][0] == answer["etag"][-1] == '"', "strong: the file was left alone for long"
    assert parsedate_to_datetime(answer["last-modified"]).timestamp() == CHANGED
    assert answer["accept-ranges"] == "bytes"
    assert answer["cache-control"]
    assert ask(js, "numbers.txt")["etag"] == answer["etag"]
    assert ask(js, "style.css")["etag"] != answer["etag"]


def test_file_is_not_from_the_future(js):
    """Section 8.8.2.1: Last-Modified is never later than Date."""
    answer = ask(js, "tomorrow.txt")
    assert answer.body == b"tomorrow"
    if answer["last-modified"]:
        assert parsedate_to_datetime(answer["last-modified"]) <= parsedate_to_datetime(answer["date"])


def test_change_of_the_file_changes_its_tag(front, js):
    path = front.site / "changing.txt"
    tags = set()
    for text in ("aaaa", "bbbb", "cccc"):
        path.write_text(text)
        answer = ask(js, "changing.txt")
        assert answer.body == text.encode()
        tags.add(answer["etag"])
    assert len(tags) == 3


# Preconditions (sections 13.1 and 13.2.2); {…} are the values above

CONDITIONS = [
    (304, "If-None-Match: {etag}"), (304, "If-None-Match: {weak}"), (304, "If-None-Match: *"),
    (304, 'If-None-Match: "other", {etag}'), (304, 'If-None-Match: "other" ,W/"x",{weak}, "y"'),
    (304, 'If-None-Match: "a,b", {etag}'),
    (200, 'If-None-Match: "other"'), (200, 'If-None-Match: W/"other"'), (200, 'If-None-Match: ""'),
    (200, 'If-None-Match: "x{opaque}"'), (200, 'If-None-Match: "x, {opaque}"'), (200, "If-None-Match: {opaque}"),
    (200, "If-Match: {etag}"), (200, "If-Match: *"), (200, 'If-Match: "other", {etag}'),
    (412, 'If-Match: "other"'), (412, "If-Match: {weak}"), (412, 'If-Match: "x, {opaque}"'),
    (304, "If-Modified-Since: {date}"), (304, "If-Modified-Since: {later}"), (304, "If-Modified-Since: {tomorrow}"),
    (304, "If-Modified-Since: {rfc850}"), (304, "If-Modified-Since: {asctime}"),
    (200, "If-Modified-Since: {earlier}"), (200, "If-Modified-Since: yesterday"), (200, "If-Modified-Since: 0"),
    (200, "If-Modified-Since: {date}, {date}"),
    (200, "If-Unmodified-Since: {date}"), (200, "If-Unmodified-Since: {later}"), (200, "If-Unmodified-Since: never"),
    (412, "If-Unmodified-Since: {earlier}"),
    # Which of two counts
    (304, "If-None-Match: {etag}\nIf-Modified-Since: {earlier}"),
    (200, 'If-None-Match: "other"\nIf-Modified-Since: {date}'),
    (200, "If-Match: {etag}\nIf-Unmodified-Since: {earlier}"),
    (412, 'If-Match: "other"\nIf-Unmodified-Since: {date}'),
    (412, 'If-Match: "other"\nIf-None-Match: {etag}'),
    (304, "If-Match: {etag}\nIf-None-Match: {etag}"),
    (412, "If-Unmodified-Since: {earlier}\nIf-None-Match: {etag}"),
    (304, "If-Unmodified-Since: {date}\nIf-Modified-Since: {date}"),
    (412, "If-Unmodified-Since: {earlier}\nIf-Modified-Since: {date}"),
]


@pytest.mark.parametrize("status, fields", CONDITIONS)
def test_precondition(js, known, status, fields):
    answer = ask(js, "numbers.txt", *known.fill(fields))
    assert answer.status == status
    assert (answer.body == NUMBERS) == (status == 200)
    assert ask(js, "numbers.txt", *known.fill(fields), method="HEAD").status == status
    if status == 304:  # section 15.4.5
        whole = ask(js, "numbers.txt")
        for name in ("etag", "cache-control", "vary"):
            assert answer[name] == whole[name]


@pytest.mark.parametrize("status, fields", [
    (304, 'If-None-Match: "other"\nIf-None-Match: {etag}'), (200, 'If-Match: "other"\nIf-Match: {etag}')])
def test_list_of_tags_in_two_fields(front, files, status, fields):
    """Section 5.3. nginx refuses to take such a field twice."""
    js = front.door("js")
    assert ask(js, "numbers.txt", *Known(ask(js, "numbers.txt")).fill(fields)).status == status


@pytest.mark.parametrize("field", [
    "If-None-Match: *", 'If-Match: "other"', "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT", "Range: bytes=0-0"])
@pytest.mark.parametrize("name, status", [("nothing.txt", 404), ("folder", 301)])
def test_condition_is_ignored_where_no_file_would_be_sent(js, name, status, field):
    """Section 13.2.1."""
    assert ask(js, name, field).status == status


# Ranges (section 14)

RANGES = [
    ("0-0", 0, 0), ("0-499", 0, 499), ("500-999", 500, 999), ("999-999", 999, 999), ("0-", 0, 999), ("7-", 7, 999),
    ("999-", 999, 999), ("-1", 999, 999), ("-300", 700, 999), ("-1000", 0, 999), ("-5000", 0, 999),
    ("990-5000", 990, 999), ("0-18446744073709551616", 0, 999), ("-18446744073709551616", 0, 999), ("007-0008", 7, 8),
]


@pytest.mark.parametrize("text, first, last", RANGES)
def test_range(js, known, text, first, last):
    answer = ask(js, "numbers.txt", f"Range: bytes={text}")
    assert answer.status == 206
    assert answer.body == NUMBERS[first:last + 1]
    assert answer["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert (answer["etag"], answer["last-modified"]) == (known.etag, known.date)
    assert answer["content-type"] == "text/plain; charset=utf-8"


def test_unit_is_not_case_sensitive(js):
    assert ask(js, "numbers.txt", "Range: Bytes=1-2").body == NUMBERS[1:3]


@pytest.mark.parametrize("text", ["1000-", "1000-1001", "5000-6000", "-0", "18446744073709551616-"])
def test_range_past_the_end_is_416(js, text):
    answer = ask(js, "numbers.txt", f"Range: bytes={text}")
    assert answer.status == 416
    assert answer["content-range"] == f"bytes */{SIZE}"
    assert NUMBERS not in answer.body


def test_nothing_of_an_empty_file(js):
    answer = ask(js, "empty.txt", "Range: bytes=0-")
    assert (answer.status, answer["content-range"]) == (416, "bytes */0")
    assert (ask(js, "empty.txt").status, ask(js, "empty.txt").body) == (200, b"")


@pytest.mark.parametrize("value", [
    "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes 0-1", "bytes=0-1x", "bytes=0x0-1", "bytes=0--1", "bytes=--1",
    "bytes=+0-1", "bytes=0.0-1", "bytes=1", "=0-1", "0-1", "lines=0-1", "", "bytes=0-1;2-3", "bytes",
])
def test_range_that_is_none_is_ignored(js, value):
    answer = ask(js, "numbers.txt", f"Range: {value}")
    assert (answer.status, answer["content-range"], answer.body) == (200, None, NUMBERS)


@pytest.mark.parametrize("value", [
    "0-1,3-4", "0-1, 998-", "0-,-1", "-1,-2", "0-0," * 500 + "0-0", ",".join(f"{n}-" for n in range(900)),
], ids=["two", "one of them open", "overlapping", "suffixes", "the same 500 times", "900 that overlap"])
def test_several_ranges_get_the_whole(js, value):
    """A server may ignore them (section 14.2); so nobody gets the file 900 times for one small request."""
    answer = ask(js, "numbers.txt", f"Range: bytes={value}")
    assert (answer.status, answer["content-range"], answer.body) == (200, None, NUMBERS)


@pytest.mark.parametrize("text", ["0-9", "5000-"])
def test_range_is_for_get_alone(js, text):
    answer = ask(js, "numbers.txt", f"Range: bytes={text}", method="HEAD")
    assert (answer.status, answer["content-length"], answer["content-range"]) == (200, str(SIZE), None)
    assert ask(js, "numbers.txt", f"Range: bytes={text}", method="POST").status == 405
    assert ask(js, "nothing.txt", f"Range: bytes={text}").status == 404


@pytest.mark.parametrize("status, fields", [
    (206, "If-Range: {etag}"), (206, "If-Range: {date}"),
    (200, 'If-Range: "other"'), (200, "If-Range: {weak}"), (200, "If-Range: {opaque}"), (200, "If-Range: *"),
    (200, "If-Range: {earlier}"), (200, "If-Range: {later}"), (200, "If-Range: yesterday"),
    (200, 'If-Range: "other", {etag}'),
    (206, "If-Match: {etag}"), (412, 'If-Match: "other"'), (304, "If-None-Match: {etag}"),
    (206, 'If-None-Match: "other"'), (304, "If-Modified-Since: {date}"), (412, "If-Unmodified-Since: {earlier}"),
    (304, "If-Range: {etag}\nIf-None-Match: {etag}"), (412, 'If-Range: {etag}\nIf-Match: "other"'),
])
def test_condition_with_a_range(js, known, status, fields):
    """If-Range comes last and compares strongly (sections 13.1.5 and 13.2.2)."""
    answer = ask(js, "numbers.txt", "Range: bytes=4-7", *known.fill(fields))
    assert answer.status == status
    assert {200: answer.body == NUMBERS, 206: answer.body == b"001\n"}.get(status, NUMBERS not in answer.body)


def test_if_range_alone_means_nothing(js, known):
    assert ask(js, "numbers.txt", *known.fill("If-Range: {etag}")).body == NUMBERS


def test_unsatisfiable_range_of_another_file_is_not_asked_for(js, known):
    assert ask(js, "numbers.txt", "Range: bytes=5000-", 'If-Range: "other"').status == 200
    assert ask(js, "numbers.txt", "Range: bytes=5000-", f"If-Range: {known.etag}").status == 416


# Content codings (sections 8.4 and 12.5.3)

@pytest.mark.parametrize("accepted", [
    "gzip", "GZIP", "gzip, deflate, br", "br,gzip", "*", "gzip;q=0.5", "gzip;q=0.001", "gzip ; q=1.000",
    "identity;q=0.5, gzip;q=0.8", "identity;q=0, gzip", "*;q=0, gzip;q=1", "br\nAccept-Encoding: gzip", ", gzip,",
])
def test_gzip_for_who_takes_it(js, accepted):
    answer = ask(js, "style.css", *f"Accept-Encoding: {accepted}".split("\n"))
    assert (answer.status, answer["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(answer.body) == STYLE
    assert len(answer.body) < len(STYLE) / 4
    assert "accept-encoding" in answer["vary"].lower()
    assert answer["content-type"] == "text/css; charset=utf-8", "the coding is not the type"


@pytest.mark.parametrize("accepted", [
    None, "", "identity", "br", "deflate, br;q=0.9", "gzip;q=0", "gzip;q=0.000", "gzip; Q=0", "*;q=0, identity",
    "gzip;q=0, *", "gzip;q=0.5, identity;q=0.8", "gzipped", "not-gzip", "identity, *;q=0",
])
def test_no_gzip_for_who_does_not(js, accepted):
    answer = ask(js, "style.css", *([] if accepted is None else [f"Accept-Encoding: {accepted}"]))
    assert (answer.status, answer["content-encoding"], answer.body) == (200, None, STYLE)
    assert "accept-encoding" in answer["vary"].lower(), "a cache has to know, whatever was asked for first"


@pytest.mark.parametrize("accepted", ["identity;q=0", "*;q=0", "identity;q=0, br"])
def test_who_takes_nothing_gets_something_whole_or_406(js, accepted):
    answer = ask(js, "style.css", f"Accept-Encoding: {accepted}")
    body = gzip.decompress(answer.body) if answer["content-encoding"] else answer.body
    assert answer.status == 406 or (answer.status, body) == (200, STYLE)


@pytest.mark.parametrize("name, content", [("picture.png", PICTURE), ("empty.txt", b"")])
def test_what_would_not_shrink_is_sent_as_it_is(js, name, content):
    answer = ask(js, name, "Accept-Encoding: gzip")
    assert (answer["content-encoding"], answer.body) == (None, content)


def test_each_coding_has_a_tag_of_its_own(js):
    """They are two representations: a cache that has one has not got the other (section 8.8.3.3)."""
    plain, coded = ask(js, "style.css"), ask(js, "style.css", "Accept-Encoding: gzip")
    assert plain["etag"] != coded["etag"]
    assert plain["last-modified"] == coded["last-modified"]
    for etag, field, status in [
        (coded["etag"], "Accept-Encoding: gzip", 304), (plain["etag"], "Accept-Encoding: gzip", 200),
        (plain["etag"], "Accept-Encoding: identity", 304), (coded["etag"], "Accept-Encoding: identity", 200),
    ]:
        answer = ask(js, "style.css", f"If-None-Match: {etag}", field)
        assert answer.status == status
        assert "accept-encoding" in answer["vary"].lower()


def test_head_tells_of_the_coding(js):
    whole = ask(js, "style.css", "Accept-Encoding: gzip")
    head = ask(js, "style.css", "Accept-Encoding: gzip", method="HEAD")
    for name in ("content-encoding", "content-length", "etag", "vary", "content-type"):
        assert head[name] == whole[name]


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_range_counts_in_the_representation_that_it_names(js, accepted):
    """Parts of one coding must never be put together with parts of another."""
    coding = f"Accept-Encoding: {accepted}"
    whole = ask(js, "style.css", coding)
    part = ask(js, "style.css", coding, "Range: bytes=10-19", f"If-Range: {whole['etag']}")
    assert (part["content-encoding"], part["etag"]) == (whole["content-encoding"], whole["etag"])
    if part.status == 206:
        assert part["content-range"] == f"bytes 10-19/{len(whole.body)}"
        assert part.body == whole.body[10:20]
    else:
        assert (part.status, part.body) == (200, whole.body)
