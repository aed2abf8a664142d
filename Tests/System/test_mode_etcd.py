"""Pods that enter themselves in the real etcd, and a gateway that finds them there."""

import re
import signal
import statistics
import time

import pytest

from support.etcd import Etcd
from support.eventually import eventually
from support.load import Load
from support.programs import ask, run

KEY = "/sample-service-grpc/"


@pytest.fixture
def start_etcd(tmp_path):
    """start_etcd(members) → Etcd"""
    started: list[Etcd] = []

    def make(members: int = 1, running: bool = True) -> Etcd:
        started.append(Etcd(tmp_path / f"etcd-{len(started)}", members))
        return started[-1].start() if running else started[-1]

    yield make
    for etcd in started:
        etcd.stop()
        print(etcd.transcript)


@pytest.fixture
def start_pod(start):
    """start_pod("pod-1", etcd, …) → Program"""

    def make(name: str, etcd: Etcd, **environment: str):
        return start("grpc-server", POD_NAME=name, POD_IP="127.0.0.1", ETCD_ENDPOINTS=etcd.endpoints, **environment)

    return make


@pytest.fixture
def start_gateway(start):
    def make(endpoints: str):
        return start("gateway", GRPC_TARGET="etcd:///sample-service-grpc", ETCD_ENDPOINTS=endpoints, LOG_LEVEL="warn")

    return make


def is_ready(program) -> bool:
    return program.admin("/readyz").status == 200


def entered(etcd: Etcd) -> set[str]:
    return {key.removeprefix(KEY) for key in etcd.values()}


def channel(gateway) -> dict:
    return gateway.http("/go/channel").json


def found(gateway) -> set[str]:
    return set(channel(gateway)["resolver"]["addresses"])


def address(*pods) -> set[str]:
    return {pod.address("grpc") for pod in pods}


def ready(gateway, pods: int) -> bool:
    return sum(1 for subchannel in channel(gateway)["subchannels"] if subchannel["state"] == "READY") == pods


def test_a_pod_is_entered_exactly_while_it_serves(start_etcd, start_pod):
    etcd = start_etcd()
    pod = start_pod("pod-1", etcd, SHUTDOWN_DELAY="60s")
    eventually(lambda: is_ready(pod))
    [(key, pair)] = etcd.pairs().items()
    assert (key, pair["value"]) == (f"{KEY}pod-1", pod.address("grpc"))
    assert int(pair["lease"]) != 0

    assert pod.admin("/readyz/disable", "POST").status == 200
    since = time.monotonic()
    eventually(lambda: entered(etcd) == set())
    out = time.monotonic() - since
    assert pod.admin("/readyz/enable", "POST").status == 200
    since = time.monotonic()
    eventually(lambda: entered(etcd) == {"pod-1"})
    print(f"etcd: out {1000 * out:.0f} ms after /readyz/disable, in {1000 * (time.monotonic() - since):.0f} ms after enable")
    assert is_ready(pod)

    # First of all it goes from etcd, while it still serves whoever has not heard of it.
    pod.terminate()
    eventually(lambda: entered(etcd) == set())
    assert pod.process.poll() is None
    assert ask(pod.address("admin"), "/healthz").status == 200
    eventually(lambda: re.search(
        r"Registered with etcd at .*\n(.*\n)*.*Not registered with etcd at .* any more\n", pod.output))
    pod.process.kill()
    pod.process.wait()
    pod.process.returncode = 0  # its end was ours


def test_a_pod_without_shutdown_delay_leaves_etcd_before_it_ends(start_etcd, start_pod):
    etcd = start_etcd()
    pod = start_pod("pod-1", etcd)
    eventually(lambda: entered(etcd) == {"pod-1"})
    assert pod.stop() == 0
    assert entered(etcd) == set()


