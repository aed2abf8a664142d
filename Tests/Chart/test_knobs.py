"""What a cluster's keeper sets for pods and Services: passed on to Kubernetes, and nothing of the chart's is lost by it."""

import pytest

from support.cases import EVERYTHING, knobs
from support.helm import render

COMPONENTS = ["nginx", "gateway", "grpc", "js", "dnsutils"]
SELECTED_BY = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"]


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_is_set_for_the_pods_of_a_component_reaches_those_and_no_others(component):
    objects = render("dnsutils.enabled=true", *knobs(component)).objects
    for pod in objects.pods():
        expected = pod.component == component or (component, pod.component) == ("nginx", "test")
        assert (pod.spec.get("nodeSelector") == {"disk": "ssd"}) == expected
        assert (pod.spec.get("tolerations") == [{"key": "dedicated", "operator": "Exists"}]) == expected
        assert ("nodeAffinity" in pod.spec.get("affinity", {})) == expected
        assert (pod.spec.get("priorityClassName") == "important") == expected
    metadata = objects.pod(component).owner["spec"]["template"]["metadata"]
    assert metadata["labels"]["team"] == "a" and metadata["labels"].keys() == {"team", *SELECTED_BY}
    assert metadata["annotations"]["example.com/scrape"] == "no"
    assert ("checksum/configuration" in metadata["annotations"]) == (component == "nginx")
    env = objects.pod(component).container["env"]
    assert {"name": "TZ", "value": "UTC"} in env
    assert [entry for entry in env if entry["name"] == "LOG_LEVEL"] == [
        {"name": "LOG_LEVEL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "level"}}}]


def test_a_spreading_of_ones_own_takes_the_place_of_the_charts():
    for component in ("nginx", "gateway", "grpc", "js"):
        pod = render(*knobs(component)).objects.pod(component)
        [constraint] = pod.spec["topologySpreadConstraints"]
        assert (constraint["topologyKey"], constraint["maxSkew"]) == ("rack", 2)
        assert constraint["labelSelector"]["matchLabels"] == {name: pod.labels[name] for name in SELECTED_BY}


def test_no_variable_is_there_twice(rendering):
    for pod in rendering.objects.pods():
        names = [entry["name"] for entry in pod.container.get("env", [])]
        assert len(names) == len(set(names)), pod.name


def test_the_entry_is_as_the_cloud_wants_it():
    service = render(
        "service.type=LoadBalancer", "service.loadBalancerClass=example.com/internal", "service.externalTrafficPolicy=Local",
        "service.annotations.example\\.com/kind=internal").objects.one("Service", "sample-service-nginx")
    assert service["spec"]["loadBalancerClass"] == "example.com/internal"
    assert service["spec"]["externalTrafficPolicy"] == "Local"
    assert service["metadata"]["annotations"] == {"example.com/kind": "internal"}
    plain = render().objects.one("Service", "sample-service-nginx")
    assert not {"loadBalancerClass", "externalTrafficPolicy"} & plain["spec"].keys() and "annotations" not in plain["metadata"]


def test_one_registry_is_for_every_image_and_without_it_stock_images_have_their_own():
    images = lambda *settings: {pod.component: pod.container["image"] for pod in render("dnsutils.enabled=true", *settings).objects.pods()}
    assert images()["nginx"].startswith("docker.io/nginxinc/") and images()["dnsutils"].startswith("registry.k8s.io/")
    assert images()["test"] == images()["nginx"]
    mirrored = images("image.registry=mirror.example.com/team")
    assert {name for name, image in mirrored.items() if not image.startswith("mirror.example.com/team/")} == set()
    assert mirrored["nginx"].count("/") == 3 and "docker.io" not in mirrored["nginx"]
    assert images("nginx.image.registry=quay.io")["nginx"].startswith("quay.io/nginxinc/")
