"""The gateway's log line of a request: its ids, and for one that failed status, cause and pod, as a warning."""

import http.client
import json
import re

import pytest

from support.eventually import eventually
from support.events import events
from support.ports import free_port

IDS = r" \| trace [\da-f]{32}(?: \| request (\S+))?"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def lines(gateway, target: str) -> list[str]:
    return [line for line in gateway.log if f'"{target}"' in line]


def line(gateway, target: str) -> str:
    return eventually(lambda: lines(gateway, target))[-1]


def ask(gateway, target: str, **fields: str) -> int:
    connection = http.client.HTTPConnection(gateway.address("http"), timeout=10)
    try:
        connection.request("GET", target, headers=fields)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def test_ids_stand_in_the_text(gateway):
    fields = {"X-Request-Id": "ada-1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    assert ask(gateway, "/go/sample", **fields) == 200
    assert line(gateway, "/go/sample").endswith(f'"/go/sample" | trace {TRACE} | request ada-1')
    # Without an id of its own a request has the trace's, which stands there once.
    assert ask(gateway, "/go") == 200
    assert re.search(r'"/go" \| trace [\da-f]{32}$', line(gateway, "/go"))


def test_nobody_there(start):
    address = f"127.0.0.1:{free_port()}"
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{address}", LOG_LEVEL="warn", READY_TIMEOUT="0s")
    assert ask(gateway, "/go/sample") == 503
    assert ask(gateway, "/go/channel") == 200
    found = line(gateway, "/go/sample")
    assert re.search(rf'"/go/sample"{IDS} \| UNAVAILABLE: ipv4:{address}: .*Connection refused$', found), found
    # A warning, unlike what went well.
    assert len(gateway.log) == 1


def test_status_of_the_server_s_own(gateway, greeter):
    target = "/go/sample?name=fail%20PERMISSION_DENIED"
    assert ask(gateway, target) == 403
    found = line(gateway, target)
    assert found.endswith(f" | PERMISSION_DENIED: told to fail with PERMISSION_DENIED | pod {greeter.address}"), found


def test_pod_that_is_known_is_named(start):
    server = start("grpc-server", POD_NAME="pod-1", POD_IP="127.0.0.1", MAX_CONNECTION_AGE="1s")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}", CALL_TIMEOUT="1s")
    assert ask(gateway, "/go/sample") == 200
    assert ask(gateway, "/go/sample?delay=20s") == 504
    # Whose clock is first says so, the gateway's or the server's.
    assert re.search(r" \| DEADLINE_EXCEEDED: .+ \| pod pod-1$", line(gateway, "/go/sample?delay=20s"))
    # In the channel's events, too.
    event = eventually(lambda: events(gateway, "connected", pod="pod-1"))[0]
    assert event["message"] == f"connected to {server.address('grpc')} (pod-1)"


def test_json_has_them_as_members(start, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", LOG_FORMAT="json")
    assert ask(gateway, "/go/sample") == 200
    assert ask(gateway, "/go/sample?name=fail%20ABORTED") == 500

    def entries() -> list[dict]:
        found = [json.loads(text) for text in gateway.log if "/go/sample" in text]
        return found if len(found) == 2 else []
    well, failed = eventually(entries)
    assert well["level"] == "info" and not {"grpcStatus", "cause", "pod"} & well.keys()
    assert (failed["level"], failed["grpcStatus"], failed["cause"], failed["pod"]) == (
        "warn", "ABORTED", "told to fail with ABORTED", greeter.address)


def test_stream_that_breaks_off(start, server):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")
    target = "/go/stream?count=100&interval_ms=100"
    connection = http.client.HTTPConnection(gateway.address("http"), timeout=10)
    connection.request("GET", target)
    response = connection.getresponse()
    response.readline()
    server.process.kill()
    server.process.wait()
    response.read()
    connection.close()
    found = line(gateway, target)
    assert " | 200 | " in found and re.search(r" \| UNAVAILABLE: .* \| pod 127\.0\.0\.1:\d+$", found), found
    server.stop = lambda within=10: 0  # it was ended on purpose


@pytest.mark.parametrize("path", ["/go/sample?delay=20s", "/go/stream?count=100&interval_ms=20000"])
def test_client_that_leaves_is_no_failure(start, server, path):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{server.address('grpc')}")
    connection = http.client.HTTPConnection(gateway.address("http"), timeout=10)
    connection.request("GET", path)
    eventually(lambda: gateway.http("/go/channel").json["subchannels"][0]["inFlight"] == 1)
    connection.close()
    found = line(gateway, path)
    assert " | 499 | " in found and re.search(rf"{IDS}$", found), found


def test_cause_cannot_forge_a_line(gateway):
    """A pod's message is its own, and may be anything."""
    assert ask(gateway, "/go/sample?name=fail%20UNKNOWN") == 500
    assert all(text.isprintable() for text in gateway.log)
