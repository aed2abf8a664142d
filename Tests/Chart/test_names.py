"""Names and labels: those of 0.1.0 for its release, and no two alike for any others."""

import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

from support.helm import Refusal, render
from support.paths import CHART, GOLDEN, ROOT
from test_wiring import references, selectors

LONG = "x" * 48 + "-yyyy"


def names_and_selectors(objects) -> dict[str, list]:
    return {f"{each['kind']} {each['metadata']['name']}": selectors(each) for each in objects}


def test_the_release_sample_service_has_the_names_and_selectors_of_0_1_0():
    """A Deployment's selector cannot be changed, and an object of another name is another object: an upgrade would fail,
    or take away what it replaces. The file is 0.1.0's, for good."""
    before = yaml.safe_load((GOLDEN / "names-0.1.0.yaml").read_text())
    now = names_and_selectors(render(namespace="default").objects)
    assert {name: now.get(name) for name in before} == before


@pytest.mark.parametrize("release", ["a", "sample-service", "my-sample-service-2", "x" * 34, "x" * 35, "x" * 53, LONG])
def test_names_fit_for_every_release_name(release):
    objects = render("dnsutils.enabled=true", release=release).objects
    assert len(set(objects.names)) == len(objects)
    for object in objects:
        name = object["metadata"]["name"]
        assert len(name) <= 63 and "--" not in name
    for kind, name, by in references(objects):
        assert objects.one(kind, name), by
    prefix = prefix_of(objects)
    assert all(object["metadata"]["name"].startswith(prefix + "-") for object in objects)
    assert len(f"{prefix}-envoy-sidecar") <= 63, "the longest name to come"


def prefix_of(objects) -> str:
    [name] = [service["metadata"]["name"] for service in objects.of("Service") if service["metadata"]["name"].endswith("-headless")]
    return name.removesuffix("-grpc-headless")


def test_names_follow_the_rule_that_charts_share():
    prefix = lambda *settings, release: prefix_of(render(*settings, release=release).objects)
    assert prefix(release="demo") == "demo-sample-service"
    assert prefix(release="my-sample-service") == "my-sample-service"
    assert prefix("nameOverride=hello", release="demo") == "demo-hello"
    assert prefix("nameOverride=hello", release="hello-2") == "hello-2"
    assert prefix("fullnameOverride=short", release="demo") == "short"
    assert prefix("fullnameOverride=short", release="1st") == "short"


@pytest.mark.parametrize("release", ["a", "sample-service", "sample-service-b", "x" * 34, "x" * 35, LONG])
def test_the_makefile_knows_the_names(release):
    script = subprocess.run([ROOT / "scripts" / "fullname", release], capture_output=True, text=True, check=True)
    assert script.stdout.strip() == prefix_of(render(release=release).objects)


@pytest.mark.parametrize("release", ["1st", "my.release"])
def test_a_release_whose_name_no_service_can_have_is_refused(release):
    with pytest.raises(Refusal, match=f'begin with "{release}-sample-service".*set fullnameOverride'):
        render(release=release)


@pytest.mark.parametrize("first,second", [("sample-service", "other"), ("x" * 50, "x" * 51), (LONG, "x" * 48 + "-yyyz")])
def test_two_releases_in_one_namespace_share_nothing(first, second):
    one, two = render(release=first).objects, render(release=second).objects
    assert not set(one.names) & set(two.names)
    for mine, others in ((one, two), (two, one)):
        for object in mine:
            kubernetes_validate.validate(object, kubernetes_validate.latest_version(), strict=True)
            assert object["metadata"]["namespace"] == "sample", "nothing belongs to the cluster as a whole"
            for selector in selectors(object):
                assert mine.selected(selector) and not others.selected(selector)


def test_names_that_yaml_would_take_for_numbers_stay_text():
    objects = render("fullnameOverride=e1", "nameOverride=007", "image.tag=1e3", release="1e3", namespace="123").objects
    for object in objects:
        assert object["metadata"]["namespace"] == "123"
        assert object["metadata"]["labels"]["app.kubernetes.io/instance"] == "1e3"
        assert object["metadata"]["labels"]["app.kubernetes.io/name"] == "007"
    assert objects.pod("grpc").container["image"].endswith(":1e3")


def test_a_chart_that_has_it_twice_gets_two_that_know_their_own_pods(tmp_path):
    (tmp_path / "charts").mkdir()
    shutil.copytree(CHART, tmp_path / "charts" / "sample-service")
    dependency = {"name": "sample-service", "version": "0.1.0", "repository": "", "condition": "blue.enabled"}
    (tmp_path / "Chart.yaml").write_text(yaml.safe_dump({
        "apiVersion": "v2", "name": "parent", "version": "1.0.0", "dependencies": [
            {**dependency, "alias": "blue"}, {**dependency, "alias": "green", "condition": "green.enabled"}]}))
    both = render("blue.grpc.replicas=3", "global.team=a", "green.service.nodePort=null", release="demo", chart=tmp_path).objects
    assert len(set(both.names)) == len(both) == 2 * len(render().objects)
    for object in both:
        for selector in selectors(object):
            assert len(both.selected(selector)) == 1 or object["metadata"]["labels"]["app.kubernetes.io/component"] == "test"
    for kind, name, by in references(both):
        assert both.one(kind, name), by
    assert both.one("Deployment", "demo-blue-grpc")["spec"]["replicas"] == 3

    for object in both:
        kubernetes_validate.validate(object, kubernetes_validate.latest_version(), strict=True)

    one = render("green.enabled=false", "blue.enabled=true", release="demo", chart=tmp_path).objects
    assert {prefix_of(one)} == {"demo-blue"} and len(one) == len(both) / 2


def test_a_release_of_another_name_made_by_0_1_0_can_be_upgraded():
    """0.1.0 named its objects after the release alone, as the chart's README says."""
    before = yaml.safe_load((GOLDEN / "names-0.1.0.yaml").read_text())
    now = names_and_selectors(render("fullnameOverride=demo", release="demo").objects)
    for name, expected in before.items():
        kind, _, rest = name.partition(" sample-service-")
        assert now[f"{kind} demo-{rest}"] == [
            {**selector, "app.kubernetes.io/instance": "demo"} for selector in expected]
