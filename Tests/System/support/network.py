"""Two hosts of the test's own: network namespaces with a cable between them that can be cut."""

import os
import subprocess

import pytest


def require_namespaces():
    # Root alone is not enough: in a container the right to make namespaces may be missing.
    probe = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"this user may not make network namespaces here ({probe.stderr.strip()}); "
                    "run it as root, in a container with --privileged")


class Host:
    """One host by itself, in a namespace: its loopback has addresses besides its own."""

    def __init__(self, *addresses: str):
        require_namespaces()
        self.name = f"sample-{os.getpid()}-host"
        self.inside = ["ip", "netns", "exec", self.name]
        ip("netns", "add", self.name)
        try:
            ip("-n", self.name, "link", "set", "lo", "up")
            for address in addresses:
                ip("-n", self.name, "address", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
        except BaseException:
            self.remove()
            raise

    def curl(self, url: str) -> str:
        command = [*self.inside, "curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "10", url]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, f"{url}: {result.stderr}"
        return result.stdout

    def remove(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


class Cable:
    """Namespaces `left` (192.0.2.1) and `right` (192.0.2.2); addresses are RFC 5737's for documentation."""

    LEFT, RIGHT = "192.0.2.1", "192.0.2.2"

    def __init__(self):
        require_namespaces()
        mark = f"sample-{os.getpid()}"
        self.left, self.right = f"{mark}-left", f"{mark}-right"
        try:
            self.build()
        except BaseException:
            self.remove()
            raise

    def build(self):
        for name in (self.left, self.right):
            ip("netns", "add", name)
        ip("link", "add", "cable", "netns", self.left, "type", "veth", "peer", "name", "cable", "netns", self.right)
        for name, address in ((self.left, self.LEFT), (self.right, self.RIGHT)):
            ip("-n", name, "address", "add", f"{address}/24", "dev", "cable")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", "cable", "up")

    def inside(self, name: str) -> list[str]:
        """What goes in front of a command that is to run there."""
        return ["ip", "netns", "exec", name]

    def cut(self):
        """Packets are lost in both directions, and neither side is told: each now has a wrong hardware address for the
        other, so what it sends arrives at nobody."""
        for name, other in ((self.left, self.RIGHT), (self.right, self.LEFT)):
            ip("-n", name, "neighbour", "replace", other, "lladdr", "02:00:00:00:00:99", "dev", "cable", "nud", "permanent")

    def remove(self):
        """Also of a half-built one, where a namespace may be missing."""
        for name in (self.left, self.right):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def ip(*arguments: str):
    result = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert result.returncode == 0, f"ip {' '.join(arguments)}: {result.stderr.strip()}"
