"""Every pod keeps to the Pod Security Standard "restricted", and to a budget."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from support.cases import CASES, EVERYTHING, MODES, mode
from support.helm import render
from support.objects import COMPONENT
from support.paths import ROOT

# https://kubernetes.io/docs/concepts/security/pod-security-standards: what "restricted" lets a volume be
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def test_pods_are_restricted(rendering):
    for pod in rendering.objects.pods():
        spec = pod.spec
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & spec.keys()
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["securityContext"].get("runAsUser", 10000) >= 10000
        for container in (pod.container, *pod.sidecars):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]}}
            assert all("hostPort" not in port for port in container.get("ports", []))
        for volume in spec.get("volumes", []):
            assert volume.keys() - {"name"} <= VOLUMES


def test_the_gateway_gets_a_token_where_it_asks_the_api_and_nobody_else(rendering):
    tokens = {pod.component for pod in rendering.objects.pods() if pod.spec["automountServiceAccountToken"]}
    accounts = {account["metadata"]["labels"][COMPONENT] for account in rendering.objects.of("ServiceAccount")
                if account["automountServiceAccountToken"]}
    assert tokens == accounts == ({"gateway"} if rendering.objects.of("Role") else set())


def test_users_are_numeric_unless_the_platform_assigns_them():
    assert {pod.spec["securityContext"]["runAsUser"] for pod in render().objects.pods()} == {10001}
    for pod in render("runAsUser=null").objects.pods():
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & pod.spec["securityContext"].keys()


def test_nothing_unusual_is_asked_of_the_cluster():
    text = render().manifests
    for word in ("apparmor", "hostUsers", "LoadBalancer", "storageClassName", "priorityClassName", "nodeSelector", "@sha256"):
        assert word not in text


def test_every_container_has_requests_and_limits(rendering):
    for pod in rendering.objects.pods():
        for container in (pod.container, *pod.sidecars):
            for kind in ("requests", "limits"):
                assert container["resources"][kind].keys() == {"cpu", "memory", "ephemeral-storage"}, pod.name
            for resource, request in container["resources"]["requests"].items():
                assert amount(request) <= amount(container["resources"]["limits"][resource])


def amount(quantity: str | int) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w*)", str(quantity)).groups()
    return float(number) * {"": 1, "m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[unit]


# A single kind node's own pods (API server, etcd, CoreDNS, …) ask for 0.95 CPU and 0.3 GiB.
@pytest.mark.parametrize(
    "settings", [(), ("dnsutils.enabled=true", "grpc.replicas=10"), *map(mode, MODES[2:]), (*mode("etcd"), "loadBalancing.keep={envoy}")],
    ids=["defaults", "scaled to 10", *MODES[2:], "from Envoy to etcd"])
def test_requests_fit_on_a_node_of_2_cpus_and_4_gib(settings):
    objects = render(*settings).objects
    cpu = memory = 0.0
    for pod in objects.pods():
        # During a rollout there is one pod more.
        copies = pod.owner["spec"]["replicas"] + 1 if pod.owner["kind"] == "Deployment" else 1
        for container in (pod.container, *pod.sidecars):
            cpu += copies * amount(container["resources"]["requests"]["cpu"])
            memory += copies * amount(container["resources"]["requests"]["memory"])
    assert cpu <= 2 - 0.95
    assert memory <= 4 * 2**30 - 0.3 * 2**30 - 1 * 2**30


def test_rollouts_take_nothing_away(rendering):
    for pod in rendering.objects.pods():
        if pod.component in ("nginx", "gateway", "grpc", "js", "envoy"):
            assert pod.owner["spec"]["strategy"] == {
                "type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_replicas_are_left_out_only_where_an_autoscaler_sets_them(rendering):
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in rendering.objects.of("HorizontalPodAutoscaler")}
    for deployment in rendering.objects.of("Deployment"):
        assert ("replicas" in deployment["spec"]) == (deployment["metadata"]["name"] not in scaled)


def test_each_component_has_a_disruption_budget():
    objects = render().objects
    budgets = objects.of("PodDisruptionBudget")
    covered, deployed = ({each["metadata"]["labels"]["app.kubernetes.io/component"] for each in kind}
                         for kind in (budgets, objects.of("Deployment")))
    assert covered == deployed
    assert {budget["spec"]["maxUnavailable"] for budget in budgets} == {1}


def test_readiness_and_liveness_are_different_questions():
    """A pod that was told to take no calls leaves the Service and is not restarted."""
    for component in ("gateway", "grpc", "js"):
        container = render().objects.pod(component).container
        assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "admin"}
        assert container["readinessProbe"].get("httpGet", {}).get("path") != "/healthz"


@pytest.mark.parametrize("kind", ["grpc", "exec"])
def test_grpc_is_probed_by_grpc_or_by_its_own_program(kind):
    container = render(f"grpc.probes.kind={kind}").objects.pod("grpc").container
    if kind == "grpc":
        assert container["readinessProbe"]["grpc"] == {"port": 8080, "service": "sample.service.HelloWorld"}
    else:
        assert container["readinessProbe"]["exec"]["command"] == [
            "/grpc-server", "probe", "--service", "sample.service.HelloWorld"]
    # Every health entry is NOT_SERVING until the pod is in the registry: that is no reason to restart it.
    assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "admin"}


# Of checkov's checks, those that do not hold here: check → (which objects, why).
EXCEPTIONS = {
    "CKV_K8S_15": (".*", "with IfNotPresent, images that were loaded into kind are used; image.pullPolicy changes it"),
    "CKV_K8S_43": (".*", "images go by tag: a digest would have to be looked up for each build and architecture"),
    "CKV_K8S_8": (r"Pod\..*-test-\w+|Deployment\..*-dnsutils", "it serves nobody: a test ends by itself, a tool is used by hand"),
    "CKV_K8S_9": (r"Pod\..*-test-\w+|Deployment\..*-dnsutils", "it serves nobody: a test ends by itself, a tool is used by hand"),
}


# The defaults are among every mode's parts.
IN_MODES = {
    **EXCEPTIONS,
    "CKV_K8S_38": (r"Deployment\.sample-service-gateway", "in mode kubernetes it asks the API for the pods of the grpc Service"),
}


def test_checkov_finds_nothing_but_the_exceptions(tmp_path):
    # In one run: checkov takes six seconds of a processor to start.
    files = {}
    for number, (settings, exceptions) in enumerate([(EVERYTHING, EXCEPTIONS), (CASES["every mode's parts"], IN_MODES)]):
        path = tmp_path / f"manifests-{number}.yaml"
        path.write_text(render(*settings).manifests)
        files[path.name] = exceptions
    failed = checkov("kubernetes", *(tmp_path / name for name in files))
    assert {file for file, *_ in failed} <= files.keys()
    for name, exceptions in files.items():
        found = [(check, resource, what) for file, check, resource, what in failed if file == name]
        unexpected = [
            f"{check}: {resource}: {what}" for check, resource, what in found
            if not re.fullmatch(exceptions.get(check, ("",))[0], resource.replace(".sample.", ".", 1))]
        assert unexpected == []
        unused = exceptions.keys() - {check for check, _, _ in found}
        assert not unused, "an exception that is not needed any more"


def checkov(framework: str, *paths: Path) -> list[tuple[str, str, str, str]]:
    """The checks that failed: file, id, resource, what it is about."""
    program = ROOT / ".venv" / "checkov" / "bin" / "checkov"
    assert program.exists(), f"{program} is missing; run `make deps`"
    result = subprocess.run(
        [program, "--framework", framework, "--file", *paths, "--output", "json", "--compact", "--quiet", "--skip-download"],
        capture_output=True, text=True)
    report = json.loads(result.stdout)
    assert report["summary"]["passed"] > 0 and report["summary"]["parsing_errors"] == 0, report["summary"]
    return [
        (Path(check["file_path"]).name, check["check_id"], check["resource"], check["check_name"])
        for check in report["results"]["failed_checks"]]
