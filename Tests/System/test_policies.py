"""What the gateway's policies do about one server of five that is slow, and what grpc-server tells of its load."""

import base64
import json
import re
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.eventually import eventually
from support.ports import free_port, loopback_addresses
from test_grpcurl import grpcurl


@pytest.fixture
def five(start_greeter):
    """Five servers with one port, on addresses of their own, as pods have them."""
    addresses = loopback_addresses(5)
    port = free_port(*addresses)
    return [start_greeter(f"{address}:{port}", hostname=f"pod-{number}") for number, address in enumerate(addresses)]


def connected(start, greeters, policy: str | None, **settings: str):
    target = "ipv4:" + ",".join(greeter.address for greeter in greeters)
    if policy:
        settings["LOAD_BALANCING_POLICY"] = policy
    gateway = start("gateway", GRPC_TARGET=target, **settings)
    gateway.http("/go/sample")
    eventually(lambda: [each["state"] for each in gateway.http("/go/channel").json["subchannels"]] == ["READY"] * 5)
    return gateway


def share(gateway, greeters, calls: int) -> list[int]:
    """How many of these calls each gets, ten at a time."""
    before = [greeter.calls for greeter in greeters]
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: gateway.http("/go/sample").status, range(calls)))
    assert statuses == [200] * calls
    return [greeter.calls - calls for greeter, calls in zip(greeters, before)]


@pytest.mark.parametrize("policy", ["least_request", "peak_ewma"])
def test_a_slow_server_of_five_gets_less(start, five, policy):
    gateway = connected(start, five, policy)
    five[0].delay = 0.4  # much more than the others take on a busy machine
    slow, *others = share(gateway, five, 300)
    assert slow * 2 < min(others), (slow, others)


@pytest.mark.parametrize("policy", ["round_robin", "weighted_round_robin", "outlier_detection"])
def test_those_that_do_not_look_at_time_give_it_its_share(start, five, policy):
    gateway = connected(start, five, policy)
    five[0].delay = 0.02
    assert share(gateway, five, 100) == [20] * 5


def test_each_policy_is_shown_by_its_name(start, five):
    for policy in ("pick_first", "least_request", "weighted_round_robin", "peak_ewma", "outlier_detection"):
        gateway = start("gateway", GRPC_TARGET=f"ipv4:{five[0].address}", LOAD_BALANCING_POLICY=policy)
        assert gateway.http("/go/sample").status == 200
        assert gateway.http("/go/channel").json["policy"] == policy


def report(server) -> dict[int, float]:
    """The load report on an answer, by field; empty without one. grpcio's clients keep it to themselves: grpcurl's show it."""
    shown = grpcurl(server, "sample.service.HelloWorld/SayHello", '{"name": "load"}', "-v").stdout
    found = re.search(r"^endpoint-load-metrics-bin: (\S+)$", shown, re.MULTILINE)
    data = base64.b64decode(found[1] + "==") if found else b""
    fields = {}
    for start in range(0, len(data), 9):
        tag, number = struct.unpack_from("<Bd", data, start)
        assert tag & 7 == 1, "all of its fields are doubles"
        fields[tag >> 3] = number
    return fields


def test_grpc_server_reports_its_load_if_it_is_told_to(start):
    server = start("grpc-server", LOAD_REPORTS="true")
    # 1: cpu_utilization, 6: rps_fractional, 7: eps, 9: application_utilization.
    fields = eventually(lambda: (found := report(server)).keys() >= {1, 6} and found)
    assert set(fields) <= {1, 6, 7}
    assert 0 < fields[1] <= 1.5


def test_grpc_server_reports_nothing_by_itself(start):
    assert report(start("grpc-server")) == {}


SERVICE_CONFIG = {"loadBalancingConfig": [{"weighted_round_robin": {"blackoutPeriod": "0s", "weightUpdatePeriod": "0.1s"}}]}


def test_calls_follow_the_reports_of_grpcio_s_servers(start, five):
    """grpcio has no words for it in Python: a trailer does."""
    for greeter, utilization in zip(five, (0.2, 0.4, 0.4, 0.4, 0.4)):
        greeter.trailers = (("endpoint-load-metrics-bin", struct.pack("<BdBd", 1 << 3 | 1, utilization, 6 << 3 | 1, 100)),)
    gateway = connected(start, five, None, SERVICE_CONFIG=json.dumps(SERVICE_CONFIG))

    def idle_gets_double() -> bool:
        counts = share(gateway, five, 120)
        return abs(counts[0] - 40) <= 2 and all(abs(count - 20) <= 2 for count in counts[1:])

    eventually(idle_gets_double)


def test_a_failing_server_is_ejected_and_comes_back(start, five):
    outliers = {
        "interval": "0.2s", "baseEjectionTime": "1s", "childPolicy": [{"round_robin": {}}],
        "failurePercentageEjection": {"threshold": 50, "minimumHosts": 5, "requestVolume": 4}}
    gateway = connected(
        start, five, None, SERVICE_CONFIG=json.dumps({"loadBalancingConfig": [{"outlier_detection": outliers}]}))
    five[2].fails = "INTERNAL"

    def failures() -> int:
        with ThreadPoolExecutor(10) as pool:
            return sum(status != 200 for status in pool.map(lambda _: gateway.http("/go/sample").status, range(50)))

    eventually(lambda: failures() == 0)
    # It keeps its connection.
    assert [each["state"] for each in gateway.http("/go/channel").json["subchannels"]] == ["READY"] * 5
    five[2].fails = None
    eventually(lambda: share(gateway, five, 50)[2] > 0)
