"""Client health checking (gRFC A17): a pod that is connected and says NOT_SERVING gets no calls."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from support.eventually import eventually
from support.protos import messages, services

SERVICE = "sample.service.HelloWorld"
CONFIG = json.dumps({"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": SERVICE}})


def healths(gateway) -> list[str | None]:
    return sorted((subchannel["health"] or "none") for subchannel in gateway.http("/go/channel").json["subchannels"])


def hosts(gateway, calls: int) -> list[str]:
    answers = [gateway.http("/go/sample") for _ in range(calls)]
    assert [answer.status for answer in answers] == [200] * calls, answers
    return [answer.json["response"]["hostname"] for answer in answers]


def test_a_pod_that_is_not_serving_gets_no_calls_until_it_serves(start):
    pods = [start("grpc-server", POD_NAME=f"pod-{number}") for number in range(3)]
    target = "ipv4:" + ",".join(pod.address("grpc") for pod in pods)
    gateway = start("gateway", GRPC_TARGET=target, SERVICE_CONFIG=CONFIG)
    eventually(lambda: healths(gateway) == ["SERVING"] * 3)
    assert set(hosts(gateway, 6)) == {"pod-0", "pod-1", "pod-2"}
    connections = pods[0].sockets

    began = time.monotonic()
    pods[0].admin("/readyz/disable", "POST")
    eventually(lambda: healths(gateway) == ["NOT_SERVING", "SERVING", "SERVING"])
    print(f"NOT_SERVING known {1000 * (time.monotonic() - began):.0f} ms after the readiness switch was asked for")
    assert set(hosts(gateway, 20)) == {"pod-1", "pod-2"}
    [left_out] = [one for one in gateway.http("/go/channel").json["subchannels"] if one["health"] == "NOT_SERVING"]
    assert (left_out["state"], left_out["healthReason"]) == ("READY", f"its health service says of {SERVICE}: NOT_SERVING")
    eventually(lambda: pods[0].sockets == connections)  # once it has seen the end of the admin port's

    pods[0].admin("/readyz/enable", "POST")
    eventually(lambda: healths(gateway) == ["SERVING"] * 3)
    assert set(hosts(gateway, 6)) == {"pod-0", "pod-1", "pod-2"}


def test_a_pod_is_known_by_name_although_its_watch_was_answered_first(start):
    pod = start("grpc-server", POD_NAME="pod-0", POD_IP="127.0.0.1")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{pod.address('grpc')}", SERVICE_CONFIG=CONFIG)
    eventually(lambda: healths(gateway) == ["SERVING"])
    assert hosts(gateway, 1) == ["pod-0"]
    assert [known["name"] for known in gateway.http("/go/channel").json["pods"]] == ["pod-0"]


def test_without_the_config_such_a_pod_is_called(start):
    pod = start("grpc-server", POD_NAME="pod-1")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{pod.address('grpc')}")
    pod.admin("/readyz/disable", "POST")
    assert hosts(gateway, 3) == ["pod-1"] * 3
    assert healths(gateway) == ["none"]


def test_a_pod_that_ends_does_so_although_it_is_watched(start):
    """Its drain waits for every stream, and a watch has no end of its own."""
    pod = start("grpc-server", SHUTDOWN_GRACE="60s")
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{pod.address('grpc')}", SERVICE_CONFIG=CONFIG)
    eventually(lambda: healths(gateway) == ["SERVING"])
    assert pod.stop(within=40) == 0


class Peer(services.HelloWorldServicer):
    """grpcio's server, with grpcio's health service or none."""

    def __init__(self, name: str, has_health: bool):
        self.name = name
        self.health = health.HealthServicer()
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        services.add_HelloWorldServicer_to_server(self, self._server)
        if has_health:
            health_pb2_grpc.add_HealthServicer_to_server(self.health, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def SayHello(self, request, context) -> messages.HelloReply:
        return messages.HelloReply(message="Hello", hostname=self.name, version="peer")

    def set(self, status: str):
        self.health.set(SERVICE, health_pb2.HealthCheckResponse.ServingStatus.Value(status))

    def stop(self):
        self._server.stop(grace=None).wait()


@pytest.fixture
def peers():
    made = [Peer("healthy", True), Peer("without", False)]
    yield made
    for peer in made:
        peer.stop()


def test_servers_of_grpcio_are_watched_as_grpcio_watches_them(start, peers):
    """The same config for both: who is called is the same, with a server that has no health service among them."""
    target = "ipv4:" + ",".join(peer.address for peer in peers)
    gateway = start("gateway", GRPC_TARGET=target, SERVICE_CONFIG=CONFIG)
    options = [("grpc.service_config", CONFIG), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(target, options) as channel:
        stub = services.HelloWorldStub(channel)
        theirs = lambda: {stub.SayHello(messages.HelloRequest(), timeout=10, wait_for_ready=True).hostname for _ in range(6)}
        ours = lambda: set(hosts(gateway, 6))
        # A service that nobody has told the health of: SERVICE_UNKNOWN.
        for status, expected in [(None, {"without"}), ("SERVING", {"healthy", "without"}), ("NOT_SERVING", {"without"}),
                                 ("SERVING", {"healthy", "without"})]:
            if status:
                peers[0].set(status)
            eventually(lambda: ours() == expected)
            eventually(lambda: theirs() == expected)
