"""One pod made slow or faulty on purpose: by its admin port, and by samplectl."""

import json
import re
import socket
import time

import grpc
import pytest

from support.client import client
from support.eventually import eventually
from support.protos import messages


@pytest.fixture
def pod(start):
    return start("grpc-server", POD_NAME="pod-1", POD_IP="127.0.0.1", TROUBLE="on")


def tell(pod, query: str) -> dict:
    answer = pod.admin(f"/trouble?{query}", "POST")
    assert answer.status == 200, answer
    return answer.json


def outcomes(caller, count: int) -> list[tuple[str, str | None]]:
    """Status and `x-trouble` of so many calls."""
    found = []
    for _ in range(count):
        try:
            _, call = caller._hello.SayHello.with_call(messages.HelloRequest(), timeout=10)
        except grpc.RpcError as error:
            call = error
        metadata = {**dict(call.initial_metadata() or ()), **dict(call.trailing_metadata() or ())}
        found.append((call.code().name, metadata.get("x-trouble")))
    return found


def test_without_the_setting_there_is_nothing(server):
    for method in ("GET", "POST"):
        answer = server.admin("/trouble?fail=1", method)
        assert answer.status == 404 and "/trouble" not in answer.text, answer
    with client(server.address("grpc")) as caller:
        assert outcomes(caller, 3) == [("OK", None)] * 3


def test_calls_fail_until_it_is_switched_off(pod):
    with client(pod.address("grpc")) as caller:
        assert outcomes(caller, 3) == [("OK", None)] * 3
        assert pod.admin("/trouble").json == {"on": False}
        told = tell(pod, "fail=1")
        assert (told["on"], told["delay"], told["fail"], told["code"]) == (True, "0s", 1, "UNAVAILABLE")
        assert 590 < told["secondsLeft"] <= 600
        assert outcomes(caller, 5) == [("UNAVAILABLE", "fail=1")] * 5
        # Probes and reflection go on.
        assert caller.health() == "SERVING" and pod.admin("/readyz").status == 200
        tell(pod, "fail=1&code=ABORTED")
        assert outcomes(caller, 5) == [("ABORTED", "fail=1 code=ABORTED")] * 5
        state = pod.admin("/trouble").json
        assert (state["calls"], state["failed"]) == (5, 5)
        assert tell(pod, "off") == {"on": False} == tell(pod, "off")
        assert outcomes(caller, 3) == [("OK", None)] * 3
    assert re.search(r"warn: Trouble on purpose: 100 % of calls fail with UNAVAILABLE, for 10m", pod.output)
    assert pod.output.count("Trouble is over: switched off") == 1


def test_a_share_of_calls_fails(pod):
    tell(pod, "fail=0.3")
    with client(pod.address("grpc")) as caller:
        codes = [code for code, told in outcomes(caller, 400) if told == "fail=0.3"]
    assert len(codes) == 400 and set(codes) == {"OK", "UNAVAILABLE"}
    # Ten standard deviations: it fails by chance once in 10^23 runs.
    assert 120 - 92 < codes.count("UNAVAILABLE") < 120 + 92
    state = pod.admin("/trouble").json
    assert (state["calls"], state["failed"]) == (400, codes.count("UNAVAILABLE"))


def test_calls_wait_and_streams_too(pod):
    tell(pod, "delay=150ms")
    with client(pod.address("grpc")) as caller:
        begin = time.monotonic()
        assert outcomes(caller, 4) == [("OK", "delay=150ms")] * 4
        assert time.monotonic() - begin >= 0.6
        begin = time.monotonic()
        assert len(list(caller._hello.StreamHello(messages.StreamHelloRequest(count=3), timeout=10))) == 3
        assert time.monotonic() - begin >= 0.15
        # A caller that gives up ends the wait.
        tell(pod, "delay=60s")
        with pytest.raises(grpc.RpcError) as error:
            caller.say_hello(timeout=0.2)
        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    tell(pod, "off")
    assert pod.stop() == 0


def test_it_is_over_by_itself(pod):
    tell(pod, "fail=1&for=300ms")
    eventually(lambda: pod.admin("/trouble").json == {"on": False})
    with client(pod.address("grpc")) as caller:
        assert outcomes(caller, 3) == [("OK", None)] * 3
    eventually(lambda: "Trouble is over, after 300ms" in pod.output)
    # The later word counts.
    tell(pod, "fail=1&for=300ms")
    tell(pod, "fail=1")
    # Rule waived: that nothing happens has no event.
    time.sleep(0.5)
    assert pod.admin("/trouble").json["on"]


def test_it_holds_on_every_loop(start):
    pod = start("grpc-server", POD_NAME="pod-1", TROUBLE="on", EVENT_LOOPS="3")
    tell(pod, "fail=1")
    for _ in range(6):
        with client(pod.address("grpc")) as caller:
            assert outcomes(caller, 1) == [("UNAVAILABLE", "fail=1")]
    eventually(lambda: pod.admin("/trouble").json["failed"] == 6)


