import ctypes
import os
import re
import subprocess

import pytest

from builder import ROOT, Image, make_base_images

assert os.geteuid() == 0, "buildah and chroot need root here; run `sudo make images-check`"

# What buildah mounts is seen by this process only, and gone with it.
CLONE_NEWNS = 0x20000
assert ctypes.CDLL(None).unshare(CLONE_NEWNS) == 0, "cannot make a mount namespace"
subprocess.run(["mount", "--make-rprivate", "/"], check=True)

COMPONENTS = ["grpc", "gateway", "js"]


@pytest.fixture(scope="session")
def version() -> str:
    source = (ROOT / "Sources" / "services" / "ServiceKit" / "ServiceIdentity.swift").read_text()
    return re.search(r'static let current = "([^"]+)"', source).group(1)


@pytest.fixture(scope="session")
def images(version) -> dict[str, Image]:
    make_base_images()
    return {component: Image(component, version) for component in COMPONENTS}


@pytest.fixture(params=COMPONENTS)
def image(images, request) -> Image:
    return images[request.param]
