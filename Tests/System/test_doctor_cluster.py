"""`samplectl doctor --cluster`: what it says of objects that a real API server told. kubectl is a fake that prints them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.paths import PROGRAMS, ROOT
from support.programs import clean

RECORDINGS = ROOT / "Tests/tools/Recordings/kubernetes"
HEADLESS = "dns:///sample-service-grpc-headless:8080"
PROVOKED: set[str] = set()

FAKE = """#!/bin/sh
# A fake: it prints what a real one printed, and notes what it was asked.
echo "$@" > {folder}/asked
{warning}
{command}
"""


class Cluster:
    """What the fake kubectl answers with."""

    def __init__(self, folder: Path):
        self._folder = folder
        (folder / "bin").mkdir()
        self.answer(healthy())

    def answer(self, objects: dict, warning: str = ""):
        (self._folder / "objects.json").write_text(json.dumps(objects, indent=4))
        self._write(f"cat {self._folder}/objects.json", warning)

    def fail(self, message: str):
        self._write(f"echo 'E1122 memcache.go:265] a try' >&2; echo '{message}' >&2; exit 1", "")

    def print(self, command: str):
        self._write(command, "")

    def _write(self, command: str, warning: str):
        kubectl = self._folder / "bin" / "kubectl"
        kubectl.write_text(FAKE.format(folder=self._folder, command=command, warning=warning))
        kubectl.chmod(0o755)

    @property
    def asked(self) -> str:
        return (self._folder / "asked").read_text().strip()

    def run(self, *options: str) -> subprocess.CompletedProcess:
        environment = clean({}) | {"PATH": f"{self._folder}/bin:{os.environ['PATH']}"}
        return subprocess.run([PROGRAMS / "samplectl", "doctor", *options, "--cluster"], env=environment,
                              capture_output=True, text=True, timeout=20)

    def doctor(self, *options: str) -> list[dict]:
        result = self.run("-o", "json", *options)
        assert result.returncode in (0, 1) and result.stderr == "", result
        findings = json.loads(result.stdout)["findings"]
        assert (result.returncode == 1) == bool(findings)
        return findings


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path)


def recorded(name: str) -> dict:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def healthy() -> dict:
    return recorded("healthy")


def named(objects: dict, kind: str, name: str) -> dict:
    [found] = [item for item in objects["items"] if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    return found


def environment(objects: dict, component: str) -> dict[str, dict]:
    [container] = named(objects, "Deployment", f"sample-service-{component}")["spec"]["template"]["spec"]["containers"]
    return {variable["name"]: variable for variable in container["env"]}


def test_a_healthy_cluster_is_nothing_to_report(cluster):
    result = cluster.run()
    assert result.returncode == 0 and result.stdout.endswith("\nnothing to report\n"), result
    assert "sample-service-grpc-headless (headless, 5 ready)" in " ".join(result.stdout.split())
    assert cluster.asked == "get services,endpointslices.discovery.k8s.io,deployments.apps,pods," \
        "networkpolicies.networking.k8s.io -o json --request-timeout=20s"


def test_the_namespace_is_passed_on_and_a_warning_does_no_harm(cluster):
    cluster.answer(healthy(), "echo 'Warning: something is deprecated' >&2")
    assert cluster.doctor("-n", "default") == []
    assert cluster.asked.endswith(" -n default")


def test_an_empty_namespace_is_not_the_current_one(cluster):
    result = cluster.run("-n", "")
    assert result.returncode == 64 and "--namespace is empty" in result.stderr, result


FAULTS = {
    "selector-matches-nothing": ("selects-nothing", "Service default/sample-service-grpc-headless", "spec.selector"),
    "wrong-target-port": ("target-port-undeclared", "Service default/sample-service-grpc", "spec.ports[grpc].targetPort"),
    "target-port-name-unknown":
        ("target-port-unknown", "Service default/sample-service-grpc", "spec.ports[grpc].targetPort"),
    "readiness-fails": ("readiness-fails", "Deployment default/sample-service-grpc",
                        "spec.template.spec.containers[grpc].readinessProbe"),
    "image-missing": ("image-missing", "Deployment default/sample-service-grpc", "spec.template.spec.containers[grpc].image"),
    "crash-loop": ("crashes", "Deployment default/sample-service-grpc", "spec.template.spec.containers[grpc].env"),
    "unschedulable": ("unschedulable", "Deployment default/sample-service-grpc", "spec.template.spec"),
    "no-pods": ("no-pods", "Deployment default/sample-service-grpc", "spec.replicas"),
}
PROVOKED.update(fault[0] for fault in FAULTS.values())


@pytest.mark.parametrize("recording", FAULTS)
def test_each_recorded_fault_is_named_with_object_and_field(cluster, recording):
    cluster.answer(recorded(recording))
    [finding] = cluster.doctor()
    assert (finding["id"], finding["object"], finding["field"]) == FAULTS[recording]


def change_target(objects: dict, target: str):
    environment(objects, "gateway")["GRPC_TARGET"]["value"] = target


def change_policy(objects: dict):
    environment(objects, "gateway")["LOAD_BALANCING_POLICY"]["value"] = "pick_first"


def change_age(objects: dict):
    environment(objects, "grpc")["MAX_CONNECTION_AGE"]["value"] = "off"


def change_port(objects: dict):
    named(objects, "Service", "sample-service-grpc-headless")["spec"]["ports"][0]["port"] = 50051
    change_target(objects, "dns:///sample-service-grpc-headless:50051")


def close_ingress(objects: dict):
    named(objects, "NetworkPolicy", "sample-service-grpc")["spec"]["ingress"] = []


def deny_all(objects: dict):
    """Beside those that allow something, it forbids nothing."""
    policy = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    objects["items"].append({"kind": "NetworkPolicy", "metadata": {"name": "none", "namespace": "default"}, "spec": policy})


CHANGES = [
    ("not-headless", "Service default/sample-service-grpc", lambda objects: change_target(objects, "sample-service-grpc:8080")),
    ("pick-first", "Deployment default/sample-service-gateway", change_policy),
    ("age-off", "Deployment default/sample-service-grpc", change_age),
    ("service-missing", "Service default/orders", lambda objects: change_target(objects, "dns:///orders:8080")),
    ("port-unknown", "Deployment default/sample-service-gateway",
     lambda objects: change_target(objects, "dns:///sample-service-grpc-headless:80")),
    ("port-translated", "Service default/sample-service-grpc-headless", change_port),
    ("policy-forbids", "NetworkPolicy default/sample-service-grpc", close_ingress),
]
PROVOKED.update(expected for expected, _, _ in CHANGES)


@pytest.mark.parametrize("expected, place, change", CHANGES, ids=[change[0] for change in CHANGES])
def test_a_fault_that_is_made_is_named(cluster, expected, place, change):
    objects = healthy()
    change(objects)
    cluster.answer(objects)
    [finding] = cluster.doctor()
    assert (finding["id"], finding["object"]) == (expected, place)
    assert finding["field"]


PROVOKED.add("no-endpoints")


def test_a_service_whose_pods_cannot_start_is_named_with_what_they_wait_for(cluster):
    objects = recorded("readiness-fails")
    secret = {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}
    for pod in (item for item in objects["items"] if item["kind"] == "Pod"):
        for status in pod["status"].get("containerStatuses", []) if "sample-service-grpc" in pod["metadata"]["name"] else []:
            status.update(state={"waiting": secret}, lastState={}, restartCount=0)
    cluster.answer(objects)
    findings = cluster.doctor()
    assert {finding["id"] for finding in findings} == {"no-endpoints"}
    assert {finding["object"] for finding in findings} == {
        "Service default/sample-service-grpc", "Service default/sample-service-grpc-headless"}
    assert 'container grpc: CreateContainerConfigError: secret "x" not found' in findings[0]["evidence"][0]


def test_a_policy_that_forbids_all_takes_nothing_from_those_that_allow(cluster):
    objects = healthy()
    deny_all(objects)
    cluster.answer(objects)
    assert cluster.doctor() == []
    objects["items"] = [item for item in objects["items"]
                        if item["kind"] != "NetworkPolicy" or item["metadata"]["name"] == "none"]
    cluster.answer(objects)
    findings = cluster.doctor()
    assert {finding["id"] for finding in findings} == {"policy-forbids"}
    assert {finding["object"] for finding in findings} == {"NetworkPolicy default/none"}
    assert {finding["field"] for finding in findings} == {"spec.ingress", "spec.egress"}


def test_a_target_narrows_it_down(cluster):
    cluster.answer(recorded("selector-matches-nothing"))
    assert cluster.doctor("dns:///sample-service-grpc:8080") == []
    assert [finding["id"] for finding in cluster.doctor(HEADLESS)] == ["selects-nothing"]
    assert [finding["id"] for finding in cluster.doctor("dns:///orders:50051")] == ["service-missing"]


def test_a_target_of_another_namespace_is_looked_for_there(cluster):
    cluster.doctor("sample-service-grpc.default:8080")
    assert cluster.asked.endswith(" -n default")
    result = cluster.run("orders.shop:50051", "-n", "default")
    assert result.returncode == 64 and "is of namespace shop, and -n says default" in result.stderr


@pytest.mark.parametrize("target", ["orderz", "ipv4:10.0.0.1:50051", "api.example.com:443"])
def test_a_target_that_names_no_service_is_64(cluster, target):
    result = cluster.run(target)
    assert (result.returncode, result.stdout) == (64, "") and "names no Service of a cluster" in result.stderr


@pytest.mark.parametrize("objects", [[], [{"kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default"}}]])
def test_an_empty_namespace_cannot_be_examined(cluster, objects):
    cluster.answer({"items": objects})
    result = cluster.run("-n", "shpo")
    assert (result.returncode, result.stdout) == (1, "") and "namespace shpo has no Service" in result.stderr
    assert cluster.run("orders.shpo:50051").returncode == 1


def test_an_answer_of_many_megabytes_is_read_and_one_without_end_is_not(cluster):
    objects = healthy()
    objects["items"].append({"kind": "ConfigMap", "metadata": {"name": "x"}, "data": "x" * (5 << 20)})
    cluster.answer(objects)
    assert cluster.doctor() == []
    cluster.print("head -c 269000000 /dev/zero")
    result = cluster.run()
    assert result.returncode == 1 and "kubectl's answer is longer than 256 MiB" in result.stderr


def test_what_kubectl_cannot_do_is_told(cluster):
    cluster.fail("Error from server (Forbidden): pods is forbidden")
    result = cluster.run()
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "samplectl: kubectl get: exit status 1: Error from server (Forbidden): pods is forbidden\n"
