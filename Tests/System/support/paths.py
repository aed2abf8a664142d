"""Where things are."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = Path(os.environ.get("SAMPLE_BIN", ROOT / ".build" / "release")).resolve()
PROTOS = ROOT / "protos"

# Daemons are in /usr/sbin, which is not on everybody's PATH.
SEARCH_PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin:/sbin"


def available(name: str) -> bool:
    return shutil.which(name, path=SEARCH_PATH) is not None


def tool(name: str) -> str:
    """The full path of a program that is not ours."""
    path = shutil.which(name, path=SEARCH_PATH)
    assert path, f"{name} is not installed; run `make deps`"
    return path
