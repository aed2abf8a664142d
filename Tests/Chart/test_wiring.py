"""Everything that names something else names something that is there."""

import pytest
import yaml

from support.cases import EVERYTHING
from support.helm import render

COMPONENTS = {"nginx", "gateway", "grpc", "js"}
# Made by whoever installs the chart.
NOT_OURS = {"registry-key", "certificate", "otel"}


def test_each_selector_selects_its_component_only(rendering):
    objects = rendering.objects
    for object in objects:
        component = object["metadata"]["labels"]["app.kubernetes.io/component"]
        for selector in selectors(object):
            pods = objects.selected(selector)
            assert pods, f"{object['kind']} {object['metadata']['name']} selects no pod"
            assert {pod.component for pod in pods} == {component}


def selectors(object: dict) -> list[dict]:
    spec = object.get("spec", {})
    match object["kind"]:
        case "Service":
            return [spec["selector"]]
        case "Deployment" | "StatefulSet":
            spread = spec["template"]["spec"].get("topologySpreadConstraints", [])
            return [spec["selector"]["matchLabels"], *(entry["labelSelector"]["matchLabels"] for entry in spread)]
        case "PodDisruptionBudget":
            return [spec["selector"]["matchLabels"]]
        case "NetworkPolicy":
            return [spec["podSelector"]["matchLabels"]]
    return []


def test_two_releases_select_each_their_own_pods():
    first, second = render().objects, render(release="other").objects
    for object in first:
        for selector in selectors(object):
            assert not second.selected(selector)


def test_each_service_port_reaches_a_container_port(rendering):
    for service in rendering.objects.of("Service"):
        for port in service["spec"]["ports"]:
            for pod in rendering.objects.selected(service["spec"]["selector"]):
                assert pod.port(port["targetPort"])


def test_the_headless_service_translates_nothing(rendering):
    [service] = [service for service in rendering.objects.of("Service") if service["spec"].get("clusterIP") == "None"]
    [port] = service["spec"]["ports"]
    [pod] = rendering.objects.selected(service["spec"]["selector"])
    assert port["port"] == port["targetPort"] == pod.ports["grpc"]


def test_each_probe_asks_a_port_that_exists(rendering):
    for pod in rendering.objects.pods():
        for container in (pod.container, *pod.sidecars):
            probes = [container.get(kind, {}) for kind in ("startupProbe", "readinessProbe", "livenessProbe")]
            for probe in [*probes, container.get("lifecycle", {}).get("preStop", {})]:
                for handler in ("httpGet", "grpc", "tcpSocket"):
                    if handler in probe:
                        assert pod.port(probe[handler]["port"])
            if pod.component not in ("test", "dnsutils"):
                assert all(probes), pod.name


def test_the_services_listen_where_their_ports_are(rendering):
    for component, port in (("gateway", "http"), ("grpc", "grpc"), ("js", "http")):
        pod = rendering.objects.pod(component)
        assert pod.environment["LISTEN_ADDRESS"] == f":{pod.ports[port]}"
        assert pod.ports["admin"] == 9090


def test_every_object_that_is_referred_to_exists(rendering):
    objects = rendering.objects
    there = {(object["kind"], object["metadata"]["name"]) for object in objects}
    for kind, name, by in references(objects):
        assert (kind, name) in there or name in NOT_OURS, f"{by} refers to {kind} {name}, which does not exist"


