"""samplectl status: for programs, and again whenever something changes."""

import json
import re
import signal

import pytest

from support.following import Following, OnTerminal

MEMBERS = {
    "name", "mode", "policy", "target", "entry", "listen", "dns", "dnsCache", "grpcAddress", "ready", "stopping", "change", "pods"}
POD_MEMBERS = {
    "name", "component", "ready", "containers", "containersReady", "status", "restarts", "ageSeconds", "ip", "pid",
    "listed", "outdated", "lastEnd"}


@pytest.fixture
def system(new_system):
    return new_system().up("--replicas", "2")


def test_as_json(system):
    output = system.output("status", "-o", "json")
    assert output.count("\n") == 1
    status = json.loads(output)
    assert status.keys() == MEMBERS
    assert status["ready"] is True and status["stopping"] is False and status["change"] is None
    assert (status["mode"], status["policy"]) == ("headless", "round_robin")
    assert (status["entry"], status["listen"]) == (f"http://127.0.0.1:{system.port}", "127.0.0.1")
    for pod in status["pods"]:
        assert pod.keys() == POD_MEMBERS, pod
        assert pod["ready"] and pod["containers"] == pod["containersReady"] == 1 and pod["status"] == "Running"
    assert [pod["component"] for pod in status["pods"]] == ["grpc", "grpc", "gateway", "js", "nginx"]
    assert {pod["ip"] for pod in status["pods"] if pod["component"] == "grpc"} == system.pod_addresses("grpc")
    help_text = system.output("status", "--help")
    for member in MEMBERS | POD_MEMBERS:
        assert re.search(rf"\b{member}\b", help_text), f"--help does not name {member}"


def test_json_of_what_does_not_run_is_an_error(new_system):
    result = new_system().samplectl("status", "-o", "json")
    assert result.returncode == 1 and result.stdout == "" and "not running" in result.stderr


def test_into_a_pipe_each_change_is_a_block(system):
    with Following(system.command("status", "--watch")) as watching:
        watching.sees(lambda lines: any(line.startswith("entry ") for line in lines))
        assert sum(line.startswith("NAME ") for line in watching.lines) == 1
        system.output("scale", "grpc=3")

        def blocks(lines):
            return [block.splitlines() for block in "\n".join(lines).split("\nNAME ")]

        def has_three(lines):
            rows = [line for line in blocks(lines)[-1] if line.startswith("sample-service-grpc-")]
            return len(rows) == 3 and all(" 1/1 " in row for row in rows)

        watching.sees(has_three)
        assert "\x1b" not in "".join(watching.lines)
        seen = blocks(watching.lines)
        assert len(seen) < 12, "an age alone is no change"
        assert watching.interrupt() == -signal.SIGINT


def test_each_change_as_json_and_the_end(system):
    with Following(system.command("status", "--watch", "-o", "json")) as watching:
        watching.sees(bool)
        system.output("scale", "js=0")
        watching.sees(lambda lines: not any(pod["component"] == "js" for pod in json.loads(lines[-1])["pods"]))
        system.down()
        assert watching.ends() == 0, watching.errors
        assert all(json.loads(line).keys() == MEMBERS for line in watching.lines)


def test_on_a_terminal_it_is_in_place(system):
    with OnTerminal(system.command("status", "-w"), columns=72, rows=40) as terminal:
        terminal.sees(lambda output: "entry http" in output)
        system.output("scale", "grpc=3")
        terminal.sees(lambda output: len(re.findall(r"sample-service-grpc-", output.split("\x1b[J")[-1])) == 3)
        frames = terminal.output.split("\x1b[J")[1:]
        for before, after in zip(frames, frames[1:]):
            up = re.search(r"\x1b\[(\d+)A\r$", before)
            shown = before[:up.start()].count("\n")
            assert int(up[1]) == shown, "each frame begins where the one before began"
        assert max(len(line) for frame in frames for line in re.sub(r"\x1b\[\d+A", "", frame).splitlines()) <= 72
        assert terminal.press_control_c() == -signal.SIGINT


def test_no_word_is_broken_on_a_narrow_terminal(system):
    with OnTerminal(system.command("status"), columns=72) as terminal:
        assert terminal.process.wait(10) == 0
        lines = terminal.sees(lambda output: "grpcurl" in output and output.endswith("list\r\n")).splitlines()
    assert all(len(line) <= 72 or " " not in line for line in lines), lines
    pods = {pod["name"]: pod for pod in system.all_pods()}
    for name, pod in pods.items():
        assert lines[lines.index(name) + 1].split() == ["1/1", "Running", "0", *lines[lines.index(name) + 1].split()[3:]]
        assert pod["ip"] in lines[lines.index(name) + 1]
