"""The Makefile's targets for the cluster: which commands they run, and what they say where a program is missing."""

import os
import re
import subprocess

import pytest

from support.paths import ROOT, tool

VERSION = re.search(
    r'static let current = "([^"]+)"', (ROOT / "Sources" / "ServiceKit" / "ServiceIdentity.swift").read_text()).group(1)
KUBECTL = "kubectl --context kind-local-dev --namespace default"
HELM = "helm --kube-context kind-local-dev --namespace default"

# target and variables → the commands, as they are typed
TARGETS = {
    ("kind-up",): ["kind get clusters", "kind create cluster --config kind.yaml --wait 3m"],
    ("kind-up", "LAYOUT=kind-ha.yaml"): ["kind get clusters", "kind create cluster --config kind-ha.yaml --wait 3m"],
    ("images",): [
        f"docker build --file docker/Dockerfile --target {component} --build-arg VERSION={VERSION} "
        f"--build-arg REVISION=REV --tag sample-service-{component}:{VERSION} ." for component in ("grpc", "gateway", "js")],
    ("images", "PLATFORMS=linux/amd64,linux/arm64", "REGISTRY=r.example.com/t"): [
        f"docker buildx build --platform linux/amd64,linux/arm64 --push --file docker/Dockerfile --target {component} "
        f"--build-arg VERSION={VERSION} --build-arg REVISION=REV --tag r.example.com/t/sample-service-{component}:{VERSION} ."
        for component in ("grpc", "gateway", "js")],
    ("kind-load",): [
        "kind load docker-image --name local-dev " + " ".join(
            f"sample-service-{component}:{VERSION}" for component in ("grpc", "gateway", "js"))],
    ("deploy",): [
        f"{HELM} upgrade --install sample-service helm/sample-service --create-namespace --set service.type=NodePort "
        "--set service.nodePort=31234 --set dnsutils.enabled=true --wait --timeout 5m"],
    ("curl",): ["curl --fail --silent --show-error --max-time 70 http://localhost:31234/go/sample"],
    ("curl", "QUERY=?delay=15s"): [
        "curl --fail --silent --show-error --max-time 70 http://localhost:31234/go/sample?delay=15s"],
    ("logs", "RELEASE=other"): ["stern --context kind-local-dev --namespace default ^other-sample-service-grpc-"],
    ("restart", "RELEASE=my-sample-service"): [
        f"{KUBECTL} rollout restart deployment/my-sample-service-grpc",
        f"{KUBECTL} rollout status deployment/my-sample-service-grpc --timeout 10m"],
    ("deploy", "RELEASE=other", "FULLNAME=o"): [
        f"{HELM} upgrade --install other helm/sample-service --create-namespace --set service.type=NodePort "
        "--set service.nodePort=31234 --set dnsutils.enabled=true --set fullnameOverride=o --wait --timeout 5m"],
    ("logs",): ["stern --context kind-local-dev --namespace default ^sample-service-grpc-"],
    ("scale",): [
        f"{HELM} upgrade sample-service helm/sample-service --reset-then-reuse-values --set grpc.replicas=10 --wait --timeout 5m"],
    ("scale", "N=1"): [
        f"{HELM} upgrade sample-service helm/sample-service --reset-then-reuse-values --set grpc.replicas=1 --wait --timeout 5m"],
    ("restart",): [
        f"{KUBECTL} rollout restart deployment/sample-service-grpc",
        f"{KUBECTL} rollout status deployment/sample-service-grpc --timeout 10m"],
    ("top",): [
        "helm --kube-context kind-local-dev upgrade --install metrics-server metrics-server --namespace kube-system --repo "
        "https://kubernetes-sigs.github.io/metrics-server --values helm/metrics-server.yaml --wait --timeout 3m",
        f"{KUBECTL} top pods"],
    ("nslookup",): [
        f"{KUBECTL} exec deployment/sample-service-dnsutils -- nslookup sample-service-grpc",
        f"{KUBECTL} exec deployment/sample-service-dnsutils -- nslookup sample-service-grpc-headless"],
    ("helm-test",): [f"{HELM} test sample-service --logs"],
    ("undeploy",): [f"{HELM} uninstall sample-service --wait"],
    ("kind-down",): ["kind delete cluster --name local-dev"],
}


def make(folder, *arguments: str, programs=()) -> tuple[subprocess.CompletedProcess, list[str]]:
    """Runs make where only these programs exist, each one a stand-in that notes how it was called."""
    calls = folder / "calls"
    for name in ("bash", "cat", "env", "grep", "make", "sed", "sha256sum"):
        (folder / name).symlink_to(tool(name))
    for program in programs:
        (folder / program).write_text(f'#!/bin/bash\necho "{program} $*" >>"{calls}"\n')
        (folder / program).chmod(0o755)
    (folder / "git").write_text("#!/bin/bash\necho REV\n")
    (folder / "git").chmod(0o755)
    result = subprocess.run(
        ["make", *arguments], cwd=ROOT, env={"PATH": str(folder), "HOME": os.environ.get("HOME", "/")}, executable=folder / "make",
        capture_output=True, text=True)
    return result, calls.read_text().splitlines() if calls.exists() else []


@pytest.mark.parametrize("arguments,expected", TARGETS.items(), ids=[" ".join(arguments) for arguments in TARGETS])
def test_a_target_runs_its_commands_and_shows_them(arguments, expected, tmp_path):
    result, calls = make(tmp_path, *arguments, programs=["docker", "kind", "kubectl", "helm", "stern", "curl"])
    assert result.returncode == 0, result.stderr
    assert [call.strip() for call in calls] == expected
    shown = re.sub(r"\\\n\s*", "", result.stdout)
    for command in expected:
        assert command.split()[0] in shown and command.split()[-1] in shown.replace("$component", command.split()[-1])


@pytest.mark.parametrize("target", dict.fromkeys(arguments[0] for arguments in TARGETS))
def test_a_target_says_which_program_is_missing_and_where_to_get_it(target, tmp_path):
    result, calls = make(tmp_path, target)
    assert result.returncode != 0 and not calls
    assert re.search(r"^(docker|kind|kubectl|helm|stern|curl) is not on the PATH \(.*https://", result.stderr, re.MULTILINE)


def test_a_failing_build_stops_make(tmp_path):
    result, _ = make(tmp_path, "images", programs=["docker"])
    assert result.returncode == 0
    (tmp_path / "docker").write_text("#!/bin/bash\nexit 7\n")
    result = subprocess.run(["make", "images"], cwd=ROOT, env={"PATH": str(tmp_path)}, executable=tmp_path / "make",
                            capture_output=True, text=True)
    assert result.returncode != 0
