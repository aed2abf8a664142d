"""`samplectl lab --cluster`: the trials through kubectl. kubectl is a fake, and the cluster behind it a system of samplectl's."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.eventually import eventually
from support.fake_kubectl import install
from support.paths import PROGRAMS
from support.programs import clean

SETTINGS = {"MAX_CONNECTION_AGE": "5s", "DNS_MIN_RESOLUTION_INTERVAL": "1s", "SHUTDOWN_DELAY": "3s", "TROUBLE": "on"}
OPTIONS = ("--max-connection-age", "5s", "--dns-interval", "1s")


class Lab:
    def __init__(self, folder: Path, bin: Path):
        self.report = folder / "lab-report"
        self.bin = bin

    @property
    def environment(self) -> dict:
        return clean({}) | {"PATH": f"{self.bin}:{os.environ['PATH']}"}

    def command(self, *options: str) -> list[str]:
        return [str(PROGRAMS / "samplectl"), "lab", "--cluster", "--output", str(self.report), *options]

    def run(self, *options: str, within: float = 60) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*options), env=self.environment, capture_output=True, text=True, timeout=within)

    @property
    def asked(self) -> list[str]:
        return (self.bin / "asked").read_text().splitlines()


@pytest.fixture(scope="module")
def running(state_folder):
    from support.system import System
    system = System("lab", state_folder).up("--replicas", "3", *OPTIONS, shutdown_delay="3s")
    yield system
    system.down()


def test_another_system_at_the_entry_is_not_the_clusters(running, tmp_path):
    bin = install(tmp_path / "bin", running, SETTINGS)
    gateway = running.pods("gateway")[0]["name"]
    fake = (bin / "kubectl").read_text().replace(
        "main(", f"import support.fake_kubectl as fake\n"
                 f"pods = fake.Cluster.pods\n"
                 f"fake.Cluster.pods = lambda self, component='grpc': [pod | {{'name': 'other'}} for pod in pods(self, component)]\n"
                 f"main(", 1)
    (bin / "kubectl").write_text(fake)
    result = Lab(tmp_path, bin).run("--context", "fake")
    assert result.returncode == 1
    assert f"127.0.0.1:{running.port} is another system's: {gateway}" in result.stderr
    assert not any(words.startswith(("scale", "rollout")) for words in Lab(tmp_path, bin).asked)


@pytest.mark.parametrize(("settings", "message"), [
    ({"GRPC_TARGET": "dns:///orders:50051"}, "the gateway's target is 'dns:///orders:50051': the lab has no predictions"),
])
def test_a_release_that_the_lab_knows_nothing_of_is_refused(running, tmp_path, settings, message):
    lab = Lab(tmp_path, install(tmp_path / "bin", running, SETTINGS | settings))
    result = lab.run("--context", "fake")
    assert result.returncode == 1 and message in result.stderr, result
    assert not any(words.startswith(("scale", "rollout")) for words in lab.asked)


def test_who_scales_by_itself_is_not_scaled_by_the_lab(running, tmp_path):
    scaler = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "sample-service-grpc"},
              "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "sample-service-grpc"}}}
    lab = Lab(tmp_path, install(tmp_path / "bin", running, SETTINGS, others=[scaler]))
    result = lab.run()
    assert result.returncode == 1 and "HorizontalPodAutoscaler sample-service-grpc decides how many pods" in result.stderr


def test_what_belongs_to_the_other_kind_of_run_is_refused():
    for options, message in [(("--context", "fake"), "--context"), (("--entry", "127.0.0.1:1"), "--entry"),
                             (("--cluster", "--modes", "headless"), "--modes"), (("--cluster", "--port", "1"), "--port"),
                             (("--cluster", "--context", ""), "--context is empty"),
                             (("--cluster", "-n", ""), "--namespace is empty"), (("--from", "x", "--quick"), "--quick")]:
        result = subprocess.run([PROGRAMS / "samplectl", "lab", *options], capture_output=True, text=True, timeout=10)
        assert result.returncode == 64 and message in result.stderr, result


@pytest.mark.parametrize("pressed", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_give_the_release_its_pods_back(running, tmp_path, pressed):
    lab = Lab(tmp_path, install(tmp_path / "bin", running, SETTINGS))
    process = subprocess.Popen(lab.command("--context", "fake", "--quick"), env=lab.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    eventually(lambda: len(running.pods()) == 5)
    # A terminal's goes to all that it has in the foreground, kubectl too; and who is impatient presses it again.
    os.killpg(process.pid, pressed)
    eventually(lambda: any(words.startswith("scale ") and "--replicas=3" in words for words in lab.asked))
    os.killpg(process.pid, pressed)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and "interrupted; the release has as many pods as before" in errors, errors
    assert "Context fake (https://127.0.0.1:6443), namespace default: Deployment sample-service-grpc is scaled" in " ".join(
        errors.split())
    assert "In the end it has 3 pods, as now." in " ".join(errors.split())
    eventually(lambda: len(running.pods()) == 3)
    assert not lab.report.exists()


def test_what_cannot_be_put_back_is_said_with_the_command(running, tmp_path):
    lab = Lab(tmp_path, install(tmp_path / "bin", running, SETTINGS))
    process = subprocess.Popen(lab.command("--context", "fake", "--quick"), env=lab.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    eventually(lambda: len(running.pods()) == 5)
    (lab.bin / "broken").touch()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and "the API server is away" in errors, errors
    assert "kubectl scale deployment/sample-service-grpc --replicas=3 --context fake -n default" in errors
    assert len([words for words in lab.asked if words.startswith("scale") and "=3" in words]) == 3, "tried again"
    running.output("scale", "grpc=3")


@pytest.mark.long
def test_all_trials_of_a_release(running, tmp_path):
    lab = Lab(tmp_path, install(tmp_path / "bin", running, SETTINGS))
    result = lab.run("--context", "fake", within=240)
    print(result.stdout, result.stderr)
    assert result.returncode == 0, result
    assert result.stdout.splitlines()[-1].startswith("no misses: all of ")
    report = json.loads((lab.report / "report.json").read_text())
    assert report["place"] == "cluster fake, namespace default"
    [mode] = report["modes"]
    assert {left["trial"] for left in mode["leftOut"]} == {"kill", "connections", "queries"}
    trials = {figure["trial"] for figure in mode["figures"]}
    assert {"spread", "cost", "slow-pod", "scale-out", "scale-in", "restart", "long-call"} <= trials
    assert len(mode["noticeSeconds"]) == 5 and all(mode["noticeSeconds"])
    assert report["policies"] == []
    eventually(lambda: len(running.pods()) == 3)

    # Which cluster is meant was told, and so every command says it.
    others = [words for words in lab.asked if not re.search(r"--context fake\b", words)]
    assert others == []
    assert any(words.startswith("port-forward pod/") for words in lab.asked)
    assert lab.asked[-1].startswith("scale deployment/sample-service-grpc --replicas=3")
