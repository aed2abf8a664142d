"""`samplectl demo`, which `make demo` runs."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from support.paths import PROGRAMS, ROOT
from support.ports import free_port
from support.programs import clean
from support.system import processes_in


def demo(folder: Path, *arguments: str, within: float = 150) -> subprocess.CompletedProcess:
    result = subprocess.run(
        [PROGRAMS / "samplectl", "demo", *arguments], cwd=ROOT, env=clean({"XDG_RUNTIME_DIR": str(folder)}),
        capture_output=True, text=True, timeout=within)
    assert processes_in(folder) == {}
    return result


def test_demo_plays_four_corners_and_ends_with_its_verdict(state_folder):
    result = demo(state_folder, "--chapter", "corners", "--port", str(free_port()))
    assert_passed(result)
    assert len(re.findall(r"^ +sample-service-grpc-\S+ +500\b", result.stdout, re.M)) == 3, "stuck on one pod"
    assert len(re.findall(r"^ +sample-service-grpc-\S+ +(?:99|100|101)\b", result.stdout, re.M)) == 5, "spread over five"


def assert_passed(result: subprocess.CompletedProcess):
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1] == "demo: passed"
    assert "✗" not in result.stdout


@pytest.mark.parametrize("chapter", ["restart", "kill"])
def test_chapter_by_itself(state_folder, chapter):
    result = demo(state_folder, "--chapter", chapter, "--port", str(free_port()))
    assert_passed(result)
    assert "✓" in result.stdout


@pytest.mark.long
@pytest.mark.timeout(320)
def test_whole_demo_takes_less_than_five_minutes(state_folder):
    assert_passed(demo(state_folder, "--port", str(free_port()), within=300))


def test_list_of_chapters(state_folder):
    names = re.findall(r"(?m)^\S+", demo(state_folder, "--list").stdout)
    assert names == ["corners", "idle", "scale", "readiness", "restart", "kill", "slow-pod"]


def test_unknown_chapter_is_named_with_those_there_are(state_folder):
    result = demo(state_folder, "--chapter", "nonsense")
    assert result.returncode == 64
    assert "'nonsense'" in result.stderr and "corners, idle" in result.stderr


def test_demo_that_fails_says_so(state_folder):
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = str(taken.getsockname()[1])
        result = demo(state_folder, "--port", port)
    assert result.returncode == 1
    last_line = result.stdout.splitlines()[-1]
    assert last_line.startswith("demo: failed: ")
    assert port in last_line


def test_verdict_is_one_line_for_who_reads_it_from_a_pipe(state_folder, tmp_path):
    program = shutil.copy(PROGRAMS / "samplectl", tmp_path)
    result = subprocess.run(
        [program, "demo", "--port", str(free_port())], cwd=tmp_path, env=clean({"XDG_RUNTIME_DIR": str(state_folder)}),
        capture_output=True, text=True, timeout=90)
    assert result.returncode == 1
    last_line = result.stdout.splitlines()[-1]
    assert last_line.startswith("demo: failed: ") and "make install" in last_line and len(last_line) > 72