@pytest.mark.parametrize("query, words", [
    ("", "say delay=50ms, fail=0.2, both, or off"), ("delay=1h", "delay '1h'"), ("fail=2", "fail '2'"),
    ("fail=1&code=OK", "code 'OK'"), ("off&fail=1", "off stands alone"), ("nonsense=1", "'nonsense' is unknown"),
    ("fail=" + "9" * 7000, "fail '9999"), ("fail=1&for=9999999999999999999999h", "for '9999"),
])
def test_what_cannot_be_done_is_refused_and_changes_nothing(pod, query, words):
    tell(pod, "fail=1")
    answer = pod.admin(f"/trouble?{query}", "POST")
    assert answer.status == 400 and words in answer.text and len(answer.text) < 300, answer
    assert pod.admin("/trouble").json["fail"] == 1


def test_what_is_too_large_or_no_method_is_refused(pod):
    assert pod.admin("/trouble?fail=" + "9" * 100_000, "POST").status in (414, 431)
    assert pod.admin("/trouble?fail=1", "DELETE").status == 405
    with socket.create_connection(("127.0.0.1", pod.ports["admin"]), timeout=10) as connection:
        connection.sendall(b"POST /trouble?fail=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in connection.recv(65536)
    assert pod.admin("/trouble").json == {"on": False}


def test_the_gateway_tells_of_it(start, pod):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{pod.address('grpc')}")
    told = lambda: [entry["trouble"] for entry in gateway.http("/go/channel").json["pods"]]
    assert gateway.http("/go/sample").status == 200 and told() == [None]
    tell(pod, "delay=1ms")
    assert gateway.http("/go/sample").status == 200 and told() == ["delay=1ms"]
    tell(pod, "fail=1")
    answer = gateway.http("/go/sample")
    assert answer.status == 503 and "told to fail" in answer.json["error"]["message"]
    assert told() == ["fail=1"]
    # Of an idle pod it may be over: so its age is told.
    age = lambda: gateway.http("/go/channel").json["pods"][0]["troubleSecondsAgo"]
    assert 0 <= age() < 5 and eventually(lambda: age() > 0.2)
    tell(pod, "off")
    assert gateway.http("/go/sample").status == 200 and told() == [None] and age() is None


def test_samplectl_makes_it(new_system):
    system = new_system("trouble").up("--mode", "headless", "--max-connection-age", "off")
    eventually(lambda: system.ready() == 5)
    name = system.pods()[0]["name"]
    # A part of the name is enough.
    assert system.output("trouble", name[-5:]) == f"{name} makes no trouble\n"
    output = system.output("trouble", name, "delay=5ms", "fail=1", "for=1m")
    assert output == (
        f"{name} waits 5ms before each call, fails 100.0 % of calls with UNAVAILABLE;"
        " for 60 s more; so far 0 calls, 0 failed\n")
    failed = [answer for answer in (system.ask("/go/sample") for _ in range(25)) if answer.status != 200]
    assert failed and all("told to fail" in answer.json["error"]["message"] for answer in failed)
    listed = {pod["name"]: pod["trouble"] for pod in system.ask("/go/channel").json["pods"]}
    assert listed[name] == "delay=5ms fail=1" and [*listed.values()].count(None) == 4
    assert f"so far {len(failed)} calls, {len(failed)} failed" in system.output("trouble", name)
    eventually(lambda: "Trouble on purpose: every call waits 5ms" in system.output("logs", name))
    assert system.output("trouble", name, "off") == f"{name} makes no trouble\n"
    assert {system.ask("/go/sample").status for _ in range(25)} == {200}
    for words, status, reason in [
            ((name, "delay=1h"), 1, "delay '1h' is not a duration of at most 1m"), ((name, "dely=1s"), 64, "'dely=1s'"),
            ((name, "off", "fail=1"), 64, "'off'"), (("nobody", "off"), 1, "there is no pod 'nobody'"),
            ((system.pods("js")[0]["name"], "fail=1"), 1, "only grpc pods"), ((), 64, "POD")]:
        result = system.samplectl("trouble", *words)
        assert (result.returncode, result.stdout) == (status, "") and reason in result.stderr, result
    system.down()


def test_a_call_that_is_told_to_fail_may_be_tried_again(start):
    """It ends without headers: what has had some is not tried again (gRFC A6)."""
    pods = [start("grpc-server", POD_NAME=name, POD_IP="127.0.0.1", TROUBLE="on") for name in ("well", "ill")]
    config = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [{"name": [{}], "retryPolicy": {
            "maxAttempts": 5, "initialBackoff": "0.01s", "maxBackoff": "0.02s", "backoffMultiplier": 1,
            "retryableStatusCodes": ["UNAVAILABLE"]}}]}
    gateway = start(
        "gateway", GRPC_TARGET="ipv4:" + ",".join(pod.address("grpc") for pod in pods), SERVICE_CONFIG=json.dumps(config))
    named = lambda: {gateway.http("/go/sample").json["response"]["hostname"] for _ in range(4)}
    eventually(lambda: named() == {"well", "ill"})
    tell(pods[1], "fail=1")
    answers = [gateway.http("/go/sample") for _ in range(20)]
    assert {answer.status for answer in answers} == {200}
    assert {answer.json["response"]["hostname"] for answer in answers} == {"well"}
    assert pods[1].admin("/trouble").json["failed"] >= 5
