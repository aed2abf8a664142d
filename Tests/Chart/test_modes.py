"""What each load-balancing mode brings: its objects and no others, and beside another mode's while one takes its place."""

import re
import shutil

import pytest

from support.cases import MODES, mode
from support.helm import Refusal, notes, render
from support.paths import CHART

PART = ["NetworkPolicy", "Service", "ServiceAccount"]
# mode → what there is besides the objects of headless
ADDED = {
    "clusterip": [], "headless": [], "mesh": [],
    "kubernetes": ["Role sample-service-gateway", "RoleBinding sample-service-gateway"],
    "envoy": [f"{kind} sample-service-envoy" for kind in ("ConfigMap", "Deployment", "PodDisruptionBudget", *PART)],
    "envoy-sidecar": ["ConfigMap sample-service-envoy"],
    "etcd": [f"{kind} sample-service-etcd" for kind in ("StatefulSet", *PART)],
    "consul": [f"{kind} sample-service-consul" for kind in ("Deployment", *PART)],
    "nginx": ["Service sample-service-nginx-grpc"],
}


@pytest.mark.parametrize("name", MODES)
def test_a_mode_has_exactly_the_objects_that_it_needs(name):
    assert set(render(*mode(name)).objects.names) - set(render().objects.names) == set(ADDED[name])
    assert set(render().objects.names) <= set(render(*mode(name)).objects.names)


@pytest.mark.parametrize("name", MODES)
def test_the_gateway_learns_of_all_pods_by_dns_where_the_mode_does_not_know_them(name):
    source = render(*mode(name)).objects.pod("gateway").environment.get("POD_SOURCE")
    knows_them = name in ("kubernetes", "etcd", "consul")
    assert source == (None if knows_them else "dns:///sample-service-grpc-headless:8080")


def test_where_all_pods_are_is_the_headless_service_whatever_its_name_and_port():
    objects = render("fullnameOverride=x", "grpc.headlessService.port=9000", "grpc.containerPort=9000").objects
    assert objects.pod("gateway").environment["POD_SOURCE"] == "dns:///x-grpc-headless:9000"
    assert objects.one("Service", "x-grpc-headless")["spec"]["ports"][0]["port"] == 9000


@pytest.mark.parametrize("name", [name for name in MODES if name != "envoy-sidecar"])
def test_a_mode_that_is_kept_has_its_parts_beside_those_of_the_gateways(name):
    """Not the sidecar: it belongs to the gateway's pods, and those have the mode that is asked for."""
    kept = render(*mode("consul"), f"loadBalancing.keep={{{name}}}", *mode(name)[1:]).objects
    assert set(kept.names) == set(render().objects.names) | set(ADDED["consul"]) | set(ADDED[name])
    gateway = kept.pod("gateway")
    assert gateway.environment["GRPC_TARGET"].startswith("consul:") and not gateway.sidecars


def test_a_sidecar_that_is_kept_is_in_no_pod():
    """Its file is there all the same: pods of before may be made again, and `kubectl rollout undo` leads back to them."""
    kept = render("loadBalancing.keep={envoy-sidecar}").objects
    assert set(kept.names) - set(render().objects.names) == {"ConfigMap sample-service-envoy"}
    assert kept.pod("gateway").spec == render().objects.pod("gateway").spec
    [file] = kept.one("ConfigMap", "sample-service-envoy")["data"].items()
    assert file in render(*mode("envoy-sidecar")).objects.one("ConfigMap", "sample-service-envoy")["data"].items()


def test_an_empty_list_may_be_typed():
    """Helm's --set makes a list of one empty text of {}."""
    assert render("loadBalancing.keep={}").objects == render().objects


def test_the_gateway_may_call_the_grpc_pods_in_every_mode(rendering):
    if not rendering.objects.of("NetworkPolicy"):
        return
    policy = rendering.objects.one("NetworkPolicy", "sample-service-gateway")["spec"]
    peers = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
             for rule in policy["egress"] for peer in rule.get("to", [])]
    assert "grpc" in peers


def test_grpc_pods_enter_themselves_in_every_registry_that_is_there():
    environment = lambda *settings: render(*settings).objects.pod("grpc").environment
    both = environment(*mode("consul"), "loadBalancing.keep={etcd}")
    assert (both["ETCD_ENDPOINTS"], both["CONSUL_HTTP_ADDR"]) == ("sample-service-etcd:2379", "sample-service-consul:8500")
    assert both["REGISTRY_SERVICE"] == "sample-service-grpc" and "POD_IP" in both
    assert not {"ETCD_ENDPOINTS", "CONSUL_HTTP_ADDR", "REGISTRY_SERVICE"} & environment().keys()
    elsewhere = environment(*mode("etcd"), "loadBalancing.etcd.endpoints={10.0.0.1:2379,http://b:1}", "loadBalancing.registryService=blue")
    assert (elsewhere["ETCD_ENDPOINTS"], elsewhere["REGISTRY_SERVICE"]) == ("10.0.0.1:2379,http://b:1", "blue")


