"""Retries by a service config (gRFC A6): the same config and the same flaky server for grpcio's channel and for the gateway's."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from support.client import OPTIONS
from support.eventually import eventually
from support.flaky import Flaky
from support.metrics import Metrics
from support.ports import free_port
from support.programs import ask
from support.protos import messages, services

SERVICE = {"service": "sample.service.HelloWorld"}


def config(attempts: int = 4, initial: str = "0.1s", most: str = "0.3s", multiplier: float = 2,
           codes: tuple = ("UNAVAILABLE",), name: dict | None = None, method: dict | None = None, **more) -> str:
    retry = {"maxAttempts": attempts, "initialBackoff": initial, "maxBackoff": most, "backoffMultiplier": multiplier,
             "retryableStatusCodes": list(codes)}
    return json.dumps({"methodConfig": [{"name": [name or SERVICE], "retryPolicy": retry, **(method or {})}], **more})


class Theirs:
    """grpcio's channel."""

    def __init__(self, address: str, text: str):
        self._channel = grpc.insecure_channel(
            address, [*OPTIONS, ("grpc.service_config", text), ("grpc.enable_retries", 1)])
        self._stub = services.HelloWorldStub(self._channel)

    def call(self, name: str = "Ada", streaming: bool = False) -> str:
        """The status."""
        try:
            if streaming:
                request = messages.StreamHelloRequest(name=name, count=2)
                assert [reply.message for reply in self._stub.StreamHello(request, timeout=10)] == [f"Hello {name}"] * 2
            else:
                assert self._stub.SayHello(messages.HelloRequest(name=name), timeout=10).message == f"Hello {name}"
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    def close(self):
        self._channel.close()


class Ours:
    """The gateway's."""

    def __init__(self, gateway):
        self.gateway = gateway

    def call(self, name: str = "Ada", streaming: bool = False) -> str:
        path = f"/go/stream?count=2&interval_ms=0&name={name}" if streaming else f"/go/sample?name={name}"
        answer = self.gateway.http(path)
        if answer.status != 200:
            return answer.json["error"]["code"]
        assert answer.text.count(f"Hello {name}") == (2 if streaming else 1)
        return "OK"

    def close(self):
        pass


@pytest.fixture
def both(start):
    """both(text, *script) → for grpcio and for the gateway: (client, its own server)"""
    servers: list[Flaky] = []
    clients = []

    def make(text: str, *script: str):
        for kind in ("grpcio", "gateway"):
            servers.append(Flaky(*script))
            address = servers[-1].address
            clients.append(
                Theirs(address, text) if kind == "grpcio"
                else Ours(start("gateway", GRPC_TARGET=f"ipv4:{address}", SERVICE_CONFIG=text)))
        return list(zip(clients[-2:], servers[-2:]))

    yield make
    for client in clients:
        client.close()
    for server in servers:
        server.__exit__()


FEW = {"retryThrottling": {"maxTokens": 4, "tokenRatio": 0.1}}

