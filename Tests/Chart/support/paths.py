"""Where things are."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "helm" / "sample-service"
GOLDEN = Path(__file__).resolve().parents[1] / "golden"

# Daemons are in /usr/sbin, which is not on everybody's PATH.
SEARCH_PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin:/sbin"


def tool(name: str) -> str:
    """The full path of a program."""
    path = shutil.which(name, path=SEARCH_PATH)
    assert path, f"{name} is not installed; run `make deps`"
    return path
