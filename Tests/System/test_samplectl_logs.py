"""samplectl logs: of several pods as one, by time; and that every line says when it was written."""

import json
import re
import signal
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from support.eventually import eventually
from support.following import Following
from support.system import System

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NOTEBOOK = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")
REQUEST = re.compile(r"\[\w+\] \d{4}/\d\d/\d\d - \d\d:\d\d:\d\d \| ")


@pytest.fixture(scope="module")
def system(state_folder):
    """A small system, for the tests that leave it as it was."""
    system = System("shared", state_folder).up("--replicas", "2")
    yield system
    system.down()
    assert system.left_behind() == []


@pytest.fixture
def called(system):
    """After three calls whose lines are all there."""
    names = [f"called-{time.monotonic_ns()}-{number}" for number in range(3)]
    for name in names:
        assert system.ask(f"/go/sample?name={name}").status == 200
    eventually(lambda: all(name in system.output("logs", "gateway", "nginx") for name in names))
    return system


def split(output: str) -> list[tuple[str, str]]:
    """Pod and line."""
    return [tuple(line.split(" │ ", 1)) for line in output.splitlines()]


def pods(output: str) -> set[str]:
    return {pod for pod, _ in split(output)}


def log(system, pod: str):
    return system.state / "logs" / f"{pod}.log"


def test_every_line_says_when_it_was_written(called):
    lines = split(called.output("logs")) + split(called.output("logs", "dnsmasq", "supervisor"))
    assert {pod.split("-")[2] for pod, _ in lines if "-" in pod} == {"grpc", "gateway", "js", "nginx"}
    assert {"dnsmasq", "supervisor"} < {pod for pod, _ in lines}
    for pod, line in lines:
        assert NOTEBOOK.match(line) or REQUEST.match(line), f"{pod}: {line}"
    now = datetime.now(timezone.utc)
    for pod, line in lines:
        [date] = re.findall(r"(\d{4}/\d\d/\d\d) (?:- )?(\d\d:\d\d:\d\d)", line)[:1]
        written = datetime.strptime(" ".join(date), "%Y/%m/%d %H:%M:%S").replace(tzinfo=timezone.utc)
        assert abs((now - written).total_seconds()) < 600, f"{pod}: {line}"


def test_lines_of_all_pods_are_in_the_order_of_their_times(called):
    times = [line.split(" ", 1)[0] for _, line in split(called.output("logs", "--timestamps"))]
    assert all(RFC_3339.fullmatch(time) for time in times), times
    assert times == sorted(times) and len(set(pods(called.output("logs")))) == 5


def test_several_components_pods_and_parts_of_names(called):
    [one, two] = sorted(pod["name"] for pod in called.pods())
    gateway = called.pods("gateway")[0]["name"]
    assert pods(called.output("logs", "gateway", "grpc")) == {gateway, one, two}
    assert pods(called.output("logs", one, "gateway")) == {gateway, one}
    assert pods(called.output("logs", two.rsplit("-", 1)[1])) == {two}
    for word, reason in [("nobody", "there is no component or pod 'nobody'"), (one.rsplit("-", 1)[0], "2 pods' names")]:
        result = called.samplectl("logs", "gateway", word)
        assert result.returncode == 1 and reason in result.stderr


def test_the_last_lines_of_each_pod(called):
    def are_the_last() -> bool:
        """Unless a line came in between: a connection of the gateway's may reach its age."""
        lines = split(called.output("logs", "--tail", "1", "gateway", "nginx"))
        everything = split(called.output("logs", "gateway", "nginx"))
        assert len(lines) == 2
        for pod, line in lines:
            assert line == [text for name, text in everything if name == pod][-1]
        return True

    eventually(are_the_last)
    assert called.output("logs", "--tail", "0") == ""


