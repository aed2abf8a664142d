"""What our programs say to people fits a terminal of 72 columns: it never has to break a line inside a word."""

import re

import pytest

from support.paths import PROGRAMS, ROOT
from support.ports import free_port
from support.programs import run
from support.terminal import Terminal

COLUMNS = 72
SERVICES = ["grpc-server", "gateway", "js-server"]
VERBS = [line.split()[0] for line in run("samplectl", "--help").stdout.splitlines() if re.match(r"  [a-z]+  ", line)]

# The mistakes of a day. What is longest in them is what they list.
MISTAKES = [
    ("samplectl", "fly"), ("samplectl", "up", "--prot", "1"), ("samplectl", "up", "--mode", "luck"),
    ("samplectl", "up", "--dns-ttl", "1500ms"), ("samplectl", "set", "mode=luck"), ("samplectl", "set", "polcy=x"),
    ("samplectl", "scale", "grpc=many"), ("samplectl", "scale", "grcp=1"), ("samplectl", "restart", "nginx"),
    ("samplectl", "readiness", "pod", "perhaps"), ("samplectl", "demo", "--chapter", "luck"),
    ("samplectl", "completion", "fish"), ("samplectl", "up", "--name", "No Such Name"),
    ("samplectl", "up", "--listen", "somewhere"), ("samplectl", "status", "too", "many"),
    ("gateway", "--log-level", "loud"), ("gateway", "--grpc-target", "nonsense://"), ("gateway", "--nonsense"),
    ("grpc-server", "--max-receive-message-bytes", "99999999999999999999"), ("js-server", "--event-loops", "many"),
]


def assert_fits(text: str):
    too_long = [line for line in text.splitlines() if len(line) > COLUMNS and " " in line.strip()]
    assert too_long == [], f"more than {COLUMNS} columns"
    assert text.strip() != ""


def seen(command: list[str], **environment: str) -> str:
    """What a terminal shows of a command."""
    terminal = Terminal(command, COLUMNS, cwd=str(ROOT), **environment)
    try:
        return terminal.read_all(within=150)
    finally:
        terminal.close()


def test_every_verb_is_listed():
    assert {"up", "status", "logs", "kill", "completion", "help"} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_verbs(verb):
    assert_fits(run("samplectl", verb, "--help").stdout)


def test_help_of_samplectl():
    assert_fits(run("samplectl", "--help").stdout)


@pytest.mark.parametrize("service", SERVICES)
def test_help_of_services(service):
    assert_fits(run(service, "--help").stdout)


@pytest.mark.parametrize("command", MISTAKES, ids=" ".join)
def test_errors(command):
    program, *arguments = command
    text = seen([str(PROGRAMS / program), *arguments])
    assert text.startswith(f"{program}: ")
    assert_fits(text)
    # In a log, where no terminal is, a message stays one line.
    assert run(program, *arguments).stderr == " ".join(text.split()) + "\n"


def test_a_wide_terminal_gets_long_lines():
    terminal = Terminal([str(PROGRAMS / "samplectl"), "up", "--mode", "luck"], columns=300)
    try:
        assert terminal.read_all().count("\n") == 1
    finally:
        terminal.close()


def test_errors_of_a_running_system(new_system):
    system = new_system().up("--replicas", "3")
    for arguments in (("kill", "sample-service"), ("kill", "nobody"), ("up", "--port", str(system.port))):
        text = seen(system.command(*arguments))
        assert "\nsamplectl: " in f"\n{text}"
        assert_fits(text)


def test_warnings(new_system):
    system = new_system()
    text = seen(system.command("up", "--shutdown-delay", "1s", "--dns-cache", "1h", "--web", "/none"),
                LOAD_BALANCING_POLCY="round_robin")
    assert "LOAD_BALANCING_POLCY" in text and "--shutdown-delay" in text and "/none" in text
    assert_fits(text)


@pytest.mark.timeout(400)
def test_demo(state_folder):
    """Each form that its chapters have: bars, a table of pods, sentences."""
    text = ""
    for chapter in ("corners", "restart"):
        text += seen([str(PROGRAMS / "samplectl"), "demo", "--chapter", chapter, "--port", str(free_port())],
                     XDG_RUNTIME_DIR=str(state_folder))
    assert text.count("demo: passed") == 2, text
    assert "█" in text and "FIRST CALL" in text
    assert_fits(text)
    # The lists of chapters.
    for options in ([], ["--modes"]):
        assert_fits(run("samplectl", "demo", "--list", *options).stdout)
