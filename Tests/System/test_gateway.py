"""gateway, asked over HTTP, in front of a grpcio server."""

import re
from urllib.parse import quote

import grpc
import pytest

from support.eventually import eventually

LINE = re.compile(
    r'\[GATEWAY\] \d{4}/\d\d/\d\d - \d\d:\d\d:\d\d \| (\d{3}) \| +[\d.]+(?:ns|µs|ms|s) \| +([\d.]+) \| (\w+) +"(.*)"'
    r' \| trace [\da-f]{32}')

HTTP_STATUS = {
    "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504, "RESOURCE_EXHAUSTED": 429, "UNIMPLEMENTED": 501, "NOT_FOUND": 404,
    "INVALID_ARGUMENT": 400, "PERMISSION_DENIED": 403, "UNAUTHENTICATED": 401,
}


def test_one_call(start, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", POD_NAME="gateway-1")
    answer = gateway.http("/go/sample?name=Ada")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json == {
        "name": "gateway", "version": answer.json["version"], "hostname": "gateway-1",
        "response": {"message": "Hello Ada", "version": "peer", "hostname": "greeter"},
    }


def test_who_am_i(start, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", POD_NAME="gateway-1")
    answer = gateway.http("/go")
    assert answer.status == 200
    assert answer.json.keys() == {"name", "version", "hostname"}
    assert (answer.json["name"], answer.json["hostname"]) == ("gateway", "gateway-1")
    assert greeter.calls == 0


@pytest.mark.parametrize("name", ["Zoë 🙂", "a b&c=d", 'quote " and \\', "100%", "<b>"])
def test_name_arrives_unchanged(gateway, name):
    assert gateway.http(f"/go/sample?name={quote(name)}").json["response"]["message"] == f"Hello {name}"


@pytest.mark.parametrize("code", [code.name for code in grpc.StatusCode if code.name != "OK"])
def test_failure_becomes_its_http_status(gateway, code):
    answer = gateway.http(f"/go/sample?name=fail%20{code}")
    assert answer.status == HTTP_STATUS.get(code, 500)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["error"] == {"code": code, "message": f"told to fail with {code}"}


def test_delay_travels_as_metadata(start, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", CALL_TIMEOUT="1s")
    assert gateway.http("/go/sample?delay=15s").status == 504
    assert greeter.metadata["x-delay"] == "15s"


def test_no_delay_no_metadata(gateway, greeter):
    assert gateway.http("/go/sample").status == 200
    assert "x-delay" not in greeter.metadata


def test_call_past_its_time_limit_is_504(start, greeter):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", CALL_TIMEOUT="1s")
    answer = gateway.http("/go/sample?delay=10s")
    assert (answer.status, answer.json["error"]["code"]) == (504, "DEADLINE_EXCEEDED")
    assert gateway.http("/go/sample").status == 200


@pytest.mark.parametrize("delay", ["soon", "61s", "-1s", "5", "1h", "%00"])
def test_bad_parameter_is_400_and_named(gateway, greeter, delay):
    answer = gateway.http(f"/go/sample?delay={delay}")
    assert answer.status == 400
    assert "delay" in answer.json["error"]["message"]
    assert greeter.calls == 0


@pytest.mark.parametrize("path", ["/", "/go/", "/go/nothing", "/go/sample/more", "/gopher", "/go/%73ample/..%2f"])
def test_unknown_path_is_404(gateway, path):
    assert gateway.http(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_wrong_method_is_405_with_allow(gateway, method):
    answer = gateway.http("/go/sample", method)
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


def test_ports_are_apart(gateway):
    """nginx passes on what it gets for the public port: nothing of the admin port may be there."""
    assert gateway.http("/readyz/disable", "POST").status == 404
    assert gateway.admin("/go/sample").status == 404
    assert gateway.admin("/healthz").status == 200
    eventually(lambda: gateway.admin("/readyz").status == 200)


def test_log_line(gateway):
    gateway.http("/go/sample?name=Ada")
    gateway.http("/nothing")
    eventually(lambda: len(gateway.log) == 2)
    facts = [LINE.fullmatch(line).groups() for line in gateway.log]
    assert [fact[:3] for fact in facts] == [("200", "127.0.0.1", "GET"), ("404", "127.0.0.1", "GET")]
    assert facts[0][3].startswith("/go/sample")
    assert facts[1][3] == "/nothing"


def test_probes_do_not_drown_the_log(gateway):
    for _ in range(5):
        gateway.admin("/readyz")
        gateway.admin("/healthz")
    gateway.http("/go")
    eventually(lambda: gateway.log)
    assert len(gateway.log) == 1


def test_no_request_forges_a_line(gateway):
    forged = '[GATEWAY] 2023/11/24 - 07:30:45 | 200 |       2.098ms |      10.244.0.1 | GET      "/forged"'
    for separator in ("%0a", "%0d%0a", "%22%0a", "%1b[2K%0d", "%e2%80%a8"):
        gateway.http(f"/go/x{separator}{quote(forged)}")
    eventually(lambda: len(gateway.log) == 5)
    assert all(LINE.fullmatch(line).group(1) == "404" for line in gateway.log)
    assert "\x1b" not in gateway.output and "\r" not in gateway.output
