"""`samplectl lab`, which `make lab` runs: its trials on the system, and what it refuses."""

import contextlib
import json
import resource
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from support.eventually import eventually
from support.paths import PROGRAMS, ROOT
from support.ports import free_port
from support.programs import clean
from support.system import processes_in


def left_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


def environment(folder: Path) -> dict[str, str]:
    return clean({"XDG_RUNTIME_DIR": str(folder)})


def lab(folder: Path, *arguments: str, within: float = 60, port: int | None = None) -> subprocess.CompletedProcess:
    result = subprocess.run(
        [PROGRAMS / "samplectl", "lab", *arguments, "--port", str(port or free_port())], cwd=ROOT, env=environment(folder),
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
    assert left_in(state_folder) == []
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
    assert left_in(state_folder) == [] and not (tmp_path / "second").exists()


def test_one_that_was_killed_is_no_obstacle_and_what_it_left_goes_with_the_next(state_folder, tmp_path):
    with running(state_folder, tmp_path / "first") as process:
        process.kill()
        process.wait(timeout=60)
        assert left_in(state_folder), "nobody tidied up after it"
        with running(state_folder, tmp_path / "second"):
            assert processes_in(state_folder)
    eventually(lambda: processes_in(state_folder) == {})
    assert left_in(state_folder) == []


def test_a_port_that_is_taken_is_told_before_anything_starts(state_folder, tmp_path):
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        result = lab(state_folder, "--modes", "headless", "--output", str(tmp_path / "report"), port=port)
    assert result.returncode == 1 and result.stdout == "", result
    assert f"port {port} is in use: choose another with --port" in result.stderr
    assert "spread" not in result.stderr and not (tmp_path / "report").exists()
    assert left_in(state_folder) == []


def test_a_disk_without_room_for_the_report_is_told_before_anything_starts(state_folder, tmp_path):
    """By a limit on the size of a file, which takes no file system of its own; SIGXFSZ stays ignored, as Python has it."""
    result = subprocess.run(
        [PROGRAMS / "samplectl", "lab", "--modes", "headless", "--output", tmp_path / "report"], cwd=ROOT,
        env=environment(state_folder), capture_output=True, text=True, timeout=60, restore_signals=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)))
    assert result.returncode == 1, result
    assert f"no report can be written to {tmp_path}/report: File too large; name another folder with --output" in result.stderr
    assert left_in(tmp_path) == []


@pytest.mark.skipif(shutil.which("consul") is not None, reason="Consul is on the PATH, and this is about its absence")
def test_a_run_that_came_to_nothing_replaces_no_report(state_folder, tmp_path):
    report = tmp_path / "report"
    made = subprocess.run(
        [PROGRAMS / "samplectl", "lab", "--from", ROOT / "Tests/tools/Recordings/lab/run.json", "--output", report],
        capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made
    before = (report / "report.json").read_bytes()
    # Beside programs outside of the source tree, Consul is nowhere.
    installed = tmp_path / "bin"
    installed.mkdir()
    for program in ("samplectl", "grpc-server", "gateway", "js-server"):
        shutil.copy(PROGRAMS / program, installed)
    result = subprocess.run(
        [installed / "samplectl", "lab", "--modes", "consul", "--output", report], cwd=tmp_path,
        env=environment(state_folder), capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and "Nothing was measured, and no report is written" in result.stdout, result
    assert (report / "report.json").read_bytes() == before


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
