"""A cache between the clients and the DNS server: what it keeps must not cost a call when pods come and go."""

import os
import signal

import pytest

from support.eventually import eventually
from support.load import Load
from support.system import ADDRESS, System

HEADLESS = "sample-service-grpc-headless"


def found(system: System) -> set[str]:
    """The grpc pods' addresses that clients get."""
    output = system.output("nslookup", HEADLESS)
    return set(ADDRESS.findall(output[output.index("Name:"):]))


def addresses(system: System) -> set[str]:
    return {pod["ip"] for pod in system.pods()}


def start(system: System, *options: str, shutdown_delay: str | None = None) -> System:
    """With a connection to each pod, none of which ends by its age, and an answer in the cache."""
    system.up("--max-connection-age", "off", *options, shutdown_delay=shutdown_delay)
    system.ask("/go/sample")
    eventually(lambda: system.ready() == 5)
    assert found(system) == addresses(system)
    return system


def test_clients_get_the_old_answer_and_samplectl_the_new_one(new_system):
    system = new_system().up("--replicas", "2", "--dns-cache", "60s", "--dns-ttl", "0s")
    old = addresses(system)
    assert found(system) == old
    system.output("scale", "grpc=3")
    eventually(lambda: len(system.in_dns()) == 3)
    assert found(system) == old
    assert "its cache" in system.output("status")


def test_the_cache_forgets_in_time(new_system):
    """The zone's own time to live, a day here and nothing above, does not matter."""
    system = new_system().up("--replicas", "2", "--dns-cache", "2s", "--dns-ttl", "24h")
    assert found(system) == addresses(system)
    system.output("scale", "grpc=3")
    eventually(lambda: len(system.in_dns()) == 3)
    eventually(lambda: found(system) == addresses(system))


def test_the_cache_is_started_again_when_it_crashes(new_system):
    system = new_system().up("--replicas", "1", "--dns-cache", "60s")
    [pid] = [pid for pid, command in system.processes().items() if "--min-cache-ttl" in command]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: found(system) == addresses(system))


def test_a_delay_that_is_too_short_is_warned_of(new_system):
    system = new_system()
    result = system.samplectl("up", "--port", str(system.port), "--dns-cache", "3s", "--shutdown-delay", "4s")
    assert result.returncode == 0
    assert "--shutdown-delay 4s is shorter than 8s, which is --dns-cache and the time between two look-ups" in result.stderr


def test_a_restart_loses_calls_when_the_pods_go_before_the_answer(new_system):
    """Every old pod is gone, and the cache names no other. It would for a minute, so a slow machine sees the same."""
    system = start(new_system(), "--dns-cache", "60s", "--dns-interval", "1s", shutdown_delay="1s")
    with Load(system.port) as load:
        system.output("restart", "grpc")
        eventually(lambda: load.failures)
    assert all("UNAVAILABLE" in call.failure for call in load.failures)
    assert found(system).isdisjoint(addresses(system))


def test_a_restart_loses_no_call_when_the_pods_outlast_the_answer(new_system):
    system = start(new_system(), "--dns-cache", "8s", "--dns-interval", "1s")
    old = set(system.in_dns())
    with Load(system.port) as load:
        system.output("restart", "grpc")
        new = system.in_dns()
        eventually(lambda: all(load.first_call(pod, since) for pod, since in new.items()))
    assert load.failures == []
    assert len(new) == 5 and old.isdisjoint(new)


@pytest.mark.long
@pytest.mark.timeout(200)
@pytest.mark.parametrize("delay", ["5s", None])
def test_a_restart_behind_a_cache_of_thirty_seconds(new_system, delay):
    """The cache of older clusters and of NodeLocal DNSCache, and the chart's other times."""
    system = start(new_system(), "--dns-cache", "30s", "--dns-interval", "5s", shutdown_delay=delay)
    with Load(system.port) as load:
        system.output("restart", "grpc", within=90)
        new = system.in_dns()
        eventually(lambda: all(load.first_call(pod, since) for pod, since in new.items()), within=60)
    failed = load.failures
    duration = failed[-1].ended - failed[0].began if failed else 0
    print(f"delay {delay or 'as derived'}: {len(failed)} of {load.count} calls failed, over {duration:.1f} s")
    assert bool(failed) == (delay is not None)
