"""The table of components: a new entry gets all that components have, and nothing of it is left when it goes."""

import pytest
import yaml

from support.cases import CASES, EVERYTHING
from support.helm import render
from support.objects import COMPONENT
from support.paths import CHART
from test_network_policies import allows
from test_shutdown import chart_with_mode

TABLE = CHART / "templates" / "_components.tpl"
# A proxy between gateway and grpc, told by a control plane that reads Kubernetes' API.
ENTRIES = """\
- name: proxy
  modes: [other]
  to: {grpc: [{{ $port.grpc }}], control-plane: [18000]}
  dns: true
  disruption: true
- name: control-plane
  modes: [other]
  token: true
"""


@pytest.fixture
def chart(tmp_path):
    """The chart with a mode `other`, and the components that only this mode has."""
    chart = chart_with_mode(tmp_path)
    table = chart / "templates" / "_components.tpl"
    text = table.read_text()
    for old, new in (
        ("    envoy: [{{ $port.envoy }}]\n", "    envoy: [{{ $port.envoy }}]\n    proxy: [10000]\n"),
        ("- name: js\n", ENTRIES + "- name: js\n"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    table.write_text(text)
    return chart


def made_of(component: str, objects) -> list[str]:
    return sorted(each["kind"] for each in objects if each["metadata"]["labels"][COMPONENT] == component)


def test_a_proxy_is_two_entries_of_the_table(chart):
    objects = render("loadBalancing.mode=other", chart=chart).objects
    assert made_of("proxy", objects) == ["NetworkPolicy", "PodDisruptionBudget", "ServiceAccount"]
    assert made_of("control-plane", objects) == ["NetworkPolicy", "ServiceAccount"]
    tokens = {each["metadata"]["labels"][COMPONENT]: each["automountServiceAccountToken"] for each in objects.of("ServiceAccount")}
    assert [component for component, token in tokens.items() if token] == ["control-plane"]

    policies = {each["metadata"]["labels"][COMPONENT]: each["spec"] for each in objects.of("NetworkPolicy")}
    labels = {component: policy["podSelector"]["matchLabels"] for component, policy in policies.items()}
    edges = {
        (source, target, port) for source in policies for target in policies for port in (8080, 10000, 18000)
        if allows(policies[source].get("egress"), "to", labels[target], port)
        and allows(policies[target].get("ingress"), "from", labels[source], port)}
    assert {edge for edge in edges if {"proxy", "control-plane"} & set(edge)} == {
        ("gateway", "proxy", 10000), ("proxy", "grpc", 8080), ("proxy", "control-plane", 18000)}


@pytest.mark.parametrize("settings", [(), EVERYTHING, ("loadBalancing.mode=clusterip",)], ids=["defaults", "everything", "clusterip"])
def test_other_modes_do_not_know_of_it(chart, settings):
    assert render(*settings, chart=chart).objects == render(*settings).objects


def test_nothing_else_in_the_templates_lists_components():
    for path in (CHART / "templates").rglob("*"):
        if path.is_file() and path != TABLE:
            text = path.read_text()
            for pair in ('"nginx" "gateway"', '"gateway" "grpc"', '"grpc" "gateway"', '"grpc" "js"', '"gateway" "js"'):
                assert pair not in text, f"{path.name} has a list of components of its own"


def test_the_values_of_each_component_have_its_name():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for pod in render("dnsutils.enabled=true", *CASES["every mode's parts"]).objects.pods():
        assert pod.component in values or pod.component == "test"
