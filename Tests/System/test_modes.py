"""Every mode: it starts, spreads calls as it promises, and loses none when pods, or the modes themselves, come and go."""

import re
import shutil

import pytest

from support.eventually import eventually
from support.load import Load
from support.modes import EVEN, NOT_EVERYWHERE, ONE_POD, PROMISES, objection, up_or_skip
from support.paths import ROOT
from support.programs import run

REQUESTS = 500
# Modes that samplectl knows.
MODES = re.findall(r"^  ([a-z][a-z-]*) ", run("samplectl", "up", "--help").stdout.partition("\nModes:\n")[2], re.MULTILINE)


def test_every_mode_has_a_promise_and_a_page():
    assert MODES and set(MODES) == set(PROMISES)
    overview = (ROOT / "docs" / "modes" / "README.md").read_text()
    for mode in MODES:
        assert f"[{mode}]({mode}.md)" in overview and (ROOT / "docs" / "modes" / f"{mode}.md").exists(), mode


@pytest.fixture
def start_mode(new_system):
    """start_mode(mode, options…) → System"""

    def start(mode: str, *options: str, shutdown_delay: str | None = None):
        system = up_or_skip(new_system(mode), mode, *options, shutdown_delay=shutdown_delay)
        system.ask("/go/sample")
        if PROMISES[mode] == EVEN:
            eventually(lambda: system.ready() == 5)
        return system

    return start


def is_there(program: str) -> bool:
    return bool(shutil.which(program)) or (ROOT / ".build" / "parts" / program).exists()


def names(system) -> set[str]:
    return {pod["name"] for pod in system.pods() if pod["status"] == "Running"}


@pytest.mark.parametrize("mode", MODES)
def test_calls_are_spread_as_promised_and_a_pod_is_replaced_without_loss(start_mode, mode):
    # All that look the name up do so every second; so three are enough for a pod that goes.
    system = start_mode(
        mode, "--dns-interval", "1s", "--dns-ttl", "1s", "--max-connection-age", "off", shutdown_delay="3s")
    pods = names(system)
    counts = system.pods_called(REQUESTS)
    print(f"{mode}: {sorted(counts.values(), reverse=True)}")
    assert objection(mode, counts, pods) is None
    with Load(system.port, connections=2) as load:
        # One more first, then one fewer: the new pod gets calls, unless a virtual address keeps them from it.
        system.output("scale", "grpc=6")
        eventually(lambda: len(names(system)) == 6 and all(pod["ready"] for pod in system.pods()))
        [new] = names(system) - pods
        if PROMISES[mode] != ONE_POD and mode != "headless":
            eventually(lambda: load.first_call(new, 0))
        system.output("scale", "grpc=5")
        eventually(lambda: len(system.pods()) == 5)
    assert load.failures == []


def rolled(system) -> set[str]:
    system.output("restart", "grpc", within=150)
    return names(system)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", MODES)
def test_scaling_and_a_rolling_restart_under_load(start_mode, mode):
    """5 → 10 → 3 pods and a restart, beside 200 requests a second."""
    system = start_mode(mode, "--max-connection-age", "5s", "--dns-interval", "2s")
    with Load(system.port, connections=4, pause=0.02) as load:
        for count in (10, 3):
            system.output("scale", f"grpc={count}")
            eventually(lambda: len(system.pods()) == count and all(pod["ready"] for pod in system.pods()), within=40)
            if PROMISES[mode] != ONE_POD:
                eventually(lambda: all(load.first_call(pod, 0) for pod in names(system)))
        old = names(system)
        new = rolled(system)
        assert len(new) == 3 and old.isdisjoint(new)
    print(f"{mode}: {load.count} calls, {len(load.failures)} failed")
    assert load.failures == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_running_system_goes_through_all_modes(start_mode):
    first, *others = [mode for mode in MODES if mode not in NOT_EVERYWHERE or is_there(mode)]
    system = start_mode(first, "--max-connection-age", "off")
    with Load(system.port, connections=4, pause=0.02) as load:
        for mode in (*others, *reversed(others), first):
            before = len(load.failures)
            print(system.output("set", f"mode={mode}", within=200))
            served = system.pods_called(REQUESTS)
            # Beside others' requests nobody's share is even.
            assert (mode, len(served), load.failures[before:]) == (mode, 1 if PROMISES[mode] == ONE_POD else 5, [])
        status = system.output("status")
    assert load.failures == []
    assert f"mode {first}" in status
    # Nothing of another mode is left.
    assert {pod["component"] for pod in system.all_pods()} == {"grpc", "gateway", "js", "nginx"}
