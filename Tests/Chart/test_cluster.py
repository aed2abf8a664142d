"""The files around the chart: kind's, metrics-server's, scripts, Dockerfile, workflow."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from support.helm import Refusal, render
from support.paths import CHART, ROOT, tool


def load(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def test_kind_maps_the_node_port_of_the_chart_to_this_machine():
    [port] = render().objects.one("Service", "sample-service-nginx")["spec"]["ports"]
    for name in ("kind.yaml", "kind-ha.yaml"):
        cluster = load(name)
        assert (cluster["kind"], cluster["apiVersion"], cluster["name"]) == ("Cluster", "kind.x-k8s.io/v1alpha4", "local-dev")
        mappings = [mapping for node in cluster["nodes"] for mapping in node.get("extraPortMappings", [])]
        assert [(mapping["containerPort"], mapping["hostPort"]) for mapping in mappings] == [(port["nodePort"], 31234)]


def test_the_layouts_of_the_clusters():
    roles = lambda name: sorted(node["role"] for node in load(name)["nodes"])
    assert roles("kind.yaml") == ["control-plane"]
    assert roles("kind-ha.yaml") == ["control-plane"] * 3 + ["worker"] * 3


def test_metrics_server_trusts_kinds_kubelets():
    assert "--kubelet-insecure-tls" in load("helm/metrics-server.yaml")["args"]


def test_hadolint_is_content_with_the_dockerfile():
    result = subprocess.run([tool("hadolint"), "--failure-threshold", "style", ROOT / "docker" / "Dockerfile"],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = (ROOT / "docker" / "Dockerfile").read_text().splitlines()
    for reason, line in zip(lines, lines[1:]):
        if "hadolint ignore" in line:
            assert re.match(r"# \w.*\.$", reason), f"an exception without its reason above it: {line}"


def test_shellcheck_is_content_with_the_scripts_in_pods():
    result = subprocess.run([tool("shellcheck"), *(CHART / "files").rglob("*.sh")], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_component_of_ours_has_an_image():
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    stages = set(re.findall(r"^FROM .* AS (\S+)$", dockerfile, re.MULTILINE))
    for component in ("gateway", "grpc", "js"):
        assert {component, f"{component}-debug"} <= stages


def test_no_documented_upgrade_keeps_an_old_charts_defaults():
    """With --reuse-values a value that the chart has gained has no default at all."""
    for path in (ROOT / "Makefile", ROOT / "README.md", CHART / "README.md", CHART / "templates" / "NOTES.txt",
                 *(ROOT / "docs").rglob("*.md"), *(ROOT / "scripts").iterdir(), ROOT / ".github" / "workflows" / "ci.yaml"):
        for line in path.read_text().splitlines():
            assert not re.search(r"helm\S* .*--reuse-values", line), f"{path.name}: {line}"


def test_an_upgrade_that_lacks_a_new_value_is_refused(tmp_path):
    """What --reuse-values would do: the old chart's values in place of the new one's."""
    old = yaml.safe_load((CHART / "values.yaml").read_text())
    del old["dns"]
    shutil.copytree(CHART, tmp_path / "chart")
    (tmp_path / "chart" / "values.yaml").write_text(yaml.safe_dump(old))
    with pytest.raises(Refusal, match="dns"):
        render(chart=tmp_path / "chart")


def test_an_image_is_built_without_tests(tmp_path):
    """So an edit of a test rebuilds nothing: tests are neither in what Docker sends nor in the manifest."""
    sent = (ROOT / ".dockerignore").read_text().split("\n*\n")[1].split()
    assert sent == ["!Package.swift", "!Sources", "!web"]
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    build = dockerfile[dockerfile.index(" AS build"):dockerfile.index(" AS symbols")]
    [variables] = re.findall(r"^ENV (.*)$", build, re.MULTILINE)
    for each in sent:
        (tmp_path / each[1:]).symlink_to(ROOT / each[1:])
    # Fails if the manifest names a folder that is not there.
    described = subprocess.run(
        ["swift", "package", "--scratch-path", tmp_path / "build", "describe", "--type", "json"], cwd=tmp_path,
        env={**os.environ, **dict(each.split("=") for each in variables.split())}, capture_output=True, text=True)
    assert described.returncode == 0, described.stderr
    targets = json.loads(described.stdout)["targets"]
    assert targets and not [target["path"] for target in targets if not target["path"].startswith("Sources/")]
    assert re.search(r"--mount=type=cache,\S*target=/source/\.build\b", build), "what was compiled is kept for the next build"


def test_the_workflow_runs_what_it_says():
    jobs = load(".github/workflows/ci.yaml")["jobs"]
    commands = "\n".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    for command in (".ci/run", "make images", "make kind-up", "make kind-load", "make deploy", "make helm-test"):
        assert command in commands
    for job in jobs.values():
        for step in job["steps"]:
            assert re.fullmatch(r"[\w./-]+@v[\d.]+", step.get("uses", "a@v1")), "actions go by version"


def test_what_the_documents_ask_for_is_what_the_commands_need():
    """helm's --reset-then-reuse-values came with 3.14, Docker's own BuildKit, for the cache mount, with 23.0."""
    readme = (ROOT / "README.md").read_text()
    cluster = readme[readme.index("## In a cluster"):readme.index("## Play with it")]
    assert "--reset-then-reuse-values" in (ROOT / "Makefile").read_text() and "helm 3.14" in cluster
    assert "--mount=type=cache" in (ROOT / "docker" / "Dockerfile").read_text() and "Docker 23" in cluster
    assert "not been seen to run" in " ".join(cluster.split()), "take it out once somebody has seen the workflow pass"
