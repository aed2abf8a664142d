"""samplectl: starting, changing and ending the system, and mistakes."""

import os
import re
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.eventually import eventually
from support.events import EventStream
from support.paths import ROOT, tool
from support.programs import run


def test_down_leaves_nothing(new_system):
    system = new_system().up()
    assert len(system.processes()) >= 10, "supervisor, nginx, dnsmasq, gateway, js and five pods"
    system.down()
    assert system.left_behind() == []
    with pytest.raises(ConnectionRefusedError):
        system.ask("/")


def test_down_waits_for_requests_and_not_for_who_listens_to_events(new_system):
    """A page that is open has such a stream; nginx, which waits for all that goes through it, has 10 s."""
    system = new_system().up("--replicas", "1")
    stream = EventStream(f"127.0.0.1:{system.port}")
    eventually(lambda: stream.blocks)
    with ThreadPoolExecutor() as others:
        slow = others.submit(system.ask, "/go/sample?delay=1500ms")
        eventually(lambda: any(one["inFlight"] for one in system.ask("/go/channel").json["subchannels"]))
        system.down()
        assert slow.result().status == 200, "it was under way, and is not cut off"
    # It has come to its end by the gateway; had nginx waited for it, it would have been cut off.
    eventually(lambda: stream.has_ended)
    stream.close()


def test_down_of_what_does_not_run_is_no_mistake(new_system):
    assert new_system().samplectl("down").returncode == 0


def test_status_says_where_grpcurl_finds_what(new_system):
    system = new_system().up()
    [command] = re.findall(r"grpcurl -plaintext 127\.\d+\.\d+\.\d+:8080 list", system.output("status"))
    program, *arguments = command.split()
    listed = subprocess.run([tool(program), *arguments], capture_output=True, text=True, timeout=20)
    assert "sample.service.HelloWorld" in listed.stdout.split(), listed.stderr


def kill_supervisor(system):
    """And waits until it is dead: the kernel only marks it, and it still holds its lock until it has run once more. A zombie,
    where nobody waits for it, holds none."""
    pid = system.supervisor()
    os.kill(pid, signal.SIGKILL)

    def is_dead() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    eventually(is_dead)


def test_up_after_a_killed_supervisor(new_system):
    system = new_system().up()
    before = set(system.processes())
    kill_supervisor(system)
    system.up()
    assert before.isdisjoint(system.processes()), "nothing of the first system is left"
    assert system.ask("/go/sample").status == 200


def test_down_after_a_killed_supervisor(new_system):
    system = new_system().up()
    kill_supervisor(system)
    system.down()
    assert system.left_behind() == []


def test_without_a_gateway_nginx_answers_502_and_heals(new_system):
    system = new_system().up()
    system.output("scale", "gateway=0")
    eventually(lambda: system.ask("/go/sample").status == 502)
    assert "<html" in system.ask("/go/sample").text
    assert system.ask("/").status == 200

    system.output("scale", "gateway=1")
    eventually(lambda: system.ask("/go/sample").status == 200)


def test_without_js_its_page_says_so_and_the_rest_works(new_system):
    system = new_system().up("--replicas", "1")
    system.output("scale", "js=0")
    eventually(lambda: system.ask("/js/").status == 502)
    assert "samplectl status" in system.ask("/js/").text
    assert system.ask("/go/sample").status == 200


def test_site_of_ones_own(new_system, tmp_path):
    (tmp_path / "index.html").write_text("my own")
    system = new_system().up("--web", str(tmp_path), "--replicas", "1")
    assert system.ask("/js/").text == "my own"


def test_missing_site_is_named(new_system):
    system = new_system()
    result = system.samplectl("up", "--port", str(system.port), "--web", "/no/such/site")
    assert result.returncode == 1
    assert "/no/such/site" in result.stderr
    assert system.left_behind() == []


def test_killed_pod_comes_back(new_system):
    system = new_system().up("--dns-interval", "1s")
    system.ask("/go/sample")
    eventually(lambda: system.ready() == 5)
    pod = system.ask("/go/sample").json["response"]["hostname"]
    system.output("kill", pod)
    # At once, if it is back before the look-up that its end makes due; else when a connection reaches its age, 30 s.
    eventually(lambda: pod in system.pods_called(10), within=90)


def test_two_systems_side_by_side(new_system):
    one, two = new_system("one"), new_system("two")
    one.up("--replicas", "2")
    two.up("--replicas", "3")
    for system, pods in ((one, 2), (two, 3)):
        system.ask("/go/sample")
        # Again where a connection has just reached its age.
        eventually(lambda: system.ready() == pods and len(system.pods_called(30)) == pods)
    one.down()
    assert two.ask("/go/sample").status == 200


@pytest.mark.parametrize("program, package", [("nginx", "nginx"), ("dnsmasq", "dnsmasq-base")])
def test_missing_program_is_named_with_its_package(new_system, program, package):
    system = new_system()
    result = without(program, system.command("up", "--port", str(system.port)))
    assert result.returncode == 1
    assert f"{program} is not installed" in result.stderr
    assert f"apt-get install {package}" in result.stderr
    assert system.left_behind() == []


def without(program: str, command: list[str]) -> subprocess.CompletedProcess:
    """Runs a command that sees a plain file in the place of the program, in a mount namespace of its own."""
    unshare = [tool("unshare"), "--mount", *(["--map-root-user"] if os.getuid() else [])]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine allows no mount namespace")
    hide = 'mount --bind /dev/null "$0" && exec "$@"'
    return subprocess.run(
        [*unshare, "sh", "-c", hide, tool(program), *command], cwd=ROOT, capture_output=True, text=True, timeout=90)


def test_port_in_use_is_named(new_system):
    system = new_system()
    with socket.create_server(("127.0.0.1", system.port)):
        result = system.samplectl("up", "--port", str(system.port))
    assert result.returncode == 1
    assert str(system.port) in result.stderr
    assert system.left_behind() == []


@pytest.mark.parametrize("arguments", [("fly",), ("up", "--nonsense"), ("up", "--mode", "luck"), ("up", "--port", "0")])
def test_bad_arguments_are_one_line_and_64(arguments):
    result = run("samplectl", *arguments)
    assert result.returncode == 64
    assert result.stderr.count("\n") == 1
    assert arguments[-1] in result.stderr


def test_second_up_says_that_it_runs_already(new_system):
    system = new_system().up()
    result = system.samplectl("up", "--port", str(system.port))
    assert "running" in result.stdout + result.stderr
    assert system.ask("/go").status == 200


def test_state_is_private(new_system):
    system = new_system().up()
    assert (system.state.stat().st_mode & 0o077) == 0
    for path in system.state.rglob("*"):
        if path.is_socket():
            assert (path.stat().st_mode & 0o177) == 0
