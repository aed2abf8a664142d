"""docs/extending.md: each of its diffs applies to the tree as it is, and names the files that it says."""

import re
import subprocess

import pytest

from support.paths import ROOT, tool

DIFFS = dict(re.findall(r"(?ms)^```diff (\w+)\n(.*?)^```$", (ROOT / "docs" / "extending.md").read_text()))


def test_there_are_three():
    assert DIFFS.keys() == {"rpc", "value", "component"}


@pytest.mark.parametrize("name", DIFFS)
def test_diff_applies(name):
    """Who changes a line that a diff has in it, or beside it, brings the page up to date (`git apply --3way`, `git diff`)."""
    result = subprocess.run(
        [tool("git"), "apply", "--check", "-"], input=DIFFS[name], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_a_component_takes_thirteen_places_in_ten_files():
    """As many as the page says; more of them are a reason to ask whether one could follow from another."""
    diff = DIFFS["component"]
    assert diff.count("diff --git ") == 10
    assert diff.count("new file mode") == 3
    assert len(re.findall("(?m)^@@ ", diff)) == 13
