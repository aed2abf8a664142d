"""The policies allow the topology's connections, and no others."""

from support.cases import CASES, EVERYTHING, MODES, mode
from support.helm import render

import pytest

ANYBODY = "anybody"
# From, to: at the target's serving port.
EDGES = {
    (ANYBODY, "nginx"), ("nginx", "gateway"), ("nginx", "js"), ("gateway", "grpc"), ("gateway", "js"), ("test", "nginx"),
}
ASK_DNS = {"nginx", "gateway", "test"}
# Ports that a component has besides the one that it is there for.
NOT_THE_FIRST = {("nginx", "grpc"), ("envoy", "envoy-health"), ("gateway", "envoy-health")}
# Those that a mode adds: a port that is not the target's only one by its name.
MODE_EDGES = {
    "envoy": {("gateway", "envoy"), ("envoy", "grpc")},
    "etcd": {("gateway", "etcd"), ("grpc", "etcd")},
    "consul": {("gateway", "consul"), ("grpc", "consul")},
    "nginx": {("gateway", "nginx", "grpc"), ("nginx", "grpc")},
}


@pytest.mark.parametrize(
    "settings,added", [
        ((), set()), (EVERYTHING, set()), (CASES["other ports"], set()), *((mode(name), MODE_EDGES.get(name, set())) for name in MODES),
        ((*mode("etcd"), "loadBalancing.keep={envoy}"), MODE_EDGES["etcd"] | MODE_EDGES["envoy"]),
        (CASES["an etcd elsewhere"], set())],
    ids=["defaults", "everything", "other ports", *MODES, "etcd and envoy", "an etcd elsewhere"])
def test_exactly_the_edges_are_allowed(settings, added):
    edges = EDGES | added
    objects = render(*settings).objects
    policies = {policy["metadata"]["labels"]["app.kubernetes.io/component"]: policy["spec"]
                for policy in objects.of("NetworkPolicy")}
    assert {pod.component for pod in objects.pods()} == policies.keys()
    for policy in policies.values():
        assert policy["policyTypes"] == ["Ingress", "Egress"]

    labels = {pod.component: pod.labels for pod in objects.pods()}
    ports = {pod.component: pod.ports for pod in objects.pods()}
    leave, enter = set(), set()
    for target in policies:
        for name, port in ports[target].items():
            edge_to = (target,) if (target, name) not in NOT_THE_FIRST and name != "admin" else (target, name)
            if allows(policies[target].get("ingress"), "from", None, port):
                enter.add((ANYBODY, *edge_to))
            for source in policies:
                if allows(policies[target].get("ingress"), "from", labels[source], port):
                    enter.add((source, *edge_to))
                if allows(policies[source].get("egress"), "to", labels[target], port):
                    leave.add((source, *edge_to))
    assert leave == {edge for edge in edges if edge[0] != ANYBODY}
    # Who lets anybody in lets everybody in.
    open_to_all = {target for source, target in EDGES if source == ANYBODY}
    assert enter == edges | {(source, target) for source in policies for target in open_to_all}


def allows(rules: list | None, side: str, labels: dict | None, port: int) -> bool:
    """Whether rules let TCP pass with a peer that has these labels; None is a peer outside of the release."""
    for rule in rules or []:
        peers = rule.get(side)
        peer_fits = peers is None or (labels is not None and any(
            peer.keys() == {"podSelector"} and peer["podSelector"]["matchLabels"].items() <= labels.items()
            for peer in peers))
        ports = rule.get("ports")
        port_fits = ports is None or any(
            entry["protocol"] == "TCP" and entry["port"] == port for entry in ports)
        if peer_fits and port_fits:
            return True
    return False


def test_those_who_look_up_names_reach_dns():
    objects = render("dnsutils.enabled=true").objects
    asking = set()
    for policy in objects.of("NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            # OpenShift's DNS pods listen on 5353, and policies see the ports of pods.
            if {(port["protocol"], port["port"]) for port in rule["ports"]} == {
                    (protocol, port) for protocol in ("UDP", "TCP") for port in (53, 5353)}:
                assert "to" not in rule, "where DNS runs differs from cluster to cluster"
                asking.add(policy["metadata"]["labels"]["app.kubernetes.io/component"])
    assert asking == ASK_DNS | {"dnsutils"}


def test_the_admin_ports_are_open_to_those_named_only():
    objects = render(*EVERYTHING).objects
    for component in ("gateway", "grpc", "js"):
        assert let_in(objects, component) == [[{"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}]]


PROMETHEUS = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}}}
OURS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "watch"}}}
NAMED = "networkPolicy.scraperFrom[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=watch"
ADMIN = "networkPolicy.adminFrom[0].podSelector.matchLabels.a=b"


@pytest.mark.parametrize("settings,expected", [
    ((), []),
    (("monitoring.alerts.enabled=true", "monitoring.dashboard.enabled=true"), []),
    (("monitoring.podMonitor.enabled=true",), [[PROMETHEUS]]),
    (("monitoring.annotations=true",), [[PROMETHEUS]]),
    (("monitoring.podMonitor.enabled=true", NAMED), [[OURS]]),
    (("monitoring.podMonitor.enabled=true", NAMED, ADMIN), [[{"podSelector": {"matchLabels": {"a": "b"}}}, OURS]]),
    ((NAMED, ADMIN), [[{"podSelector": {"matchLabels": {"a": "b"}}}]]),
], ids=["nobody", "only who reads Prometheus", "an operator", "by annotations", "a Prometheus by name", "two", "not scraped"])
def test_who_scrapes_is_let_in_to_the_admin_ports_while_monitoring_is_on(settings, expected):
    objects = render(*settings).objects
    for component in ("gateway", "grpc", "js"):
        assert let_in(objects, component) == expected
    assert all(let_in(objects, component) == [] for component in ("nginx", "test"))


def let_in(objects, component: str) -> list:
    policy = objects.one("NetworkPolicy", f"sample-service-{component}")
    return [rule["from"] for rule in policy["spec"].get("ingress", []) if {"protocol": "TCP", "port": 9090} in rule["ports"]]
