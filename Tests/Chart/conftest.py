"""Fixtures of the chart's tests. `--update-golden` writes what is compared with, instead of comparing."""

import pytest

from support.cases import CASES
from support.helm import Rendering, render


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden files and the chart's README anew")


@pytest.fixture
def update_golden(request) -> bool:
    return request.config.getoption("--update-golden")


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def rendering(request) -> Rendering:
    """Each value set in turn."""
    return render(*request.param)
