"""`make deploy`: which upgrades it makes of the state that a release is in."""

import re
import subprocess

import pytest

from support.cases import MODES, mode
from support.helm import render
from support.paths import ROOT
from test_makefile import make


# What `helm get values --all` says of a release; lines of other values look alike.
VALUES = """\
envoy:
  mode: no
loadBalancing:
  consul:
    address: ""
  etcd:
    endpoints:
    - 10.0.0.5:2379
  keep:{keep}
  kubernetes:
    apiPorts:
    - 443
  mesh: ""
  mode: {mode}
  policy: ""
log:
  mode: text
"""


def deploy(
        folder, mode: str | None, *arguments: str, keep=(), status="deployed", fails: int = 0,
        kubectl: str = "exit 0") -> tuple[subprocess.CompletedProcess, list[str]]:
    """The upgrades' options for mode and kept values, for a release that is installed in this mode or not at all. `status` is
    what its history says of the revision that was at rest last; `fails` is the upgrade that fails."""
    make(folder, "help", programs=["helm", "kubectl"])
    (folder / "values").write_text(VALUES.format(mode=mode, keep="".join(f"\n  - {each}" for each in keep) or " []"))
    (folder / "history").write_text(f"- chart: sample-service-0.1.0\n  revision: 1\n  status: {status}\n- revision: 2\n  status: failed\n")
    answer = lambda name: f'cat "{folder}/{name}"' if mode else 'echo "Error: release: not found" >&2; exit 1'
    (folder / "helm").write_text(
        f'#!/bin/bash\n[[ "$*" != *" get values "* ]] || {{ {answer("values")}; exit 0; }}\n'
        f'[[ "$*" != *" history "* ]] || {{ {answer("history")}; exit 0; }}\necho "$*" >>"{folder}/upgrades"\n'
        f'[ "$(grep -c . "{folder}/upgrades")" != {fails} ]\n')
    with (folder / "kubectl").open("a") as file:
        file.write(kubectl)
    result = subprocess.run(
        ["make", f"tags={folder}/tags", "deploy", *arguments], cwd=ROOT, env={"PATH": str(folder)}, executable=folder / "make",
        capture_output=True, text=True)
    return result, [options(call) for call in (folder / "upgrades").read_text().splitlines()]


def options(upgrade: str) -> str:
    """Those that the Makefile does not always give."""
    always = "--set service.type=NodePort --set service.nodePort=31234 --set dnsutils.enabled=true --wait --timeout 5m"
    return " ".join(upgrade.partition(" --create-namespace ")[2].split()).replace(always, "").replace("  ", " ").strip()


def reusing(mode: str, *keep: str, more: str = "") -> str:
    return f"--reset-then-reuse-values --set loadBalancing.mode={mode},loadBalancing.keep={{{','.join(keep)}}}{more}"


def over(mode: str, *keep: str) -> str:
    return reusing(mode, *keep) + " --wait=false"


def last(mode: str) -> str:
    return reusing(mode, more="" if mode == "mesh" else ",loadBalancing.mesh=")


def test_deploy_goes_from_one_mode_to_another_in_three_upgrades(tmp_path):
    result, upgrades = deploy(tmp_path, "headless", "MODE=envoy", "ARGS=--set grpc.replicas=3")
    assert result.returncode == 0, result.stderr
    assert upgrades == [f"--set grpc.replicas=3 {each}" for each in (
        reusing("headless", "envoy"), over("envoy", "headless"), last("envoy"))]
    rollouts = re.findall("rollout status deployment --selector (\\S+)", (tmp_path / "calls").read_text())
    release = "app.kubernetes.io/instance=sample-service"
    assert rollouts == [release, f"{release},app.kubernetes.io/component=gateway", release], "each is at rest before the next"
    assert "1 of 3: the parts of envoy beside those of headless" in result.stdout


HALF_WAY = {
    # what is installed, what is kept, what one types → the upgrades
    "a second step that failed, again": ("envoy", ["headless"], ["MODE=envoy"], [over("envoy", "headless"), last("envoy")]),
    "a second step that failed, back": ("envoy", ["headless"], ["MODE=headless"], [over("headless", "envoy"), last("headless")]),
    "a first step that failed, again": ("headless", ["consul"], ["MODE=consul"], [over("consul", "headless"), last("consul")]),
    "a first step that failed, back": ("headless", ["consul"], ["MODE=headless"], [over("headless", "consul"), last("headless")]),
    "a second step that failed, to a third mode": ("envoy", ["headless"], ["MODE=etcd"], [
        reusing("envoy", "headless", "etcd"), over("etcd", "envoy", "headless"), last("etcd")]),
    "a third mode that failed, again": ("etcd", ["envoy", "headless"], ["MODE=etcd"], [
        over("etcd", "envoy", "headless"), last("etcd")]),
    "a second step that failed, no mode": ("envoy", ["headless"], [], [
        over("envoy", "headless"), "--set loadBalancing.mode=envoy"]),
}