def test_a_registry_elsewhere_takes_the_place_of_the_charts():
    for name, setting, port in (
            ("etcd", "loadBalancing.etcd.endpoints={http://10.0.0.1:2379,etcd.example.com:2380}", {2379, 2380}),
            ("consul", "loadBalancing.consul.address=consul.example.com:8501", {8501})):
        objects = render(*mode(name), setting).objects
        assert set(objects.names) == set(render().objects.names)
        for component in ("gateway", "grpc"):
            assert port <= reached_anywhere(objects, component)
        assert not reached_anywhere(render(*mode(name)).objects, "grpc"), "the chart's own is reached as a component"


def reached_anywhere(objects, component: str) -> set[int]:
    """Ports but for DNS that a component's pods may connect to wherever they are."""
    policy = objects.one("NetworkPolicy", f"sample-service-{component}")["spec"]
    return {port["port"] for rule in policy.get("egress", []) if "to" not in rule for port in rule["ports"]} - {53, 5353}


def test_only_in_mode_kubernetes_the_gateway_may_read_endpoints_and_reach_the_api():
    objects = render(*mode("kubernetes")).objects
    [role], [binding] = objects.of("Role"), objects.of("RoleBinding")
    assert role["rules"] == [{"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]}]
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "sample"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "sample-service-gateway", "namespace": "sample"}]
    assert objects.pod("gateway").spec["automountServiceAccountToken"] is True
    assert reached_anywhere(objects, "gateway") == {443, 6443}
    assert reached_anywhere(render(*mode("kubernetes"), "loadBalancing.kubernetes.apiPorts={16443}").objects, "gateway") == {16443}
    assert not reached_anywhere(render().objects, "gateway")
    # The name of a slice's port is that of the Service's.
    assert [port["name"] for port in objects.one("Service", "sample-service-grpc")["spec"]["ports"]] == ["grpc"]


def test_envoy_shows_its_admin_endpoint_to_nobody():
    for name, component, file in (("envoy", "envoy", "pod.yaml"), ("envoy-sidecar", "gateway", "sidecar.yaml")):
        objects = render(*mode(name)).objects
        text = objects.one("ConfigMap", "sample-service-envoy")["data"][file]
        assert not re.findall(r"@[A-Z_]+@", text)
        admin = re.search(r'admin:\s+address:\s+socket_address: {address: "([^"]+)", port_value: (\d+)}', text)
        assert admin.group(1) == "127.0.0.1"
        assert int(admin.group(2)) not in objects.pod(component).ports.values()
    services = render(*mode("envoy")).objects.one("Service", "sample-service-envoy")
    assert [port["targetPort"] for port in services["spec"]["ports"]] == ["grpc"]


def test_a_changed_envoy_configuration_makes_new_pods():
    for name, component in (("envoy", "envoy"), ("envoy-sidecar", "gateway")):
        checksum = lambda *settings: render(*mode(name), *settings).objects.pod(component).owner[
            "spec"]["template"]["metadata"]["annotations"]["checksum/configuration"]
        assert checksum() != checksum("grpc.headlessService.port=50051", "grpc.containerPort=50051")
        assert checksum() == checksum("grpc.replicas=7")


def with_version(folder, version: str):
    """A copy of the chart for a cluster of that version, which the engine of these tests cannot be told."""
    shutil.copytree(CHART, folder / "chart")
    helpers = folder / "chart" / "templates" / "_helpers.tpl"
    text = helpers.read_text()
    assert text.count("{{- .Capabilities.KubeVersion.Version -}}") == 1
    helpers.write_text(text.replace("{{- .Capabilities.KubeVersion.Version -}}", version))
    return folder / "chart"


@pytest.mark.parametrize("version", ["v1.28.15", "v1.28.15-gke.100", "v1.28.0-rc.1"])
def test_a_cluster_without_sidecars_is_told_so(version, tmp_path):
    chart = with_version(tmp_path, version)
    for settings in (mode("envoy-sidecar"), ("loadBalancing.keep={envoy-sidecar}",)):
        with pytest.raises(Refusal, match=f"since 1.29, and this is {version}: .*Take mode envoy"):
            render(*settings, chart=chart)
    for name in ("headless", "envoy"):
        assert render(*mode(name), chart=chart).objects


@pytest.mark.parametrize("version", ["v1.29.0", "v1.29.0-alpha.1", "v1.36.2", "v1.31.5+k3s1"])
def test_a_cluster_with_sidecars_gets_one(version, tmp_path):
    assert render(*mode("envoy-sidecar"), chart=with_version(tmp_path, version)).objects.pod("gateway").sidecars


@pytest.mark.parametrize("name", MODES)
def test_the_notes_say_what_to_type_in_a_mode(name):
    text = notes(*mode(name))
    assert f"mode {name} with" in text
    words = {
        "clusterip": "go/distribution", "headless": "nslookup", "kubernetes": "get endpointslices", "envoy": "deployment/sample-service-envoy",
        "envoy-sidecar": "--container envoy", "etcd": "etcdctl get --prefix /sample-service-grpc/", "consul": "v1/health/service/sample-service-grpc",
        "nginx": "deployment/sample-service-nginx", "mesh": "istioctl dashboard kiali"}
    assert words[name] in text, text
    assert "still there" not in text
    assert re.search(r"still there: envoy\..*loadBalancing\.keep", notes(*mode(name), "loadBalancing.keep={envoy}"), re.DOTALL) or name == "envoy"
