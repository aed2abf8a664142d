"""Three replicas of each service, and the two routes that answer with who called whom."""

from collections import Counter

import pytest

from support.eventually import eventually
from support.metrics import Metrics
from support.system import System

SERVICES = ("grpc", "gateway", "js")


@pytest.fixture(scope="module")
def system(state_folder):
    system = System("three", state_folder).up("--replicas", "3", "--dns-interval", "1s")
    for component in ("gateway", "js"):
        system.output("scale", f"{component}=3")
    eventually(lambda: all(
        len(system.in_dns(name)) == 3 and all(pod["ready"] for pod in system.pods(name)) for name in SERVICES), within=20)
    yield system
    system.down()
    assert system.left_behind() == []


def names(system, component: str) -> set[str]:
    return {pod["name"] for pod in system.pods(component)}


def test_hello_over_grpc(system):
    answers = [system.ask("/go/hellogrpc") for _ in range(60)]
    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        assert answer.json.keys() == {"name", "version", "hostname", "response"}
        assert answer.json["response"].keys() == {"message", "version", "hostname"}
        assert answer.json["name"] == "gateway" and answer.json["response"]["message"] == "Hello World"
    assert {answer.json["hostname"] for answer in answers} == names(system, "gateway")
    assert {answer.json["response"]["hostname"] for answer in answers} == names(system, "grpc")


def test_hello_over_http(system):
    answers = [system.ask("/go/hellohttp") for _ in range(60)]
    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        assert answer.json.keys() == answer.json["response"].keys() | {"response"}
        assert (answer.json["name"], answer.json["response"]["name"]) == ("gateway", "js-server")
    assert {answer.json["hostname"] for answer in answers} == names(system, "gateway")
    assert {answer.json["response"]["hostname"] for answer in answers} <= names(system, "js")


def test_distribution_is_what_the_pods_counted(system):
    def counted() -> Counter:
        """Pod → SayHello calls that it answered with OK, by its own figures."""
        return Counter({
            pod["name"]: int(Metrics(f"{pod['ip']}:9090").total(
                "grpc_server_call_duration_seconds_count", grpc_method="sample.service.HelloWorld/SayHello",
                grpc_status="OK")) for pod in system.pods()})

    before = counted()
    answer = system.ask("/go/distribution?requests=1000&concurrency=20").json
    assert (answer["succeeded"], answer["failed"], answer["errors"]) == (1000, 0, [])
    said = {pod["hostname"]: pod["count"] for pod in answer["pods"]}
    assert sum(said.values()) == 1000 and said.keys() == names(system, "grpc")
    assert answer["fairness"] > 0.99
    eventually(lambda: counted() - before == said)


def test_a_kept_http_connection_stays_with_its_pod(system):
    """The same lesson as gRPC's: a virtual address chooses a pod for each connection, not for each request."""
    pairs = Counter()
    for _ in range(60):
        answer = system.ask("/go/hellohttp").json
        pairs[answer["hostname"], answer["response"]["hostname"]] += 1
    assert len(pairs) == 3, "each gateway pod has one idle connection, and uses it"
