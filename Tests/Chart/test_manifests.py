"""What Helm makes of the chart is valid and as it was."""

import difflib
import functools
import os
import subprocess
import sys

import kubernetes_validate
import pytest
import yaml

from support.cases import EVERYTHING
from support.helm import helm_python, lint, render
from support.paths import CHART, GOLDEN, ROOT, tool

# Without it each of the 1455 objects has the definitions of all kinds read anew, 1.8 MB of JSON: half of all the work.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)
OLDEST, NEWEST = "1.28", kubernetes_validate.latest_version()


def test_helm_lint_has_nothing_to_say():
    assert lint() == []


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_manifest_is_valid(rendering, version):
    for object in rendering.objects:
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


@pytest.mark.parametrize("settings", [(), EVERYTHING], ids=["defaults", "everything"])
def test_yamllint_is_content_with_the_manifests(settings, tmp_path):
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(render(*settings).manifests)
    yamllint(manifests)


def test_yamllint_is_content_with_the_files():
    yamllint(CHART / "values.yaml", CHART / "Chart.yaml", CHART / "files" / "modes", *ROOT.glob("kind*.yaml"),
             *ROOT.glob("helm/*.yaml"), *ROOT.glob(".github/workflows/*.yaml"))


def yamllint(*paths):
    configuration = GOLDEN.parent / "yamllint.yaml"
    result = subprocess.run(
        [tool("yamllint"), "--strict", "--config-file", configuration, *paths], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