@pytest.mark.parametrize("program, environment, words", [
    ("grpc-server", {"ETCD_ENDPOINTS": "127.0.0.1:1"}, ["POD_IP"]),
    ("grpc-server", {"ETCD_ENDPOINTS": "127.0.0.1:1", "POD_IP": "here"}, ["POD_IP", "here"]),
    ("grpc-server", {"ETCD_ENDPOINTS": "127.0.0.1:1", "POD_IP": "127.0.0.1", "REGISTRY_SERVICE": "a/b"}, ["REGISTRY_SERVICE"]),
    ("grpc-server", {"ETCD_ENDPOINTS": "127.0.0.1:1", "POD_IP": "127.0.0.1", "POD_NAME": "a b"}, ["POD_NAME"]),
    ("grpc-server", {"ETCD_ENDPOINTS": "https://127.0.0.1:1", "POD_IP": "127.0.0.1"}, ["ETCD_ENDPOINTS", "clear text"]),
    ("grpc-server", {"ETCD_ENDPOINTS": "127.0.0.1:port", "POD_IP": "127.0.0.1"}, ["ETCD_ENDPOINTS", "port"]),
    ("grpc-server", {"ETCD_ENDPOINTS": "127.0.0.1:1", "POD_IP": "127.0.0.1", "LISTEN_ADDRESS": "unix:/tmp/none"},
     ["LISTEN_ADDRESS", "port"]),
    ("gateway", {"GRPC_TARGET": "etcd:///pods"}, ["GRPC_TARGET", "ETCD_ENDPOINTS"]),
    ("gateway", {"GRPC_TARGET": "etcd:///a/b", "ETCD_ENDPOINTS": "127.0.0.1:1"}, ["GRPC_TARGET", "a/b"]),
    ("gateway", {"GRPC_TARGET": "etcd:///pods", "ETCD_ENDPOINTS": ","}, ["ETCD_ENDPOINTS"]),
])
def test_settings_that_cannot_work_are_refused_at_the_start(program, environment, words):
    result = run(program, **{"LISTEN_ADDRESS": "127.0.0.1:0", "ADMIN_ADDRESS": "127.0.0.1:0", **environment})
    assert result.returncode == 64, result.stderr
    for word in words:
        assert word in result.stderr


def test_a_new_pod_gets_calls_soon_after_it_is_ready(start_etcd, start_pod, start_gateway):
    etcd = start_etcd()
    start_pod("pod-0", etcd, LOG_LEVEL="warn")
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: is_ready(gateway))
    lookups = channel(gateway)["resolver"]["lookups"]
    times = []
    with Load(gateway.ports["http"], connections=1) as load:
        for number in range(1, 6):
            pod = start_pod(f"pod-{number}", etcd, LOG_LEVEL="warn")
            eventually(lambda: is_ready(pod))
            since = time.monotonic()
            eventually(lambda: load.first_call(f"pod-{number}", 0))
            times.append(load.first_call(f"pod-{number}", 0) - since)
    milliseconds = [round(1000 * seconds) for seconds in times]
    # Below zero: the call was there before the probe had its answer.
    print(f"from readiness to the first call: {milliseconds} ms, median {statistics.median(milliseconds)} ms")
    assert load.failures == []
    assert channel(gateway)["resolver"]["lookups"] == lookups, "etcd has told of each, and nobody looked again"


def test_what_is_no_address_is_skipped_and_named(start_etcd, start_pod, start_gateway):
    etcd = start_etcd()
    pod = start_pod("pod-1", etcd)
    etcd.put(f"{KEY}zz", "somewhere")
    etcd.put("/another-service/pod", "127.0.0.1:1")
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: found(gateway) == address(pod))
    eventually(lambda: f'{KEY}zz is "somewhere"' in (channel(gateway)["resolver"]["lastError"] or ""))
    etcd.put(f"{KEY}zz", "127.0.0.1:1")
    eventually(lambda: found(gateway) == address(pod) | {"127.0.0.1:1"})
    eventually(lambda: channel(gateway)["resolver"]["lastError"] is None)


