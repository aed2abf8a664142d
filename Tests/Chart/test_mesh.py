"""Mode mesh: what Istio and Linkerd find in the pods, and what their proxies may reach. It is rendered, and was never run."""

import pytest

from support.cases import mode
from support.helm import notes, render

# Ports of the control plane and of other pods' proxies; ports of the proxy in the pod.
PORTS = {
    "istio": ({15012, 15008}, {15008, 15020, 15021, 15090}),
    "linkerd": ({8080, 8086, 8090, 4143}, {4143, 4191}),
}


def injected(objects, component: str) -> list[str]:
    metadata = objects.pod(component).owner["spec"]["template"]["metadata"]
    return [name for name, given in (
        ("istio", metadata["labels"].get("sidecar.istio.io/inject") == "true"),
        ("linkerd", metadata.get("annotations", {}).get("linkerd.io/inject") == "enabled")) if given]


@pytest.mark.parametrize("mesh", PORTS)
def test_gateway_and_grpc_get_the_proxy_and_nobody_else(mesh):
    objects = render(*mode("mesh", mesh)).objects
    assert {pod.component: injected(objects, pod.component) for pod in objects.pods() if pod.component != "test"} == {
        "gateway": [mesh], "grpc": [mesh], "nginx": [], "js": []}
    for component in ("gateway", "grpc"):
        assert not injected(render().objects, component)


@pytest.mark.parametrize("mesh", PORTS)
def test_the_policies_let_the_proxies_reach_each_other_and_the_control_plane(mesh):
    reach, open_ports = PORTS[mesh]
    for component in ("gateway", "grpc"):
        spec = render(*mode("mesh", mesh)).objects.one("NetworkPolicy", f"sample-service-{component}")["spec"]
        outgoing = {port["port"] for rule in spec["egress"] if "to" not in rule for port in rule["ports"]}
        incoming = {port["port"] for rule in spec["ingress"] if "from" not in rule for port in rule["ports"]}
        assert outgoing == reach | {53, 5353}, "the proxies look up names, too"
        assert incoming == open_ports
        plain = render().objects.one("NetworkPolicy", f"sample-service-{component}")["spec"]
        assert not reach & {port["port"] for rule in plain.get("egress", []) for port in rule["ports"] if "to" not in rule}


def test_the_services_say_what_they_speak():
    for settings, protocol in ((mode("mesh"), "grpc"), ((), "kubernetes.io/h2c"), (("tls.enabled=true", "tls.secretName=a"), "https")):
        objects = render(*settings).objects
        for name in ("sample-service-grpc", "sample-service-grpc-headless"):
            assert [port["appProtocol"] for port in objects.one("Service", name)["spec"]["ports"]] == [protocol]


def test_the_gateway_calls_the_virtual_address():
    objects = render(*mode("mesh")).objects
    name = objects.pod("gateway").environment["GRPC_TARGET"].removeprefix("dns:///").partition(":")[0]
    assert objects.one("Service", name)["spec"].get("clusterIP") != "None"


def test_a_mesh_that_is_left_keeps_the_grpc_pods_until_the_gateway_is_out():
    """A gateway that balances by itself must not be inside, and pods inside take plaintext from outside."""
    objects = render(*mode("headless"), "loadBalancing.keep={mesh}", "loadBalancing.mesh=istio").objects
    assert (injected(objects, "gateway"), injected(objects, "grpc")) == ([], ["istio"])


def test_labels_of_ones_own_go_before():
    objects = render(*mode("mesh", "linkerd"), "grpc.pod.annotations.linkerd\\.io/inject=disabled").objects
    assert (injected(objects, "gateway"), injected(objects, "grpc")) == (["linkerd"], [])


def test_the_notes_say_what_restricted_pods_need():
    assert "CNI plugin" in notes(*mode("mesh", "istio")) and "ambient" in notes(*mode("mesh", "istio"))
    assert "linkerd viz" in notes(*mode("mesh", "linkerd")) and "CNI plugin" in notes(*mode("mesh", "linkerd"))
