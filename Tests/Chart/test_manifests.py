"""What Helm makes of the chart is valid and as it was."""

import difflib
import functools
import os
import re
import subprocess
import sys

import kubernetes_validate
import pytest
import yaml

from support.cases import CASES, EVERYTHING, MODES, MONITORING, mode
from support.helm import helm_python, lint, render
from support.paths import CHART, GOLDEN, ROOT, tool

# Without it each of the 1455 objects has the definitions of all kinds read anew, 1.8 MB of JSON: half of all the work.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)
OTHERS = [name for name in MODES if name != "headless"]
OLDEST, NEWEST = "1.28", kubernetes_validate.latest_version()


def test_helm_lint_has_nothing_to_say():
    assert lint() == []


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_manifest_is_valid(rendering, version):
    for object in rendering.objects:
        if object["apiVersion"].startswith(("gateway.networking.k8s.io/", "monitoring.coreos.com/")):
            continue  # a resource that is no part of Kubernetes: see test_edge.py and test_monitoring.py
        kubernetes_validate.validate(object, version, strict=True)


@pytest.mark.parametrize("version", ["1.29", "1.32", "1.35"])
@pytest.mark.parametrize("case", ["every mode's parts", "mode envoy-sidecar", "mode mesh of Linkerd", "mutual TLS", "an etcd with a volume"])
def test_what_modes_bring_is_valid_in_the_versions_between(case, version):
    for object in render(*CASES[case]).objects:
        kubernetes_validate.validate(object, version, strict=True)


def test_the_schemas_notice_a_wrong_field():
    object = dict(render().objects.one("Service", "sample-service-grpc"))
    object["spec"] = {**object["spec"], "portz": []}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(object, NEWEST, strict=True)


def test_no_two_objects_have_the_same_name(rendering):
    assert len(set(rendering.objects.names)) == len(rendering.objects)


def test_default_rendering_is_the_golden_file(update_golden):
    golden = GOLDEN / "default.yaml"
    rendered = render(namespace="default").manifests
    if update_golden:
        golden.write_text(rendered)
    if not helm_python:
        # helm's own program has another order and other comments.
        assert by_identity(golden.read_text()) == by_identity(rendered)
        return
    difference = "".join(difflib.unified_diff(
        golden.read_text().splitlines(True), rendered.splitlines(True), "golden", "rendered"))
    assert not difference, f"the rendering has changed; if that is meant, run `make chart-golden`\n{difference}"


DIFFERENCES = {**{f"mode-{name}": mode(name) for name in OTHERS}, "monitoring": MONITORING}


@pytest.mark.skipif(not helm_python, reason="helm's own program has another order and other comments")
@pytest.mark.parametrize("settings", DIFFERENCES.values(), ids=DIFFERENCES.keys())
def test_what_a_mode_and_monitoring_change_is_their_golden_file(settings, request, update_golden):
    """As a difference to default.yaml. ConfigMaps are left out: their texts are files of the chart."""
    golden = GOLDEN / f"{request.node.callspec.id}.diff"
    default, rendered = (without_texts(render(*each, namespace="default").manifests) for each in ((), settings))
    difference = "".join(
        re.sub("^@@.*", "@@", line) for line in difflib.unified_diff(default, rendered, "default", golden.stem.removeprefix("mode-"), n=5))
    if update_golden:
        golden.write_text(difference)
    assert golden.read_text() == difference, "the rendering has changed; if that is meant, run `make chart-golden`"


def without_texts(manifests: str) -> list[str]:
    documents = [each for each in re.split("(?m)^(?=---$)", manifests) if "\nkind: ConfigMap\n" not in each]
    return re.sub("(checksum/configuration): .*", r"\1: …", "".join(documents)).splitlines(True)


def by_identity(manifests: str) -> dict:
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(manifests) if each}


@pytest.mark.skipif(not helm_python, reason="there is no engine for this processor: helm itself renders")
def test_a_helm_on_the_path_changes_nothing(tmp_path):
    """Another Helm than the tests' own orders, comments and words things in other ways."""
    (tmp_path / "helm").write_text(f"#!/bin/sh\necho called >>{tmp_path}/calls\nexit 7\n")
    (tmp_path / "helm").chmod(0o755)
    program = "from support.helm import lint, render; print(render().manifests, end='', flush=True); assert lint() == []"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=GOLDEN.parent, capture_output=True, text=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (result.returncode, result.stdout) == (0, render().manifests), result.stderr
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize(
    "settings", [(), EVERYTHING, CASES["every mode's parts"], CASES["mutual TLS"], CASES["routes of a Gateway"], CASES["an etcd with a volume"]],
    ids=["defaults", "everything", "every mode's parts", "mutual TLS", "routes of a Gateway", "an etcd with a volume"])
def test_yamllint_is_content_with_the_manifests(settings, tmp_path):
    manifests = tmp_path / "manifests.yaml"
    # Envoy's configuration says things that cannot be said on shorter lines.
    manifests.write_text("".join(
        each for each in re.split("(?m)^(?=---$)", render(*settings).manifests) if "envoy/configmap.yaml" not in each))
    yamllint(manifests)


def test_yamllint_is_content_with_the_files():
    yamllint(CHART / "values.yaml", CHART / "Chart.yaml", CHART / "files" / "modes", *ROOT.glob("kind*.yaml"),
             *ROOT.glob("helm/*.yaml"), *ROOT.glob(".github/workflows/*.yaml"))


def yamllint(*paths):
    configuration = GOLDEN.parent / "yamllint.yaml"
    result = subprocess.run(
        [tool("yamllint"), "--strict", "--config-file", configuration, *paths], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