def references(objects):
    for pod in objects.pods():
        yield "ServiceAccount", pod.spec["serviceAccountName"], pod.name
        for secret in pod.spec.get("imagePullSecrets", []):
            yield "Secret", secret["name"], pod.name
        for volume in pod.spec.get("volumes", []):
            if "configMap" in volume:
                yield "ConfigMap", volume["configMap"]["name"], pod.name
            if "secret" in volume:
                yield "Secret", volume["secret"]["secretName"], pod.name
        for source in pod.container.get("envFrom", []):
            for kind, entry in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                if entry in source:
                    yield kind, source[entry]["name"], pod.name
    for binding in objects.of("RoleBinding"):
        yield "Role", binding["roleRef"]["name"], "RoleBinding"
        for subject in binding["subjects"]:
            yield subject["kind"], subject["name"], "RoleBinding"
    for kind in ("HTTPRoute", "GRPCRoute"):
        for route in objects.of(kind):
            for rule in route["spec"]["rules"]:
                for backend in rule["backendRefs"]:
                    yield "Service", backend["name"], kind
    for owner in objects.of("StatefulSet"):
        yield "Service", owner["spec"]["serviceName"], "StatefulSet"
    for scaler in objects.of("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        yield target["kind"], target["name"], "HorizontalPodAutoscaler"
    for ingress in objects.of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                yield "Service", path["backend"]["service"]["name"], "Ingress"
        for tls in ingress["spec"].get("tls", []):
            yield "Secret", tls["secretName"], "Ingress"


def test_each_mounted_volume_exists_and_each_volume_is_mounted(rendering):
    for pod in rendering.objects.pods():
        mounted = {mount["name"] for container in (pod.container, *pod.sidecars) for mount in container.get("volumeMounts", [])}
        claimed = {claim["metadata"]["name"] for claim in pod.owner["spec"].get("volumeClaimTemplates", [])}
        assert mounted == {volume["name"] for volume in pod.spec.get("volumes", [])} | claimed, pod.name


def test_the_ingress_names_a_port_of_its_service():
    objects = render(*EVERYTHING).objects
    assert len(objects.of("Ingress")) == 2
    for ingress in objects.of("Ingress"):
        backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        service = objects.one("Service", backend["name"])
        assert backend["port"]["name"] in [port["name"] for port in service["spec"]["ports"]]


def test_hosts_that_pods_are_told_of_are_services_with_that_port(rendering):
    objects = rendering.objects
    ports = {
        service["metadata"]["name"]: [port["port"] for port in service["spec"]["ports"]]
        for service in objects.of("Service")}
    gateway = objects.pod("gateway").environment
    targets = [gateway["HTTP_TARGET"].split("/")[2]]
    if source := gateway.get("POD_SOURCE"):
        targets.append(source.removeprefix("dns:///"))
    scheme, _, target = gateway["GRPC_TARGET"].partition(":")
    match scheme:
        case "dns":
            targets.append(target.removeprefix("///"))
        case "kubernetes":
            name, _, port = target.removeprefix("///").partition(":")
            service = objects.one("Service", name.removesuffix(".sample"))
            assert [entry["name"] for entry in service["spec"]["ports"]] == [port]
        case "ipv4":
            assert target == f"127.0.0.1:{listener(objects, 'sidecar.yaml')}"
        case "etcd" | "consul":
            grpc = objects.pod("grpc").environment
            assert target.removeprefix("///") == grpc["REGISTRY_SERVICE"]
            variable = {"etcd": "ETCD_ENDPOINTS", "consul": "CONSUL_HTTP_ADDR"}[scheme]
            assert gateway[variable] == grpc[variable]
            targets += [each for each in gateway[variable].split(",") if "example.com" not in each and "//" not in each]
        case _:
            raise AssertionError(scheme)
    targets += [pod.environment["ENTRY"].removeprefix("http://") for pod in objects.pods() if pod.component == "test"]
    for target in targets:
        name, _, port = target.partition(":")
        assert int(port) in ports[name], target


def listener(objects, file: str) -> int:
    """Where an Envoy listens for calls, by its configuration."""
    configuration = yaml.safe_load(objects.one("ConfigMap", "sample-service-envoy")["data"][file])
    return configuration["static_resources"]["listeners"][0]["address"]["socket_address"]["port_value"]


def test_the_notebooks_names():
    objects = render().objects
    for component in COMPONENTS:
        assert objects.one("Deployment", f"sample-service-{component}")
        assert objects.one("Service", f"sample-service-{component}")
    assert objects.one("Service", "sample-service-grpc-headless")
    for component in COMPONENTS - {"nginx"}:
        assert objects.pod(component).container["image"] == f"sample-service-{component}:0.1.0"
