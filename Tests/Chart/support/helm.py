"""The chart as Helm's engine renders it, the one from PyPI: its version is that of requirements.txt, whatever helm is on
the PATH. Only where there is no engine (it has wheels for x86_64 alone) is the program asked."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from .objects import Objects
from .paths import CHART

try:
    import helm_python
except ImportError:
    helm_python = None

# libyaml takes a tenth of the time of PyYAML's own, which was a quarter of what these tests computed.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PROGRAM = None if helm_python else shutil.which("helm")


class Refusal(Exception):
    """Helm's message on values that the chart does not take."""


@dataclass(frozen=True)
class Rendering:
    manifests: str
    objects: Objects


@cache
def render(
        *settings: str, release: str = "sample-service", namespace: str = "sample", chart: Path = CHART) -> Rendering:
    """Each setting is what follows `--set` on helm's command line."""
    text = (_by_engine if helm_python else _by_program)(settings, release, namespace, chart)
    return Rendering(text, Objects(document for document in yaml.load_all(text, LOADER) if document))


def notes(*settings: str, release: str = "sample-service", namespace: str = "sample") -> str:
    """What helm prints after an installation."""
    if not helm_python:
        pytest.skip("the notes need helm-python-sdk, which has no wheel for this processor")
    with helm_python.Chart.load(CHART) as chart:
        rendered = chart.render(_values(settings), name=release, namespace=namespace)
    return rendered["sample-service/templates/NOTES.txt"]


def lint() -> list[str]:
    """What helm lint complains of; its wish for an icon is not a complaint."""
    if not helm_python:
        result = subprocess.run([PROGRAM, "lint", "--strict", "--quiet", CHART], capture_output=True, text=True)
        return [] if result.returncode == 0 else [result.stdout + result.stderr]
    report = helm_python.lint(CHART, strict=True)
    return report["errors"] + [message["error"] for message in report["messages"] if message["severity"] > 1]


def _by_program(settings, release, namespace, chart) -> str:
    assert PROGRAM, "there is neither helm (https://helm.sh/docs/intro/install) nor helm-python-sdk here"
    options = [option for setting in settings for option in ("--set", setting)]
    result = subprocess.run(
        [PROGRAM, "template", release, chart, "--namespace", namespace, *options], capture_output=True, text=True)
    if result.returncode != 0:
        raise Refusal(result.stderr)
    return result.stdout


def _by_engine(settings, release, namespace, chart) -> str:
    try:
        with helm_python.Chart.load(chart) as loaded:
            files = loaded.render(_values(settings), name=release, namespace=namespace)
    except helm_python.HelmError as error:
        raise Refusal(str(error)) from None
    # As `helm template` prints it.
    return "".join(
        f"---\n# Source: {name}\n{text.strip().removeprefix('---').strip()}\n"
        for name, text in sorted(files.items()) if name.endswith(".yaml") and text.strip())


def _values(settings) -> dict:
    # The merge that helm does between one --set and the next is the one within a single --set.
    return helm_python.parse_set_string(",".join(settings)) if settings else {}
