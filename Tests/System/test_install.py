"""`make install`: what it puts where, and that samplectl runs from there for anybody, without the source tree."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.paths import PROGRAMS, ROOT, tool
from support.ports import free_port
from support.programs import clean
from support.system import processes_in

NOBODY = 65534


@pytest.fixture
def place():
    """A folder that everybody can look into, as /usr/local is."""
    folder = Path(tempfile.mkdtemp(prefix="sample-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def make(target: str, *variables: str, within: float = 150) -> subprocess.CompletedProcess:
    # The umask of a careful root.
    return subprocess.run(
        ["sh", "-c", 'umask 077; exec "$@"', "sh", tool("make"), target, f"programs={PROGRAMS}", *variables], cwd=ROOT,
        env=clean({}), capture_output=True, text=True, timeout=within)


def installed(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def as_somebody_else(command: list[str]) -> list[str]:
    if os.getuid() != 0:
        return command  # this user owns the source tree, but stands elsewhere
    return [tool("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]


def hidden_tree(command: list[str]) -> list[str]:
    """The command where there is no source tree: what is not readable there would not be missed otherwise."""
    probe = subprocess.run([tool("unshare"), "--mount", "true"], capture_output=True)
    if probe.returncode != 0:
        return command
    hide = 'mount -t tmpfs none "$0" && exec "$@"'
    return [tool("unshare"), "--mount", "sh", "-c", hide, str(ROOT), *command]


def test_a_system_runs_from_there_for_another_user(place):
    prefix, home = place / "usr local", place / "home"
    result = make("install", f"PREFIX={prefix}")
    assert result.returncode == 0, result.stderr
    home.mkdir()
    if os.getuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    port, samplectl = free_port(), prefix / "bin" / "samplectl"

    def run(verb: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [str(samplectl), verb, *arguments, "--state", str(home / "state")]
        return subprocess.run(
            hidden_tree(as_somebody_else(command)), cwd="/", env=clean({"HOME": str(home)}), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120)

    up = run("up", "--port", str(port), "--replicas", "2", "--shutdown-delay", "100ms")
    try:
        assert up.returncode == 0, up.stderr
        for path, words in (("/go/sample", '"name":"gateway"'), ("/js/", "<html"), ("/", "nginx is here")):
            url = f"http://127.0.0.1:{port}{path}"
            answer = subprocess.run(["curl", "-sSf", "--noproxy", "*", url], capture_output=True, text=True, timeout=20)
            assert words in answer.stdout, answer.stderr
        programs = set(processes_in(home).values())
        assert not any(str(ROOT) in command for command in programs)
        assert run("set", "mode=kubernetes").returncode == 0
    finally:
        down = run("down")
    assert down.returncode == 0, down.stderr
    assert processes_in(home) == {}


def test_a_packagers_folder_has_all_of_it_and_uninstall_takes_it_away(place):
    (place / "usr" / "bin").mkdir(parents=True)
    (place / "usr" / "bin" / "other").touch()
    result = make("install", "PREFIX=/usr", f"DESTDIR={place}")
    assert result.returncode == 0, result.stderr
    files = installed(place) - {"usr/bin/other"}
    named = {name for name in files if "/web/" not in name}
    assert named == {
        "usr/bin/samplectl", "usr/libexec/sample-service/gateway", "usr/libexec/sample-service/grpc-server",
        "usr/libexec/sample-service/js-server", "usr/share/sample-service/nginx.conf",
        "usr/share/sample-service/envoy.yaml", "usr/share/bash-completion/completions/samplectl",
        "usr/share/zsh/site-functions/_samplectl",
    }
    web = {name.removeprefix("usr/share/sample-service/web/") for name in files - named}
    assert web == {str(path.relative_to(ROOT / "web")) for path in (ROOT / "web").rglob("*") if path.is_file()}
    for name in files:
        mode = stat.S_IMODE((place / name).stat().st_mode)
        assert mode == (0o755 if re.search(r"/(bin|libexec)/", name) else 0o644), name
    for folder in (path for path in place.rglob("*") if path.is_dir()):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o555 == 0o555, folder
    completion = (place / "usr/share/bash-completion/completions/samplectl").read_text()
    assert subprocess.run(["bash", "-n"], input=completion, text=True).returncode == 0
    assert str(place) not in completion

    assert make("install", "PREFIX=/usr", f"DESTDIR={place}").returncode == 0, "over what is there"
    result = make("uninstall", "PREFIX=/usr", f"DESTDIR={place}")
    assert result.returncode == 0, result.stderr
    assert installed(place) == {"usr/bin/other"}


def test_what_is_not_built_is_named(place):
    result = make("install", f"PREFIX={place}", f"programs={place}")
    assert result.returncode != 0
    assert "make build comes first" in result.stderr
    assert installed(place) == set()


@pytest.mark.parametrize("target", ["install", "uninstall"])
@pytest.mark.parametrize(("variables", "said"), [
    (["prefix=/usr"], "it is PREFIX=/usr here"),
    (["PREFIX="], "PREFIX is empty"),
    (["PREFIX=~/.local"], "the shell has not replaced the ~"),
])
def test_a_folder_that_was_not_meant_is_refused(place, target, variables, said):
    # Only shown, so that a mistake here leaves this machine alone.
    result = make(target, "--dry-run", *variables, f"DESTDIR={place}/package")
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