# The config, what the server does, and for each call its status; then how many attempts the server saw in all.
SCENARIOS = {
    "until it works": (config(), ["UNAVAILABLE", "UNAVAILABLE", "OK"], ["OK"], 3),
    "as often as allowed": (config(3), ["UNAVAILABLE"], ["UNAVAILABLE"], 3),
    "and never more than five times": (config(9, "0.01s"), ["UNAVAILABLE"], ["UNAVAILABLE"], 5),
    "a status that is not named": (config(), ["INTERNAL"], ["INTERNAL"], 1),
    "the status of the last attempt": (config(codes=("UNAVAILABLE", "ABORTED")), ["UNAVAILABLE", "ABORTED", "NOT_FOUND"], ["NOT_FOUND"], 3),
    "a server that wants no retry": (config(), ["UNAVAILABLE pushback=-1"], ["UNAVAILABLE"], 1),
    "a server that says no number": (config(), ["UNAVAILABLE pushback=soon"], ["UNAVAILABLE"], 1),
    "a server that says when": (config(initial="9s", most="9s"), ["UNAVAILABLE pushback=120", "OK"], ["OK"], 2),
    "an answer that has begun": (config(), ["headers UNAVAILABLE"], ["UNAVAILABLE"], 1),
    "a deadline during the wait": (config(initial="60s", most="60s", method={"timeout": "3s"}), ["UNAVAILABLE"], ["DEADLINE_EXCEEDED"], 1),
    "a deadline during the second attempt": (config(method={"timeout": "4s"}), ["UNAVAILABLE", "hang"], ["DEADLINE_EXCEEDED"], 2),
    "too few tokens": (config(5, "0.01s", **FEW), ["UNAVAILABLE"], ["UNAVAILABLE"] * 3, 4),
    "a method that has no policy": (config(name={**SERVICE, "method": "StreamHello"}), ["UNAVAILABLE"], ["UNAVAILABLE"], 1),
    "a method by its name": (config(3, name={**SERVICE, "method": "SayHello"}), ["UNAVAILABLE"], ["UNAVAILABLE"], 3),
    "all methods": (config(3, name={"service": ""}), ["UNAVAILABLE"], ["UNAVAILABLE"], 3),
    "a request that is too large": (config(codes=("RESOURCE_EXHAUSTED",), method={"maxRequestMessageBytes": 3}), ["OK"], ["RESOURCE_EXHAUSTED"], 0),
    "an answer that is too large": (config(codes=("RESOURCE_EXHAUSTED",), method={"maxResponseMessageBytes": 3}), ["OK"], ["RESOURCE_EXHAUSTED"], 1),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_config_gives_the_same_attempts_and_outcome_as_grpcio(both, scenario):
    text, script, statuses, attempts = SCENARIOS[scenario]
    for client, server in both(text, *script):
        name = type(client).__name__
        assert [client.call() for _ in statuses] == statuses, name
        assert len(server.attempts) == attempts, name
        if len(statuses) == 1:
            assert [attempt.previous for attempt in server.attempts] == [None, "1", "2", "3", "4"][:attempts], name


def test_a_stream_that_has_not_been_answered_is_sent_again(both):
    for client, server in both(config(), "UNAVAILABLE", "UNAVAILABLE", "OK"):
        assert client.call(streaming=True) == "OK"
        assert [attempt.previous for attempt in server.attempts] == [None, "1", "2"]


def test_pauses_are_those_of_grpcio_within_the_jitter(both):
    """0.2 s, then 0.6 s, then the most, 0.8 s; each ± 20 %. A busy machine may only make them longer."""
    for client, server in both(config(4, "0.2s", "0.8s", 3), "UNAVAILABLE"):
        assert client.call() == "UNAVAILABLE"
        print(type(client).__name__, [f"{pause:.3f} s" for pause in server.pauses])
        assert len(server.pauses) == 3
        for pause, expected in zip(server.pauses, (0.2, 0.6, 0.8)):
            assert pause >= 0.8 * expected - 0.01


def test_the_call_has_one_deadline_for_all_attempts(both):
    for client, server in both(config(3, "0.2s", method={"timeout": "8s"}), "UNAVAILABLE"):
        assert client.call() == "UNAVAILABLE"
        first, _, last = [attempt.remaining for attempt in server.attempts]
        # The pauses before the second and the third are at least 0.16 and 0.24 s; what servers measure is a little late.
        assert last < first - 0.3, (first, last)
        if isinstance(client, Ours):
            assert first <= 8


def test_tokens_and_figures_can_be_seen(both):
    [_, (client, server)] = both(config(5, "0.01s", **FEW), "UNAVAILABLE", "UNAVAILABLE", "OK")
    gateway = client.gateway
    shown = lambda: gateway.http("/go/channel").json["serviceConfig"]
    throttling = {"maxTokens": 4.0, "tokenRatio": 0.1}
    assert shown() == {"methods": 1, "healthCheckService": None,
                       "retryThrottling": {**throttling, "tokens": 4.0, "throttling": False}}
    assert client.call() == "UNAVAILABLE"
    assert shown()["retryThrottling"] == {**throttling, "tokens": 2.0, "throttling": True}
    assert client.call() == "OK"
    assert shown()["retryThrottling"] == {**throttling, "tokens": 2.1, "throttling": False}

    figures = Metrics(gateway)
    method = {"grpc_method": "sample.service.HelloWorld/SayHello"}
    assert figures.total("grpc_client_attempt_started_total", **method) == 3
    # Of the two calls one was tried again, once.
    assert figures.total("grpc_client_call_retries_count", **method) == 1
    assert figures.total("grpc_client_call_retries_sum", **method) == 1
    assert figures.total("grpc_client_call_retry_delay_seconds_sum", **method) >= 0.008
    assert figures.counts("grpc_client_call_transparent_retries_count", "grpc_method") == {}


def test_what_waits_for_ready_waits(start):
    address = f"127.0.0.1:{free_port()}"
    text = json.dumps({"methodConfig": [{"name": [SERVICE], "waitForReady": True, "timeout": "30s"}]})
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{address}", SERVICE_CONFIG=text)
    impatient = start("gateway", GRPC_TARGET=f"ipv4:{address}")
    assert impatient.http("/go/sample").status == 503
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: gateway.http("/go/sample", within=30))
        eventually(lambda: gateway.http("/go/channel").json["queued"] == 1)
        with Flaky("OK", address=address):
            assert waiting.result().status == 200


