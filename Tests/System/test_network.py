"""The tests' own network: where it cannot be made a test is skipped, and half of one does not stay behind."""

import pytest

from support.network import Cable


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """stand_in(program, script) puts a program in front of the real one, for this test."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def write(program: str, script: str):
        (tmp_path / program).write_text(f"#!/bin/sh\necho \"$*\" >>{tmp_path}/{program}.calls\n{script}\n")
        (tmp_path / program).chmod(0o755)
        return tmp_path / f"{program}.calls"

    return write


def test_where_namespaces_are_not_allowed_the_test_is_skipped_and_says_why(stand_in):
    stand_in("unshare", "echo 'unshare failed: Operation not permitted' >&2; exit 1")
    calls = stand_in("ip", "exit 0")
    with pytest.raises(pytest.skip.Exception, match="Operation not permitted.*--privileged"):
        Cable()
    assert not calls.exists()


def test_a_half_built_network_is_taken_down(stand_in):
    stand_in("unshare", "exit 0")
    calls = stand_in("ip", 'case "$*" in link*) echo "Unknown device type" >&2; exit 2 ;; esac')
    with pytest.raises(AssertionError, match="ip link add cable .*Unknown device type"):
        Cable()
    lines = calls.read_text().splitlines()
    added = {line.split()[-1] for line in lines if line.startswith("netns add")}
    deleted = {line.split()[-1] for line in lines if line.startswith("netns delete")}
    assert len(added) == 2 and added == deleted
