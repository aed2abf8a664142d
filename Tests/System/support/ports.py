"""Addresses for peers that must be found again where they were, or on several addresses with one port."""

import itertools
import os
import random
import socket

# Tests that run at the same time are in processes of their own, numbered by pytest-xdist: each has ports of its own.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
WORKERS = 16
# Below the kernel's range for outgoing connections, so that none of those takes a port between two uses.
PORTS = list(range(20000 + WORKER % WORKERS, 30000, WORKERS))
random.shuffle(PORTS)

# In turn, so that a port is not given twice before most others were: a test may take several before it listens on one.
_ports = itertools.cycle(PORTS)
_networks = itertools.count(1)


def free_port(*addresses: str) -> int:
    """A TCP port that is free on every address (default 127.0.0.1)."""
    for port in itertools.islice(_ports, 100):
        try:
            for address in addresses or ("127.0.0.1",):
                with socket.socket() as candidate:
                    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    candidate.bind((address, port))
            return port
        except OSError:
            continue
    raise AssertionError(f"no free port on {addresses}")


def loopback_addresses(count: int) -> list[str]:
    """Loopback addresses that no other test of this process uses, nor, most likely, another run. Workers of one run may
    have them in common, but no port on them."""
    network = f"127.{100 + os.getpid() % 100}.{next(_networks)}"
    return [f"{network}.{host}" for host in range(1, count + 1)]
