"""`samplectl lab`, which `make lab` runs: its trials on the system, and what it refuses."""

import contextlib
import json
import signal
import subprocess
from pathlib import Path

import pytest

from support.eventually import eventually
from support.paths import PROGRAMS, ROOT
from support.ports import free_port
from support.programs import clean
from support.system import processes_in


def environment(folder: Path) -> dict[str, str]:
    return clean({"XDG_RUNTIME_DIR": str(folder)})


def lab(folder: Path, *arguments: str, within: float = 60) -> subprocess.CompletedProcess:
    result = subprocess.run(
        [PROGRAMS / "samplectl", "lab", *arguments, "--port", str(free_port())], cwd=ROOT, env=environment(folder),
        capture_output=True, text=True, timeout=within)
    assert processes_in(folder) == {}
    return result


def figures(report: Path) -> dict[tuple[str, str, str], dict]:
    modes = json.loads((report / "report.json").read_text())["modes"]
    return {(mode["mode"], figure["trial"], figure["name"]): figure for mode in modes for figure in mode["figures"]}


@pytest.mark.long
@pytest.mark.timeout(150)
def test_a_quick_run_is_as_theory_predicts(state_folder, tmp_path):
    result = lab(
        state_folder, "--quick", "--modes", "headless,clusterip", "--output", str(tmp_path / "report"), within=120)
    assert result.returncode == 0, result.stdout + result.stderr
    seen = figures(tmp_path / "report")
    assert seen["headless", "spread", "busiest pod's share"]["value"] == pytest.approx(20, abs=1)
    assert seen["clusterip", "spread", "busiest pod's share"]["value"] == 100
    assert seen["headless", "scale-out", "new pods with calls"]["value"] == 5
    # Fifty slow calls were under way on five pods, or on one.
    assert seen["headless", "kill", "failed calls of those under way"]["value"] >= 10
    assert seen["clusterip", "kill", "failed calls of those under way"]["value"] >= 50
    assert {trial for _, trial, _ in seen} == {"spread", "scale-out", "scale-in", "kill"}


@pytest.mark.long
@pytest.mark.timeout(120)
def test_what_a_wrong_policy_costs_is_missed_and_named(state_folder, tmp_path):
    result = lab(
        state_folder, "--quick", "--modes", "headless", "--policy", "pick_first", "--output", str(tmp_path / "report"),
        within=100)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "busiest pod's share" in result.stdout
    share = figures(tmp_path / "report")["headless", "spread", "busiest pod's share"]
    assert share["value"] == 100 and (share["atLeast"], share["atMost"]) == (20, 21) and not share["holds"]


@contextlib.contextmanager
def running(folder: Path, report: Path):
    """A lab whose first trial has begun; afterwards it is called off."""
    command = [PROGRAMS / "samplectl", "lab", "--modes", "headless", "--port", str(free_port()), "--output", str(report)]
    with subprocess.Popen(
            command, cwd=ROOT, env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        told = ""
        while "spread" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            _, process.last_words = process.communicate(timeout=60)


def test_whoever_calls_it_off_finds_nothing_running(state_folder, tmp_path):
    with running(state_folder, tmp_path / "report") as process:
        assert processes_in(state_folder)
    assert process.returncode == 1
    assert "interrupted; everything is stopped" in process.last_words
    eventually(lambda: processes_in(state_folder) == {})
    assert not (tmp_path / "report").exists()


def test_a_second_one_is_refused(state_folder, tmp_path):
    with running(state_folder, tmp_path / "first") as process:
        second = subprocess.run(
            [PROGRAMS / "samplectl", "lab", "--modes", "headless", "--output", str(tmp_path / "second")], cwd=ROOT,
            env=environment(state_folder), capture_output=True, text=True, timeout=60)
        assert process.poll() is None and processes_in(state_folder), "the first one goes on"
    assert second.returncode == 1
    assert "another lab runs on this machine" in second.stderr
    eventually(lambda: processes_in(state_folder) == {})


@pytest.mark.parametrize(
    ["arguments", "status", "complaint"],
    [
        (["--modes", "headless,nonsense"], 64, "there is no mode 'nonsense'; there are: clusterip, headless"),
        (["--modes", "headless,"], 64, "there is no mode ''"),
        (["--policy", "nonsense"], 64, "--policy"),
        (["--output", "/nowhere/lab-report"], 1, "/nowhere"),
    ])
def test_what_it_is_told_wrongly_it_says_before_anything_starts(state_folder, arguments, status, complaint):
    result = lab(state_folder, *arguments)
    assert result.returncode == status, result.stdout + result.stderr
    assert complaint in result.stderr
