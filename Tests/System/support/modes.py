"""What each load-balancing mode promises."""

from collections import Counter

import pytest

from .eventually import eventually

ONE_POD, EVEN, EVERY_POD = "one pod", "even", "every pod"
PROMISES = {
    "clusterip": ONE_POD,
    "headless": EVEN,
    "kubernetes": EVEN,
    "envoy": EVERY_POD,
    "envoy-sidecar": EVERY_POD,
    "etcd": EVEN,
    "consul": EVEN,
    "nginx": EVERY_POD,
}
# What their parts need and Debian 12 does not have; a test of theirs is skipped without it, with the words that samplectl
# has for it.
NOT_EVERYWHERE = {"consul"}


def up_or_skip(system, mode: str, *options: str, shutdown_delay: str | None = None):
    """The system, running in that mode; the test is skipped where the mode's parts are not installed. `shutdown_delay` None
    leaves it to samplectl."""
    delay = () if shutdown_delay is None else ("--shutdown-delay", shutdown_delay)
    result = system.samplectl("up", "--port", str(system.port), "--mode", mode, *delay, *options, within=150)
    if mode in NOT_EVERYWHERE and "is not installed" in result.stderr:
        pytest.skip(result.stderr.strip())
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    return system


def first_call_after_readiness(system, load) -> float:
    """Scales from 5 grpc pods to 6 beside the load; seconds from the new one's readiness to the end of its first call."""
    before = {pod["name"] for pod in system.pods()}
    system.output("scale", "grpc=6")
    [new] = eventually(lambda: [pod for pod in system.pods() if pod["name"] not in before and pod["readySince"]])
    first = eventually(lambda: load.first_call(new["name"], 0))
    return first - new["readySince"] / 1e9


def objection(mode: str, counts: Counter, pods: set[str]) -> str | None:
    """What speaks against the mode's promise; None if it was kept."""
    if not set(counts) <= pods:
        return f"{set(counts) - pods} answered, which are none of the pods"
    served = [counts[pod] for pod in pods]
    match PROMISES[mode]:
        case "one pod" if sum(map(bool, served)) != 1:
            return f"{sum(map(bool, served))} pods served, not one: {served}"
        case "even" if max(served) - min(served) > 2:
            return f"the pods' shares differ by more than 2: {served}"
        case "every pod" if not all(served):
            return f"a pod served nothing: {served}"
    return None
