"""A gateway that nobody calls: its channel goes to IDLE and comes back with the next call. And calls that wait for a pod."""

import json
import threading

import pytest

from support.eventually import eventually
from support.metrics import Metrics
from support.ports import free_port


def channel(gateway) -> dict:
    return gateway.http("/go/channel").json


def idle(gateway) -> dict:
    return eventually(lambda: (known := channel(gateway))["state"] == "IDLE" and known)


def events(gateway, kind: str) -> list[dict]:
    return [event for event in channel(gateway)["events"] if event["kind"] == kind]


def test_a_channel_without_calls_goes_idle_and_wakes_with_the_next(start, start_greeter):
    """Two loops: each channel counts its own calls. The servers are grpcio's."""
    pair = [start_greeter(hostname=name) for name in ("one", "two")]
    gateway = start("gateway", GRPC_TARGET="ipv4:" + ",".join(greeter.address for greeter in pair), EVENT_LOOPS="2",
                    CHANNEL_IDLE_TIMEOUT="2s")
    # By what stays to be read: four connections that are READY may be over when somebody looks.
    eventually(lambda: len(events(gateway, "connected")) == 4)
    # Looking keeps nothing awake.
    idle(gateway)
    eventually(lambda: channel(gateway)["subchannels"] == [])
    known = idle(gateway)
    assert known["idleReason"] == "no call for 2s" and known["idleTimeoutSeconds"] == 2
    assert known["resolver"]["addresses"] == [] and known["resolver"]["lastError"] is None
    # It is ready all the same: whoever calls wakes it.
    assert gateway.admin("/readyz").status == 200
    closed = eventually(lambda: len(closed := events(gateway, "connection-closed")) == 4 and closed)
    assert {event["reason"] for event in closed} == {"no call for 2s"} and len(closed) == 4
    asleep = [event for event in events(gateway, "state") if event["to"] == "IDLE"]
    assert {event["message"] for event in asleep} == {"the channel is IDLE, it was READY: no call for 2s"}
    assert {event["reason"] for event in asleep} == {"no call for 2s"}
    eventually(lambda: asleep[0]["message"] in gateway.output)
    eventually(lambda: Metrics(gateway).total("grpc_subchannel_open_connections") == 0)
    assert "\nsample_resolver_addresses{" not in gateway.admin("/metrics").text

    calls = sum(greeter.calls for greeter in pair)
    answers = [gateway.http("/go/sample") for _ in range(20)]
    assert [answer.status for answer in answers] == [200] * 20, answers
    assert sum(greeter.calls for greeter in pair) == calls + 20
    known = channel(gateway)
    assert known["state"] == "READY" and known["idleReason"] is None
    assert "\nsample_resolver_addresses{" in gateway.admin("/metrics").text


# MARK: wait-for-ready


@pytest.fixture
def nobody():
    return f"127.0.0.1:{free_port()}"


@pytest.mark.parametrize("route, parameters", [("sample", ""), ("stream", "count=1&"), ("distribution", "requests=2&")])
def test_a_call_that_waits_is_served_by_the_pod_that_comes(start, start_greeter, nobody, route, parameters):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{nobody}", READY_TIMEOUT="0s")
    eventually(lambda: channel(gateway)["state"] == "TRANSIENT_FAILURE")
    path = f"/go/{route}?{parameters}"
    for impatient in (path, path + "wait=false"):
        answer = gateway.http(impatient)
        if route == "distribution":
            assert answer.json["failed"] == 2
        else:
            assert answer.status == 503, answer
    answers = []
    patient = threading.Thread(target=lambda: answers.append(gateway.http(path + "wait=true", within=30)))
    patient.start()
    eventually(lambda: channel(gateway)["queued"] > 0)
    assert answers == []
    start_greeter(nobody, streams=True)
    patient.join()
    assert answers[0].status == 200, answers
    if route == "distribution":
        assert answers[0].json["succeeded"] == 2
    else:
        assert "greeter" in answers[0].text


def test_the_deadline_holds_while_a_call_waits(start, nobody):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{nobody}", READY_TIMEOUT="0s", CALL_TIMEOUT="300ms")
    eventually(lambda: channel(gateway)["state"] == "TRANSIENT_FAILURE")
    answer = gateway.http("/go/sample?wait=true")
    assert answer.status == 504
    message = answer.json["error"]["message"]
    assert message.startswith("no answer within 300ms while waiting for a connection: ") and nobody in message, message


def test_without_the_parameter_the_service_config_decides(start, nobody):
    config = json.dumps({"methodConfig": [{"name": [{}], "waitForReady": True}]})
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{nobody}", READY_TIMEOUT="0s", CALL_TIMEOUT="300ms", SERVICE_CONFIG=config)
    eventually(lambda: channel(gateway)["state"] == "TRANSIENT_FAILURE")
    assert gateway.http("/go/sample").status == 504
    assert gateway.http("/go/sample?wait=false").status == 503


def test_another_value_is_400_and_says_what_was_expected(gateway):
    for route in ("sample", "hellogrpc", "stream", "distribution"):
        for value in ("", "maybe", "1", "TRUE"):
            answer = gateway.http(f"/go/{route}?wait={value}")
            assert answer.status == 400
            assert answer.json["error"]["message"] == f"wait '{value}' is neither true nor false"
