"""Mode envoy-sidecar: an Envoy in the gateway's pod. What every mode promises is in test_modes.py."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from support.envoy import REMEDY as ENVOY_REMEDY
from support.eventually import eventually
from support.load import Load
from support.paths import available
from support.system import System


pytestmark = pytest.mark.skipif(not available("envoy"), reason=ENVOY_REMEDY)


@pytest.fixture(scope="module")
def system(state_folder):
    """For the tests that leave it as it was."""
    started = System("sidecar", state_folder)
    started.up("--mode", "envoy-sidecar", "--max-connection-age", "2s", shutdown_delay="2s")
    yield started
    print(started.samplectl("logs", "gateway").stdout[-3000:])
    started.down()
    assert started.left_behind() == []


def gateway(system: System) -> dict:
    [pod] = system.pods("gateway")
    return pod


def sidecars(system: System) -> list[int]:
    """Process ids."""
    return [pid for pid, command in system.processes().items() if "envoy-18080.yaml" in command]


def test_it_starts_before_the_gateway_and_belongs_to_its_pod(system):
    [sidecar] = sidecars(system)
    pod = gateway(system)
    started = {child["pid"]: child["startTime"] for child in json.loads((system.state / "state.json").read_text())["children"]}
    assert started[sidecar] <= started[pod["pid"]]
    assert os.readlink(f"/proc/{sidecar}/cwd") == os.readlink(f"/proc/{pod['pid']}/cwd")
    [row] = [line for line in system.output("status").splitlines() if line.startswith(pod["name"])]
    assert row.split()[1] == "2/2"
    assert f"ipv4:{pod['ip']}:18080" in system.ask("/go/channel").text
    assert {pod["component"] for pod in system.all_pods()} == {"grpc", "gateway", "js", "nginx"}


def test_its_log_is_its_own(system):
    system.ask("/go/sample")
    log = Path(system.state / "logs" / f"{gateway(system)['name']}-envoy.log")
    assert eventually(lambda: "SayHello" in log.read_text())
    assert "SayHello" in system.output("logs", "gateway")


def test_a_killed_sidecar_is_started_again_beside_a_gateway_that_runs_on(system):
    before = gateway(system)
    [old] = sidecars(system)
    os.kill(old, signal.SIGKILL)
    [new] = eventually(lambda: [pid for pid in sidecars(system) if pid != old])
    eventually(lambda: system.ask("/go/sample").status == 200)
    after = eventually(lambda: gateway(system) if gateway(system)["ready"] else None)
    assert (after["name"], after["pid"], after["restarts"]) == (before["name"], before["pid"], 0)
    assert sidecars(system) == [new]


def test_a_killed_gateway_leaves_its_sidecar(system):
    before = sidecars(system)
    pod = gateway(system)
    system.output("kill", pod["name"])
    eventually(lambda: gateway(system)["restarts"] == pod["restarts"] + 1 and gateway(system)["ready"])
    assert sidecars(system) == before
    eventually(lambda: system.ask("/go/sample").status == 200)


def test_the_gateway_is_replaced_with_its_sidecar_and_nothing_is_lost(system):
    """A call of 4 s is answered by way of the old pod's Envoy, which ends after the gateway."""
    [old] = sidecars(system)
    held = []
    with Load(system.port, pause=0.02) as load:
        slow = threading.Thread(target=lambda: held.append(system.ask("/go/sample?delay=4s")))
        slow.start()
        eventually(lambda: load.count > 20)
        system.output("restart", "gateway")
        slow.join()
        eventually(lambda: old not in sidecars(system))
    assert held[0].status == 200
    assert load.failures == []
    assert len(sidecars(system)) == 1


def test_each_gateway_has_one(new_system):
    system = new_system("three").up("--mode", "envoy-sidecar")
    system.output("scale", "gateway=3")
    eventually(lambda: len([pod for pod in system.pods("gateway") if pod["ready"]]) == 3)
    assert len(sidecars(system)) == 3
    system.output("scale", "gateway=1")
    eventually(lambda: len(system.pods("gateway")) == 1 and len(sidecars(system)) == 1)
    system.output("set", "mode=headless")
    assert sidecars(system) == []
