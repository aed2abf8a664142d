"""Services at every address: by IPv6 and by IPv4, and where the kernel has no IPv6. Each test has a host of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.eventually import eventually
from support.network import Host
from support.paths import PROGRAMS

WITHOUT_IPV6 = [sys.executable, str(Path(__file__).parent / "support" / "without_ipv6.py")]
# As in a pod, where two services have not one address; the chart's own value is ":8080".
GRPC = {"LISTEN_ADDRESS": ":8081", "ADMIN_ADDRESS": ":9091", "LOG_FORMAT": "json", "POD_NAME": "pod-1"}
GATEWAY = {"LISTEN_ADDRESS": ":8080", "ADMIN_ADDRESS": ":9090", "LOG_FORMAT": "json"}


@pytest.fixture
def host():
    host = Host("fd00::1/128", "fd00::2/128", "192.0.2.1/32")
    yield host
    host.remove()


def peers(program) -> list[str]:
    return [record["peer"].rpartition(":")[0] for line in program.log if "peer" in (record := json.loads(line))]


def probe(host: Host, name: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([*host.inside, PROGRAMS / name, "probe"], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("target", ["ipv6:[fd00::2]:8081", "ipv4:192.0.2.1:8081"], ids=["IPv6", "IPv4"])
def test_a_call_gets_through_by_ipv6_alone_and_by_ipv4_alone(start, host, target):
    server = start("grpc-server", inside=host.inside, **GRPC)
    gateway = start("gateway", inside=host.inside, GRPC_TARGET=target, **GATEWAY)
    for client in ("[fd00::1]", "192.0.2.1"):
        assert "pod-1" in host.curl(f"http://{client}:8080/go/sample")
        assert "ok" in host.curl(f"http://{client}:9090/readyz")
    eventually(lambda: len(peers(gateway)) == 2 and len(peers(server)) == 2)
    # As people write them: no ::ffff: in front of an IPv4 address.
    assert peers(gateway) == ["[fd00::1]", "192.0.2.1"]
    assert set(peers(server)) == {"[fd00::2]" if "ipv6" in target else "192.0.2.1"}
    assert "Listening on [::]:8080 (http)" in gateway.output


@pytest.mark.parametrize("bind_v6_only", [0, 1])
def test_the_kernels_setting_for_both_families_changes_nothing(start, host, bind_v6_only):
    subprocess.run([*host.inside, "sysctl", "-qw", f"net.ipv6.bindv6only={bind_v6_only}"], check=True)
    start("js-server", inside=host.inside, LISTEN_ADDRESS=":8080", ADMIN_ADDRESS=":9090", STATIC_ROOT="/")
    for client in ("[fd00::1]", "192.0.2.1"):
        assert "js-server" in host.curl(f"http://{client}:8080/js/hello")


def test_without_ipv6_all_is_served_by_ipv4(start, host):
    without = [*host.inside, *WITHOUT_IPV6]
    start("grpc-server", inside=without, **GRPC)
    gateway = start("gateway", inside=without, GRPC_TARGET="ipv4:192.0.2.1:8081", **GATEWAY)
    assert "pod-1" in host.curl("http://192.0.2.1:8080/go/sample")
    assert "Listening on 0.0.0.0:8080 (http)" in gateway.output


@pytest.mark.parametrize("prefix", [[], WITHOUT_IPV6], ids=["with IPv6", "without"])
def test_a_probe_finds_its_service_at_every_address(start, host, prefix):
    start("grpc-server", inside=[*host.inside, *prefix], **GRPC)
    eventually(lambda: probe(host, "grpc-server", LISTEN_ADDRESS=":8081").returncode == 0)
    assert probe(host, "gateway", ADMIN_ADDRESS=":9091").returncode == 0