@pytest.mark.parametrize("installed,kept,arguments,expected", HALF_WAY.values(), ids=HALF_WAY)
def test_deploy_takes_nothing_away_that_a_change_which_stopped_has_left(installed, kept, arguments, expected, tmp_path):
    """Gateways of the old mode may be there: only when the gateway's pods are all of one mode do the other's parts go."""
    result, upgrades = deploy(tmp_path, installed, *arguments, keep=kept)
    assert result.returncode == 0 and upgrades == expected, result.stderr


@pytest.mark.parametrize("installed,arguments,expected", [
    (None, ["MODE=envoy"], "--set loadBalancing.mode=envoy"), (None, [], ""),
    ("envoy", ["MODE=envoy"], last("envoy")), ("envoy", [], "--set loadBalancing.mode=envoy"),
    ("headless", ["ARGS=--set loadBalancing.mode=clusterip"], "--set loadBalancing.mode=headless --set loadBalancing.mode=clusterip"),
], ids=["first installation", "first installation, no mode", "the same mode", "no mode keeps the mode", "a mode among the options"])
def test_deploy_is_one_upgrade_where_nothing_is_to_be_kept(installed, arguments, expected, tmp_path):
    result, upgrades = deploy(tmp_path, installed, *arguments)
    assert result.returncode == 0 and upgrades == [expected], result.stderr


@pytest.mark.parametrize("arguments,expected", [(["MODE=headless"], "--set loadBalancing.mode=headless"), ([], "")], ids=["mode", "no mode"])
def test_a_first_installation_that_failed_can_be_left(arguments, expected, tmp_path):
    """Its mode need not be possible at all, so nothing waits for that."""
    result, upgrades = deploy(tmp_path, "consul", *arguments, status="failed")
    assert result.returncode == 0 and upgrades == [expected], result.stderr


def test_a_mesh_that_is_left_is_left_out(tmp_path):
    """The chart refuses loadBalancing.mesh in other modes, and the values of before are used again."""
    result, upgrades = deploy(tmp_path, "mesh", "MODE=headless")
    assert result.returncode == 0 and upgrades[-1].endswith("loadBalancing.keep={},loadBalancing.mesh="), result.stderr
    left = render("loadBalancing.mesh=istio", upgrades[-1].split()[-1]).objects
    assert left == render(*mode("headless")).objects
    assert deploy(tmp_path / "to", "headless", "MODE=mesh")[1][-1] == last("mesh")


@pytest.mark.parametrize("fails", [1, 2])
def test_deploy_stops_at_the_first_upgrade_that_fails(fails, tmp_path):
    result, upgrades = deploy(tmp_path, "headless", "MODE=etcd", fails=fails)
    assert result.returncode != 0 and len(upgrades) == fails


def test_while_a_gateway_of_the_old_mode_may_be_there_its_parts_stay(tmp_path):
    result, upgrades = deploy(tmp_path, "headless", "MODE=etcd", kubectl='[[ "$*" != *component=gateway* ]]')
    assert result.returncode != 0 and upgrades == [reusing("headless", "etcd"), over("etcd", "headless")]


def pods(objects) -> dict[str, dict]:
    return {name: template for name, template in (
        (each["metadata"]["name"].removeprefix("sample-service-"), each["spec"]["template"]) for each in objects.of("Deployment"))}


@pytest.mark.parametrize("old", MODES)
@pytest.mark.parametrize("new", MODES)
def test_in_each_of_the_three_upgrades_nothing_is_missing(old, new):
    """What those upgrades render: who is called is there before anybody calls it, and as long as anybody may."""
    if old == new:
        return
    mesh = ("loadBalancing.mesh=linkerd",) if "mesh" in (old, new) else ()
    steps = [
        render(*mode(old, "linkerd")).objects,
        render(f"loadBalancing.mode={old}", f"loadBalancing.keep={{{new}}}", *mesh).objects,
        render(f"loadBalancing.mode={new}", f"loadBalancing.keep={{{old}}}", *mesh).objects,
        render(*mode(new, "linkerd")).objects]
    before, beside, over, after = steps
    environment = lambda objects: objects.pod("gateway").environment
    target = lambda objects: environment(objects)["GRPC_TARGET"]
    assert target(before) == target(beside) and target(over) == target(after)
    # While the gateway goes over, nothing else moves, and both modes' parts are there.
    there, here = pods(beside), pods(over)
    assert there.keys() == here.keys()
    assert {name for name in there if there[name] != here[name]} - {"gateway"} == set()
    parts = {name for name in beside.names if "test" not in name} & {name for name in over.names if "test" not in name}
    for objects in (before, after):
        assert set(objects.names) <= parts | {name for name in objects.names if "test" in name}
    # A sidecar's configuration is there while pods with a sidecar may be.
    files = [{name for map in objects.of("ConfigMap") if map["metadata"]["name"] == "sample-service-envoy" for name in map["data"]}
             for objects in steps]
    assert files[1] == files[2] == files[0] | files[3]
    delay = lambda objects: int(objects.pod("grpc").environment["SHUTDOWN_DELAY"].removesuffix("s"))
    assert delay(beside) == delay(over) >= max(delay(before), delay(after))
