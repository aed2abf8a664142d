"""Times in log lines: RFC 3339 with milliseconds in JSON, and the same moment in text."""

import json
import re
import time
from datetime import datetime, timezone

import pytest

from support.client import client
from support.eventually import eventually
from support.front import Entry
from support.wire import exchange

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def moment(text: str) -> float:
    assert RFC_3339.fullmatch(text), text
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize("name", ["gateway", "grpc-server", "js-server"])
def test_the_services_tell_milliseconds(start, name):
    options = {"gateway": {"GRPC_TARGET": "ipv4:127.0.0.1:1"}, "js-server": {"STATIC_ROOT": "/usr"}}.get(name, {})

    def started() -> list[str]:
        before = time.time()
        service = start(name, LOG_FORMAT="json", **options)
        lines = [json.loads(line) for line in service.output.splitlines()]
        assert lines and all(before - 0.001 <= moment(line["time"]) <= time.time() for line in lines)
        return [line["time"] for line in lines]

    # One in a thousand starts at a whole second, and all of its lines are of that millisecond.
    assert any(not time.endswith(".000Z") for _ in range(3) for time in started())


@pytest.fixture
def nginx(tmp_path, monkeypatch, start_greeter):
    """nginx("json", "UTC0") → an entry whose process has this time zone"""
    entries = []

    def start_entry(form: str, zone: str) -> Entry:
        monkeypatch.setenv("TZ", zone)
        backend = "127.0.0.1:1"
        entries.append(Entry(
            tmp_path / form, backend, backend, grpc=start_greeter().address, log_format=form))
        return entries[-1]

    yield start_entry
    for entry in entries:
        entry.stop()


def lines_after_requests(entry: Entry) -> list[str]:
    exchange(entry.address, b'GET /go/"x"?\\y HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\nConnection: close\r\n\r\n')
    with client(entry.grpc_address) as caller:
        assert caller.say_hello("Ada").message == "Hello Ada"
    return eventually(lambda: entry.log if len(entry.log) == 2 else None)


@pytest.mark.parametrize("zone, offset", [("UTC0", "Z"), ("CET-1", "+01:00")])
def test_nginx_tells_milliseconds_in_json(nginx, zone, offset):
    before = time.time()
    http, call = [json.loads(line) for line in lines_after_requests(nginx("json", zone))]
    for line in (http, call):
        assert line["time"].endswith(offset)
        if offset == "Z":
            assert before - 0.1 <= moment(line["time"]) <= time.time() + 0.1
        else:
            assert abs(datetime.fromisoformat(line["time"]).timestamp() - time.time()) < 60
        assert (line["level"], line["message"], line["server"]) == ("info", "Answered request", "NGINX")
    assert (http["method"], http["target"], http["status"]) == ("GET", '/go/"x"?\\y', 502)
    assert http["request_id"] == "mine" and http["upstream"] == "127.0.0.1:1" and http["duration_s"] >= 0
    assert (call["method"], call["grpc_status"]) == ("/sample.service.HelloWorld/SayHello", "0")


def test_nginxs_text_has_the_form_of_the_services(nginx):
    before = int(time.time())
    entry = nginx("text", "UTC0")
    for line in [*lines_after_requests(entry), *entry.errors.splitlines()]:
        written = re.match(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", line)
        assert written, line
        seconds = datetime.strptime(written[0], "%Y/%m/%d %H:%M:%S ").replace(tzinfo=timezone.utc).timestamp()
        assert before <= seconds <= time.time(), line
