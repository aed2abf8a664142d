"""`scripts/test`: tests run side by side and are all counted, and whoever ends the run ends everything in it.

It is tried on a tree of its own, whose suite `chart` has a few tests that do what is asked of them.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.eventually import eventually
from support.paths import ROOT
from support.system import processes_in

HEAD = """
import os, subprocess, sys, time
from pathlib import Path
HERE = Path(__file__).parent
def wait_for(name):
    deadline = time.monotonic() + 60
    while not (HERE / name).exists():
        assert time.monotonic() < deadline, name
        time.sleep(0.02)
"""


class Run:
    def __init__(self, folder: Path, tests: str, suites: list[str], swift: str):
        self.folder = folder
        self.tests = folder / "Tests" / "Chart"
        self.tests.mkdir(parents=True)
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "test", folder / "scripts")
        (self.tests / "test_it.py").write_text(HEAD + tests)
        (folder / "scripts" / "swift").write_text("#!/usr/bin/env bash\n" + swift)
        (folder / "scripts" / "swift").chmod(0o755)
        # Of the run that this test is part of.
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.process = subprocess.Popen(
            [sys.executable, folder / "scripts" / "test", *suites], env={**own, "TEST_WORKERS": "2"}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ended(self) -> tuple[int, str]:
        """Its status, and what it printed."""
        output, _ = self.process.communicate(timeout=120)
        return self.process.returncode, output


@pytest.fixture
def start_run(tmp_path):
    """start_run(tests) → Run; other suites than `chart` want a `scripts/swift`."""
    started: list[Run] = []

    def start(tests: str = "", suites: tuple = ("chart",), swift: str = "") -> Run:
        started.append(Run(tmp_path / "tree", tests, suites, swift))
        return started[-1]

    yield start
    for run in started:
        run.process.terminate()
        run.process.communicate(timeout=120)


def test_tests_run_at_the_same_time_and_all_are_counted(start_run):
    """Each of two waits for the other one, and a third ends the process that it runs in."""
    status, output = start_run("""
def test_one():
    (HERE / "one").touch()
    wait_for("two")
def test_is_skipped():
    import pytest
    pytest.skip("not here")
def test_other(): pass
def test_two():
    (HERE / "two").touch()
    wait_for("one")
def test_fails(): assert False
def test_dies(): os._exit(3)
""").ended()
    assert status == 1
    assert output.splitlines()[-1] == "3 passed, 2 failed, 1 skipped", output
    failed = re.findall(r"^FAILED chart: (.*)", output, re.M)
    assert len(failed) == 2 and any("test_fails" in name for name in failed) and any("test_dies" in name for name in failed)


def test_the_summary_tells_compiling_from_running_and_names_the_slowest(start_run):
    status, output = start_run("""
def test_quick(): pass
def test_slow(): time.sleep(0.3)
def test_other(): pass
""").ended()
    assert status == 0
    summary = output[output.index("== summary"):]
    slowest = re.findall(r"^ +([\d.]+) s  (\S+)", summary, re.M)
    assert "test_slow" in slowest[0][1] and float(slowest[0][0]) >= 0.3
    assert re.search(r"^ +build +run$", summary, re.M)
    assert re.search(r"^chart +3 passed, 0 failed +0\.0 s +\d+\.\d s$", summary, re.M), summary
    assert summary.splitlines()[-1] == "3 passed, 0 failed"


def test_rough_streams_are_a_suite_of_their_own(start_run):
    """So it is seen when its filter finds no test, and its failures bear its name."""
    status, output = start_run(suites=("unit", "rough"), swift="""
[ "$1" = test ] || exit 0
tests='<testcase classname="Some" name="passes"/>'
while [ "$1" != --xunit-output ]; do shift; done
[ "${TEST_STREAMS:-}" = rough ] && tests=
echo "<testsuites>$tests</testsuites>" >"$2"
""").ended()
    assert status == 1
    assert re.search(r"^unit +1 passed, 0 failed", output, re.M), output
    assert re.search(r"^FAILED rough: no test ran$", output, re.M), output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_ends_the_run_ends_everything_in_it(start_run, number):
    """Also what has left its session, as a system of samplectl does; and tests take down what they have set up."""
    run = start_run("""
import pytest
@pytest.fixture
def something():
    yield
    (HERE / "taken down").touch()
def test_waits(something):
    subprocess.Popen(["setsid", "--fork", "sh", "-c", "cd $0; touch daemon; exec sleep 100", HERE])
    wait_for("daemon")
    (HERE / "begun").touch()
    wait_for("never")
def test_other(): pass
def test_another(): pass
""")
    eventually(lambda: (run.tests / "begun").exists())
    run.process.send_signal(number)
    status, output = run.ended()
    assert status == 128 + number
    assert f"test: {number.name}" in output
    assert processes_in(run.folder) == {}
    assert (run.tests / "taken down").exists(), output