def executions(pods) -> Counter:
    """How often each request's serving was finished, by its id."""
    counts = Counter()
    for pod in pods:
        for line in pod.output.splitlines():
            # What kill -9 cut off is no line.
            record = json.loads(line) if line.startswith("{") and line.endswith("}") else {}
            if record.get("request_id"):
                counts[record["request_id"]] += 1
    return counts


def under_load(pods, gateway, path: str) -> list[tuple[str, int]]:
    """(request id, HTTP status) of each request while pods are killed."""
    statuses: list[tuple[str, int]] = []
    ended = []

    def run(lane: int):
        number = 0
        while not ended:
            number += 1
            request = f"lane-{lane}-{number}"
            answer = ask(gateway.address("http"), path, within=30, headers={"X-Request-Id": request})
            statuses.append((request, answer.status))

    # 16 requests that take 0.1 s in turns over five pods: each has three of them at any time.
    with ThreadPoolExecutor(16) as pool:
        lanes = [pool.submit(run, lane) for lane in range(16)]
        try:
            for victim in pods[:2]:
                known = len(statuses)
                eventually(lambda: len(statuses) > known + 200, within=90)
                victim.process.kill()
                victim.process.wait()
            known = len(statuses)
            eventually(lambda: len(statuses) > known + 200, within=90)
        finally:
            ended.append(True)
    for lane in lanes:
        lane.result()
    return statuses


@pytest.fixture
def five(start):
    """Five pods with a log of JSON, so that each request's id can be counted."""
    return [start("grpc-server", POD_NAME=f"pod-{number}", LOG_FORMAT="json") for number in range(5)]


def gateway_to(pods, start, **settings: str):
    target = "ipv4:" + ",".join(pod.address("grpc") for pod in pods)
    gateway = start("gateway", GRPC_TARGET=target, EVENT_LOOPS="2", **settings)
    # Two loops, a connection of each to each.
    eventually(lambda: len([1 for subchannel in gateway.http("/go/channel").json["subchannels"]
                            if subchannel["state"] == "READY"]) == 10)
    return gateway


def forget(pods):
    """Those that were killed end as they were told to; the fixture looks at the others."""
    for pod in pods:
        pod.process.returncode = 0 if pod.process.returncode == -9 else pod.process.returncode


def test_killed_pods_cost_no_call_that_may_be_repeated(start, five):
    text = config(5, "0.01s", "0.1s", 2, loadBalancingConfig=[{"round_robin": {}}])
    gateway = gateway_to(five, start, SERVICE_CONFIG=text)
    statuses = under_load(five, gateway, "/go/sample?delay=100ms")
    assert Counter(status for _, status in statuses) == {200: len(statuses)}

    # A request is served once, and once more for each attempt that a killed pod took with it.
    figures = Metrics(gateway)
    retries = figures.total("grpc_client_call_retries_sum")
    transparent = figures.total("grpc_client_call_transparent_retries_sum")
    attempts = figures.total("grpc_client_attempt_started_total")
    print(f"{len(statuses)} calls, {retries:.0f} retries, {transparent:.0f} transparent")
    assert retries > 0
    assert attempts == len(statuses) + retries + transparent
    served = executions(five[2:])
    assert set(served.values()) == {1}
    forget(five)


def test_killed_pods_make_no_call_run_twice_that_may_not_be_repeated(start, five):
    """The config lets SayHello be repeated if a pod says ABORTED, which none does."""
    text = config(5, "0.01s", codes=("ABORTED",), loadBalancingConfig=[{"round_robin": {}}])
    gateway = gateway_to(five, start, SERVICE_CONFIG=text)
    statuses = under_load(five, gateway, "/go/sample?delay=100ms")
    failed = [request for request, status in statuses if status != 200]
    assert {status for _, status in statuses} == {200, 503}
    figures = Metrics(gateway)
    assert figures.total("grpc_client_call_retries_count") == 0
    served = executions(five)
    assert max(served.values()) == 1
    # None of those that failed was served by a pod that lives.
    assert not set(failed) & executions(five[2:]).keys()
    print(f"{len(statuses)} calls, {len(failed)} failed")
    forget(five)