@pytest.mark.long
def test_a_pod_waits_for_a_registry_that_is_away_at_the_start(start_etcd, start_pod):
    etcd = start_etcd(running=False)
    pod = start_pod("pod-1", etcd, LOG_LEVEL="debug")
    eventually(lambda: "not yet registered with etcd" in pod.admin("/readyz").text)
    eventually(lambda: "refused" in pod.admin("/readyz").text)
    assert pod.admin("/healthz").status == 200
    [line] = [line for line in pod.output.splitlines() if "Not registered with etcd" in line]
    assert etcd.endpoints in line and "trying again" in line
    # A few attempts later that still is the only line.
    eventually(lambda: pod.output.count("register failed") > 3)
    etcd.start()
    eventually(lambda: is_ready(pod))
    assert entered(etcd) == {"pod-1"}
    assert sum("Not registered" in line for line in pod.output.splitlines()) == 1


@pytest.mark.long
def test_a_lost_lease_is_taken_anew(start_etcd, start_pod):
    etcd = start_etcd()
    pod = start_pod("pod-1", etcd, REGISTRY_TTL="3s")
    eventually(lambda: is_ready(pod))
    lease = etcd.pairs()[f"{KEY}pod-1"]["lease"]
    etcd.first.call("lease/revoke", ID=lease)
    assert entered(etcd) == set()
    eventually(lambda: entered(etcd) == {"pod-1"})
    assert etcd.pairs()[f"{KEY}pod-1"]["lease"] != lease
    assert is_ready(pod)
    assert "is lost" in pod.output


@pytest.mark.long
def test_the_entry_of_a_killed_pod_runs_out(start_etcd, start_pod, start_gateway):
    etcd = start_etcd()
    pods = [start_pod(f"pod-{n}", etcd, REGISTRY_TTL="3s") for n in range(2)]
    victim = start_pod("victim", etcd, REGISTRY_TTL="3s")
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: ready(gateway, 3))
    # Nothing tells etcd, and no call fails meanwhile but those that the pod took with it.
    victim.process.kill()
    victim.process.wait()
    killed = time.monotonic()
    eventually(lambda: ready(gateway, 2))
    with Load(gateway.ports["http"], connections=2) as load:
        eventually(lambda: found(gateway) == address(*pods))
    print(f"its entry was gone {time.monotonic() - killed:.1f} s after SIGKILL, with a lease of 3 s")
    assert load.failures == []
    victim.process.returncode = 0  # its end was ours


@pytest.mark.long
def test_a_gateway_that_was_cut_off_finds_what_has_changed_and_was_compacted_since(start_etcd, start_pod, start_gateway):
    """The gateway knows one member, which is away while there are changes that nobody can watch any more."""
    etcd = start_etcd(3)
    one, two = start_pod("pod-1", etcd), start_pod("pod-2", etcd)
    # Without it there still is a leader, so that the pods' changes are not held up.
    member = next(member for member in etcd.members if member is not etcd.leader)
    gateway = start_gateway(member.address)
    eventually(lambda: ready(gateway, 2))
    etcd.stop(member)
    assert two.stop() == 0
    three = start_pod("pod-3", etcd)
    eventually(lambda: entered(etcd) == {"pod-1", "pod-3"})
    eventually(lambda: channel(gateway)["resolver"]["lastError"])
    assert found(gateway) == address(one, two), "the last set stays"
    etcd.compact(etcd.put("/other", "1"))
    etcd.start(member)
    eventually(lambda: found(gateway) == address(one, three))
    eventually(lambda: channel(gateway)["resolver"]["lastError"] is None)


