"""What grpc-server prints for a call."""

import json
import re

import grpc
import pytest

from support.client import SAY_HELLO, client
from support.eventually import eventually

LINE = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d Received request: (\S+)")


def test_one_line_for_a_call(server, caller):
    caller.say_hello("Ada")
    eventually(lambda: server.log)
    assert len(server.log) == 1
    assert LINE.fullmatch(server.log[0]).group(1) == SAY_HELLO


def test_probes_do_not_drown_the_log(server, caller):
    for _ in range(5):
        caller.health()
        server.admin("/readyz")
        server.admin("/healthz")
    caller.say_hello("Ada")
    eventually(lambda: server.log)
    assert [LINE.fullmatch(line).group(1) for line in server.log] == [SAY_HELLO]


def test_debug_level_shows_probes(start):
    server = start("grpc-server", LOG_LEVEL="debug")
    with client(server.address("grpc")) as caller:
        caller.health()
    eventually(lambda: "/grpc.health.v1.Health/Check" in server.output)


def test_error_level_shows_no_calls(start):
    server = start("grpc-server", LOG_LEVEL="error")
    with client(server.address("grpc")) as caller:
        caller.say_hello("Ada")
    assert server.stop() == 0
    assert server.log == []


def test_json_has_the_same_facts_and_more(start):
    server = start("grpc-server", LOG_FORMAT="json")
    with client(server.address("grpc")) as caller:
        caller.say_hello("Ada")
        eventually(lambda: SAY_HELLO in server.output)
    entry = json.loads(next(line for line in server.output.splitlines() if SAY_HELLO in line))
    facts = {str(value) for value in entry.values()}
    assert SAY_HELLO in facts
    assert "OK" in facts
    assert any(fact.startswith("127.0.0.1") for fact in facts), "the peer"
    assert any("duration" in key.lower() for key in entry)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_request_forges_a_line(start, log_format):
    server = start("grpc-server", LOG_FORMAT=log_format)
    forged = "2023/11/24 07:30:45 Received request: /forged"
    with client(server.address("grpc")) as caller:
        for separator in ("%0a", "%0d%0a", "\\n", "%e2%80%a8"):
            with pytest.raises(grpc.RpcError):
                caller.raw(f"/a.B/c{separator}{forged}".replace(" ", "%20"))
        caller.say_hello(f"\n{forged}\r\n")
        caller.say_hello("last")
    assert server.stop() == 0
    assert not any(line.startswith(forged) for line in server.output.splitlines())
    assert len(server.log) == 6
