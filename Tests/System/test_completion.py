"""`samplectl completion`: what real shells make of a TAB."""

import os
import shutil
import subprocess
import time

import pytest

from support.eventually import eventually
from support.paths import PROGRAMS, ROOT, tool
from support.programs import run
from support.terminal import Terminal

# Where a line begins, and nothing else that is typed or completed.
PROMPT = "@ here: "


class Shell:
    """An interactive shell of nobody's: it reads no files but the script."""

    def __init__(self, name: str, folder):
        self.name = name
        script = folder / "samplectl-completion"
        script.write_text(run("samplectl", "completion", name).stdout)
        options = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}[name]
        self.terminal = Terminal([tool(name), *options], columns=200, PATH=f"{PROGRAMS}:/usr/bin:/bin", HOME=str(folder),
                                 PS1="", PROMPT="", TERM="dumb", ZDOTDIR=str(folder))
        prepare = {
            # Candidates one below the other, without a question, however many there are.
            "bash": "bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set bell-style none'; "
                    "bind 'set enable-bracketed-paste off'; ",
            "zsh": f"unset zle_bracketed_paste; unsetopt prompt_sp; autoload -U compinit; compinit -u -d {folder}/dump; LISTMAX=0; ",
        }[name]
        self.terminal.type(f"{prepare}source {script}; cd {folder}; PS1='@ here'': '; echo re''ady\n")
        self.terminal.read("ready")
        self.terminal.read(PROMPT)

    def complete(self, typed: str) -> str:
        """The line after one TAB, which is then printed in place of being run."""
        # What a key means depends on what the line editor is doing: each waits for the one before.
        self.terminal.type(f"{typed}\t")
        self.terminal.type("\x01echo 'is: ' \x05 .\n")
        line = self.terminal.read(r"(?m)^is:  .* \.$")
        self.terminal.read(PROMPT)
        return line.removeprefix("is:  ").removesuffix(".")

    def listed(self, typed: str, *expected: str):
        """Waits until all of them are listed: bash does that at a second TAB."""
        self.terminal.type(typed + {"bash": "\t\t", "zsh": "\t"}[self.name])
        self.terminal.read("(?s)" + "".join(rf"(?=.*{word}\b)" for word in expected))
        self.terminal.type("\x15\n")
        self.terminal.read(PROMPT)


@pytest.fixture(params=["bash", "zsh"])
def shell(request, tmp_path):
    if shutil.which(request.param) is None:
        pytest.fail(f"{request.param} is not installed: make deps does that")
    shell = Shell(request.param, tmp_path)
    yield shell
    shell.terminal.close()


def test_verbs_flags_and_their_values(shell):
    assert shell.complete("samplectl sta").split() == ["samplectl", "status"]
    assert shell.complete("samplectl up --max").split() == ["samplectl", "up", "--max-connection-age"]
    assert shell.complete("samplectl up --mode envoy-").split() == ["samplectl", "up", "--mode", "envoy-sidecar"]
    assert shell.complete("samplectl up --mode=kub").split() == ["samplectl", "up", "--mode=kubernetes"]
    assert shell.complete("samplectl up --policy round").split() == ["samplectl", "up", "--policy", "round_robin"]
    assert shell.complete("samplectl restart gat").split() == ["samplectl", "restart", "gateway"]
    assert shell.complete("samplectl set mode=con").split() == ["samplectl", "set", "mode=consul"]
    assert shell.complete("samplectl help rea").split() == ["samplectl", "help", "readiness"]
    assert shell.complete("samplectl completion z").split() == ["samplectl", "completion", "zsh"]
    assert shell.complete("samplectl nslookup sample-service-grpc-").split()[-1] == "sample-service-grpc-headless"
    # The number follows at once.
    assert shell.complete("samplectl scale gat").startswith("samplectl scale gateway= ."[:-2])
    shell.listed("samplectl set mode=", "clusterip", "headless", "envoy", "etcd")
    shell.listed("samplectl re", "readiness", "restart")


def test_what_has_no_list_is_left_alone_and_nothing_runs(shell, tmp_path):
    missing = tmp_path / "none"
    began = time.monotonic()
    assert shell.complete(f"samplectl kill --state {missing} sample").split()[-1] == "sample"
    assert shell.complete("samplectl up --replicas 1").split()[-1] == "1"
    assert time.monotonic() - began < 10, "no time-out was waited for"


def test_directories_are_the_shells(shell, tmp_path):
    (tmp_path / "some-folder").mkdir()
    (tmp_path / "some-file").touch()
    assert shell.complete("samplectl up --web some-fo").split()[-1].rstrip("/") == "some-folder"
    assert shell.complete("samplectl up --web some-fi").split()[-1] == "some-fi"


def test_pods_are_those_that_run(shell, new_system):
    system = new_system().up("--replicas", "2")
    [js] = [pod["name"] for pod in system.pods("js")]
    first, second = sorted(pod["name"] for pod in system.pods())
    state = f"--state {system.state}"
    assert shell.complete(f"samplectl kill {state} sample-service-j").split()[-1] == js
    # As far as they have the same name, a TAB types it.
    common = os.path.commonprefix([first, second])
    assert shell.complete(f"samplectl readiness {state} sample-service-grpc-").split()[-1] == common
    shell.listed(f"samplectl readiness {state} {common}", first, second)
    assert shell.complete(f"samplectl logs {state} -f {js[:-2]}").split()[-1] == js
    # A part that one pod has is enough, as it is for the verb.
    assert shell.complete(f"samplectl kill {state} {first[-5:]}").split()[-1] == first
    system.output("kill", first[-5:])
    system.down()
    assert shell.complete(f"samplectl kill {state} sample-service-j").split()[-1] == "sample-service-j"


def test_a_killed_supervisors_pods_are_offered_to_nobody(new_system):
    system = new_system().up("--replicas", "1")
    arguments = ("__complete", "kill", "--state", str(system.state), "")
    assert "sample-service-grpc-" in run("samplectl", *arguments).stdout
    subprocess.run(["kill", "-9", str(system.supervisor())], check=True)
    # The signal is sent; the process may still answer for a moment.
    eventually(lambda: run("samplectl", *arguments).stdout == "")
    result = run("samplectl", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_program_that_is_typed_by_its_path_is_asked_itself(tmp_path):
    shell = Shell("bash", tmp_path)
    try:
        shell.terminal.type(f"cd {ROOT}; PATH=/usr/bin:/bin\n")
        shell.terminal.read(PROMPT)
        program = PROGRAMS / "samplectl"
        assert shell.complete(f"{program} stat").split() == [str(program), "status"]
    finally:
        shell.terminal.close()


def test_an_unknown_shell_is_refused():
    result = run("samplectl", "completion", "fish")
    assert (result.returncode, result.stdout) == (64, "")
    assert "'fish'" in result.stderr and "bash" in result.stderr and "zsh" in result.stderr