def test_since(called):
    before = called.output("logs", "gateway")
    began = int(time.time())
    # Lines for people have whole seconds.
    eventually(lambda: time.time() >= began + 1)
    called.ask("/go/sample?name=later")
    since = datetime.fromtimestamp(began + 1, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = eventually(lambda: called.output("logs", "gateway", "nginx", "--since", since))
    eventually(lambda: "name=later" in called.output("logs", "gateway", "--since", since))
    assert not set(lines.splitlines()) & set(before.splitlines())
    assert called.output("logs", "gateway", "--since", "1h").startswith(before)
    assert called.output("logs", "gateway", "--since", "0s") == ""
    result = called.samplectl("logs", "--since", "yesterday")
    assert result.returncode == 64 and "--since 'yesterday'" in result.stderr


def test_as_json(called):
    pod = called.pods()[0]["name"]
    # In the file of before, so that no other test of this system meets it.
    old = log(called, pod).with_suffix(".log.1")
    old.write_text('{"time":"2026-11-22T01:50:00.5Z","level":"warn","message":"one","pod":"other"}\nFatal error: no\n')
    lines = [json.loads(line) for line in called.output("logs", "grpc", "gateway", "-o", "json").splitlines()]
    old.unlink()
    for line in lines:
        assert RFC_3339.fullmatch(line["time"]) and line["pod"].startswith(f"sample-service-{line['component']}-")
        assert ("line" in line) != ("members" in line)
    [position] = [number for number, line in enumerate(lines) if "members" in line]
    assert lines[position]["members"]["message"] == "one" and lines[position]["members"]["pod"] == "other"
    assert lines[position] | {"members": None} == {
        "time": "2026-11-22T01:50:00.500Z", "pod": pod, "component": "grpc", "members": None}
    trace = next(line for line in lines if line.get("line") == "Fatal error: no")
    assert trace["time"] == lines[position]["time"] and trace["pod"] == pod


def test_what_was_written_before_the_file_was_begun_anew_and_lines_without_a_time(new_system):
    system = new_system("other").up("--replicas", "1")
    [pod], [gateway] = system.pods(), system.pods("gateway")
    old, new = log(system, pod["name"]).with_suffix(".log.1"), log(system, gateway["name"])
    old.write_text("2023/11/24 07:30:45 first\n    of two\n2023/11/24 07:30:47 third\n")
    new.write_text('{"time":"2023-11-24T07:30:46.123Z","message":"second"}\n' + new.read_text())
    lines = split(system.output("logs", "grpc", "gateway"))[:4]
    assert lines == [
        (pod["name"], "2023/11/24 07:30:45 first"), (pod["name"], "    of two"),
        (gateway["name"], '{"time":"2023-11-24T07:30:46.123Z","message":"second"}'),
        (pod["name"], "2023/11/24 07:30:47 third")]
    with_times = [line for _, line in split(system.output("logs", "grpc", "--timestamps"))][:3]
    assert with_times[1] == "2023-11-24T07:30:45.000Z     of two"
    assert "first" not in system.output("logs", "--since", "1h")


def test_following_shows_what_comes_from_whoever_comes(new_system):
    system = new_system("other").up("--replicas", "2")
    with Following(system.command("logs", "-f", "grpc", "gateway", "--tail", "0", "--timestamps")) as following:
        def follows():
            system.ask("/go/sample?name=followed")
            return any("name=followed" in line for line in following.lines)
        eventually(follows)
        before = {pod["name"] for pod in system.pods()}
        system.output("scale", "grpc=3")
        [new] = eventually(lambda: {pod["name"] for pod in system.pods()} - before)
        following.sees(lambda lines: any(line.startswith(new) and "Listening" in line for line in lines))
        assert all(RFC_3339.match(line.split(" │ ", 1)[1]) for line in following.lines)
        assert following.interrupt() == -signal.SIGINT


def test_following_loses_no_line_when_the_file_is_begun_anew(new_system):
    system = new_system("other").up("--replicas", "1")
    pod = system.pods()[0]["name"]
    with Following(system.command("logs", "-f", pod, "--tail", "0", "-o", "json")) as following:
        path = log(system, pod)

        def begun():
            with path.open("a") as file:
                file.write("begun\n")
            return following.lines
        eventually(begun)
        for number in range(3):
            with path.open("a") as file:
                file.writelines(f"{number}.{line}\n" for line in range(1000))
            path.rename(path.with_suffix(".log.1"))
            with path.open("a") as file:
                file.write(f"anew {number}\n")
            following.sees(lambda lines: json.loads(lines[-1])["line"] == f"anew {number}")
        shown = [json.loads(line)["line"] for line in following.lines]
        assert [line for line in shown if line != "begun"] == [
            line for number in range(3) for line in [*(f"{number}.{line}" for line in range(1000)), f"anew {number}"]]
        system.down()
        assert following.ends() == 0


def test_following_says_what_was_rotated_away_before_it_could_be_shown(new_system):
    """A reader that is held up, by a pager or Ctrl-S, while 24 MiB are written."""
    system = new_system("other").up("--replicas", "1")
    pod = system.pods()[0]["name"]
    path = log(system, pod)

    def rotate(number: int, start: int) -> int:
        """As the supervisor does it."""
        old, begins = path.stat(), start + path.stat().st_size
        path.rename(path.with_suffix(".log.1"))
        path.write_text(f"file {number}\n")
        path.with_suffix(".log.places").write_text(f"{old.st_ino} {start}\n{path.stat().st_ino} {begins}\n")
        return begins

    with Following(system.command("logs", "-f", pod, "--tail", "1")) as following:
        following.sees(lambda lines: lines)
        following.process.send_signal(signal.SIGSTOP)
        # On another processor it runs on for a moment.
        state = Path(f"/proc/{following.process.pid}/stat")
        eventually(lambda: state.read_text().rpartition(")")[2].split()[0] == "T")
        start = 0
        for number in range(1, 5):
            start = rotate(number, start)
        following.process.send_signal(signal.SIGCONT)
        following.sees(lambda lines: lines[-1].endswith("file 4"))
        assert following.lines[-2].endswith("file 3")
        eventually(lambda: following.errors)
        assert following.errors == [f"samplectl: {pod}: 14 bytes were rotated away before they could be shown"]


def test_big_logs_do_not_fill_the_memory(new_system):
    system = new_system("other").up("--replicas", "4")
    line = b"2023/11/24 07:30:45 Received request: /sample.service.HelloWorld/SayHello\n"
    for pod in system.pods():
        log(system, pod["name"]).with_suffix(".log.1").write_bytes(line * ((8 << 20) // len(line)))
    with Following(system.command("logs", "-f", "grpc", "--since", "1h")) as following:
        following.sees(lambda lines: sum("(grpc)" in line for line in lines) == 4)
        status = Path(f"/proc/{following.process.pid}/status").read_text()
    most = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    assert most < 24 << 10, f"{most} KiB for 32 MiB of logs"


def test_in_json_every_line_has_its_time_in_one_form(new_system):
    """But for lines about errors of nginx, which knows no other form for them."""
    system = new_system("other").up("--replicas", "1", "--mode", "envoy", "--log-format", "json")
    assert system.ask("/go/sample?name=json").status == 200
    components = {"grpc", "gateway", "js", "nginx", "envoy"}

    def lines() -> list[dict]:
        shown = [json.loads(line) for line in system.output("logs", "-o", "json").splitlines()]
        assert {line["component"] for line in shown} == components
        return shown
    for line in eventually(lines):
        assert RFC_3339.fullmatch(line["members"]["time"]), line
        assert line["time"] == line["members"]["time"]
    called = eventually(lambda: [
        line for line in lines() if line["component"] == "envoy" and line["members"].get("grpc_status") == "OK"])
    assert called[0]["members"]["method"] == "/sample.service.HelloWorld/SayHello"
