"""What the lab reads of a mode's parts: how often they were asked, as they count themselves. Their names for it are theirs to
change; what is made of the numbers has unit tests."""

import re
import urllib.request

import pytest

from support.eventually import eventually
from support.modes import up_or_skip


def read(system, component: str, port: int, target: str) -> str:
    [pod] = system.pods(component)
    with urllib.request.urlopen(f"http://{pod['ip']}:{port}{target}", timeout=5) as answer:
        return answer.read().decode()


def count(text: str, line: str) -> int:
    return sum(int(number) for number in re.findall(rf"^{line} (\d+)$", text, re.MULTILINE))


def test_etcd_counts_reads_watches_and_entries(new_system):
    system = up_or_skip(new_system("etcd"), "etcd")
    assert system.ask("/go/sample").status == 200

    def told() -> dict[str, int]:
        text = read(system, "etcd", 2379, "/metrics")
        return {name: count(text, rf'grpc_server_started_total{{grpc_method="{name}",.*}}') for name in ("Range", "Watch", "Put")}

    eventually(lambda: told() == {"Range": 1, "Watch": 1, "Put": 5})
    text = read(system, "etcd", 2379, "/metrics")
    assert 'grpc_server_msg_received_total{grpc_method="LeaseKeepAlive",' in text


def test_consul_counts_queries_entries_and_renewals(new_system):
    system = up_or_skip(new_system("consul"), "consul")
    assert system.ask("/go/sample").status == 200
    text = read(system, "consul", 8500, "/v1/agent/metrics?format=prometheus")
    # It loses count of first requests that come at the same time.
    assert 1 <= count(text, "consul_http_PUT_v1_agent_service_register_count") <= 5
    # The next query waits, and is counted when it has its answer.
    assert count(text, "consul_http_PUT_v1_agent_check_pass___count") >= 1
    assert count(text, "consul_http_GET_v1_health_service___count") >= 1


@pytest.mark.parametrize(["mode", "component"], [("envoy", "envoy"), ("envoy-sidecar", "gateway")])
def test_envoy_counts_its_look_ups(new_system, mode, component):
    system = up_or_skip(new_system(mode), mode)

    def told() -> int:
        return count(read(system, component, 18082, "/stats?filter=cluster.grpc.update_attempt"), "cluster.grpc.update_attempt:")

    first = told()
    assert first > 0
    eventually(lambda: told() > first)
