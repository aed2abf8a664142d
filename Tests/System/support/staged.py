"""The live page before a gateway that plays its part."""

import pytest

from . import eventually as waiting
from .agreement import read
from .browser import LOOK_EVERY, Page
from .stage import Stage


def eventually(check, within: float = 40):
    """Nothing here is about how long the page takes, and a browser beside other work is slow."""
    return waiting.eventually(check, within, LOOK_EVERY)


@pytest.fixture
def stage():
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def open_stage(browser, stage):
    """open_stage() → Page; the console must have nothing to say."""
    opened: list[Page] = []

    def open_it(fragment: str = "") -> Page:
        opened.append(Page(browser, stage.port, fragment))
        return opened[-1]

    yield open_it
    for page in opened:
        assert page.complaints() == []
    browser.driver.get("about:blank")


def run(page: Page, calls: int = 60):
    """Starts it, and waits for so many answers more."""
    before = page.total("total")
    page.start(rate=100)
    eventually(lambda: page.total("total") >= before + calls)


def boxes(page: Page) -> dict[str, list[dict]]:
    """What is drawn, by kind."""
    found = {}
    for node in read(page)["nodes"]:
        found.setdefault(node["kind"], []).append(node)
    return found