@pytest.mark.long
def test_a_watch_that_compaction_has_overtaken_is_begun_anew(start_etcd, start_pod, start_gateway):
    """The gateway stands still for a while, and etcd does not keep for it what nobody else needs."""
    etcd = start_etcd()
    one, two = start_pod("pod-1", etcd), start_pod("pod-2", etcd)
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: ready(gateway, 2))
    before = channel(gateway)["resolver"]["lookups"]
    gateway.process.send_signal(signal.SIGSTOP)
    try:
        # More than the stream's window, and more answers than the 128 that etcd keeps for a watch.
        for number in range(300):
            etcd.put(f"{KEY}zz", f"{number}" * 20_000)
        assert two.stop() == 0
        etcd.compact(etcd.put(f"{KEY}zz", "127.0.0.1:1"))
    finally:
        gateway.process.send_signal(signal.SIGCONT)
    eventually(lambda: found(gateway) == address(one) | {"127.0.0.1:1"})
    assert channel(gateway)["resolver"]["lookups"] == before + 1
    assert channel(gateway)["resolver"]["lastError"] is None


@pytest.mark.long
def test_the_loss_of_the_leader_is_got_over(start_etcd, start_pod, start_gateway):
    etcd = start_etcd(3)
    pods = [start_pod(f"pod-{n}", etcd) for n in range(3)]
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: ready(gateway, 3))
    with Load(gateway.ports["http"], connections=2) as load:
        leader = etcd.leader
        etcd.stop(leader)
        lost = time.monotonic()
        pods.append(start_pod("late", etcd))
        eventually(lambda: load.first_call("late", 0))
        print(f"a pod that started without a leader had its first call after {load.first_call('late', 0) - lost:.1f} s")
        assert found(gateway) == address(*pods)
        # And once more, with the one that is back.
        etcd.start(leader)
        etcd.stop(etcd.leader)
        pods.append(start_pod("later", etcd))
        eventually(lambda: load.first_call("later", 0))
        eventually(lambda: entered(etcd) == {"pod-0", "pod-1", "pod-2", "late", "later"})
    assert load.failures == []


@pytest.mark.long
@pytest.mark.timeout(120)
def test_the_last_set_stays_while_etcd_is_away_for_half_a_minute(start_etcd, start_pod, start_gateway):
    etcd = start_etcd()
    pods = [start_pod(f"pod-{n}", etcd) for n in range(3)]
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: ready(gateway, 3))
    with Load(gateway.ports["http"], connections=2) as load:
        etcd.stop()
        gone = time.monotonic()
        eventually(lambda: channel(gateway)["resolver"]["lastError"])
        eventually(lambda: time.monotonic() - gone > 30, within=40)
        assert found(gateway) == address(*pods)
        assert all(is_ready(pod) for pod in pods), "what a registry does later is no reason against a pod"
        etcd.start()
        back = time.monotonic()
        pods.append(start_pod("late", etcd))
        eventually(lambda: load.first_call("late", 0))
        print(f"a new pod had its first call {load.first_call('late', 0) - back:.1f} s after etcd was back")
        eventually(lambda: len(entered(etcd)) == 4)
        assert found(gateway) == address(*pods)
    assert load.failures == []


@pytest.mark.long
def test_an_etcd_that_lost_its_data_loses_no_call(start_etcd, start_pod, start_gateway):
    etcd = start_etcd()
    pods = [start_pod(f"pod-{n}", etcd) for n in range(3)]
    # So that the new store's revisions are older.
    for number in range(20):
        etcd.put("/other", f"{number}")
    gateway = start_gateway(etcd.endpoints)
    eventually(lambda: ready(gateway, 3))
    with Load(gateway.ports["http"], connections=2) as load:
        etcd.stop()
        eventually(lambda: any(event["kind"] == "lookup-failed" for event in channel(gateway)["events"]))
        etcd.lose_data()
        etcd.start()
        eventually(lambda: len(entered(etcd)) == 3)
        eventually(lambda: channel(gateway)["resolver"]["lookups"] > 1)
        assert found(gateway) == address(*pods)
    assert load.failures == []
