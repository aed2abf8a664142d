"""docs/routes.md: every route is there, and answers as it says."""

import json
import re

import pytest

from support.paths import ROOT
from support.system import System

PAGE = (ROOT / "docs/routes.md").read_text()


def examples() -> dict[str, list]:
    """Path → the JSON values that follow its curl command."""
    found: dict[str, list] = {}
    for path, text in re.findall(r"^    \$ curl -\w+ '?localhost:31234([^\s']+)'?\n((?:    [^$].*\n)+)", PAGE, re.MULTILINE):
        found[path] = []
        rest = text.strip()
        while rest:
            value, end = json.JSONDecoder().raw_decode(rest)
            found[path].append(value)
            rest = rest[end:].lstrip()
    return found


EXAMPLES = examples()


def shape(value):
    """What does not depend on the run: keys, and kinds of values. Lists are as their first element."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "number" if isinstance(value, (int, float)) else "text"


def completed(page, answer):
    """`answer` with the page's value wherever one of the two has null, which depends on the run, too."""
    if isinstance(page, dict) and isinstance(answer, dict):
        assert page.keys() == answer.keys()
        return {key: completed(page[key], answer[key]) for key in page}
    return page if page is None or answer is None else answer


@pytest.fixture(scope="module")
def system(state_folder):
    system = System("routes", state_folder).up()
    yield system
    system.down()


@pytest.mark.parametrize("path", EXAMPLES)
def test_example_is_what_the_route_answers(system, path):
    answers = [json.loads(line) for line in system.ask(path).text.splitlines()]
    assert len(answers) == len(EXAMPLES[path])
    for page, answer in zip(EXAMPLES[path], answers):
        if "error" in page:
            assert answer == page
        else:
            assert shape(completed(page, answer)) == shape(page)


def test_every_route_is_listed():
    served = set()
    for name in ("gateway/Gateway.swift", "js-server/Site.swift", "ServiceKit/Admin/AdminRoutes.swift"):
        served |= set(re.findall(r'(?:get\(|\.on\(\.\w+, )"(/[^"]*)"', (ROOT / "Sources" / "services" / name).read_text()))
    assert len(served) > 10
    listed = set(re.findall(r"`(?:GET |POST )?(/[\w/]*)`", PAGE))
    assert served <= listed, f"not in docs/routes.md: {served - listed}"
