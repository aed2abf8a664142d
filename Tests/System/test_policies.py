"""What the gateway's policies do about one server of five that is slow, and what grpc-server tells of its load."""

import struct
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from support.eventually import eventually
from support.ports import free_port, loopback_addresses
from support.protos import messages, services


@pytest.fixture
def five(start_greeter):
    """Five servers with one port, on addresses of their own, as pods have them."""
    addresses = loopback_addresses(5)
    port = free_port(*addresses)
    return [start_greeter(f"{address}:{port}", hostname=f"pod-{number}") for number, address in enumerate(addresses)]


def connected(start, greeters, policy: str):
    target = "ipv4:" + ",".join(greeter.address for greeter in greeters)
    gateway = start("gateway", GRPC_TARGET=target, LOAD_BALANCING_POLICY=policy)
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
    five[0].delay = 0.2
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


def report(call) -> dict[int, float]:
    """The load report on a call's answer, by field; empty without one. All of its fields are doubles."""
    [*values] = [value for key, value in call.trailing_metadata() if key == "endpoint-load-metrics-bin"]
    if not values:
        return {}
    fields = {}
    for start in range(0, len(values[0]), 9):
        tag, number = struct.unpack_from("<Bd", values[0], start)
        assert tag & 7 == 1
        fields[tag >> 3] = number
    return fields


def test_grpc_server_reports_its_load_if_it_is_told_to(start):
    server = start("grpc-server", LOAD_REPORTS="true")
    with grpc.insecure_channel(server.address("grpc")) as channel:
        stub = services.HelloWorldStub(channel)

        def fields() -> dict[int, float]:
            reply, call = stub.SayHello.with_call(messages.HelloRequest(name="load"))
            assert reply.message == "Hello load"
            return report(call)

        # 1: cpu_utilization, 6: rps_fractional, 7: eps, 9: application_utilization.
        eventually(lambda: fields().get(6, 0) > 0 and fields().get(1, 0) > 0)
        assert set(fields()) <= {1, 6, 7}
        assert 0 < fields()[1] <= 1.5


def test_grpc_server_reports_nothing_by_itself(start):
    server = start("grpc-server")
    with grpc.insecure_channel(server.address("grpc")) as channel:
        _, call = services.HelloWorldStub(channel).SayHello.with_call(messages.HelloRequest(name="load"))
        assert report(call) == {}
