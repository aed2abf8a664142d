"""What tests of TLS have in common: authorities, programs that speak TLS, and files that change."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .certificates import Authority
from .paths import tool


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def stranger(tmp_path) -> Authority:
    return Authority(tmp_path / "stranger", "a stranger")


@pytest.fixture
def identity(authority):
    return authority.issue("DNS:localhost", "DNS:sample.test", "IP:127.0.0.1")


@pytest.fixture
def client_identity(authority):
    return authority.issue(use="clientAuth")


@pytest.fixture
def secure_server(start, identity):
    """grpc-server over TLS."""
    certificate, key = identity
    return start("grpc-server", POD_NAME="pod-1", TLS_CERTIFICATE=str(certificate), TLS_KEY=str(key))


@pytest.fixture
def mutual_server(start, identity, authority):
    """grpc-server that wants clients' certificates."""
    certificate, key = identity
    return start("grpc-server", POD_NAME="pod-1", TLS_CERTIFICATE=str(certificate), TLS_KEY=str(key),
                 TLS_CLIENT_CA=str(authority.certificate))


@pytest.fixture
def gateway_to(start, authority):
    """gateway_to(port) → a gateway that calls localhost there, over TLS."""

    def start_gateway(port: int, **settings: str):
        settings = {"TLS_CA": str(authority.certificate), "TLS_SERVER_NAME": "localhost", **settings}
        return start("gateway", GRPC_TARGET=f"ipv4:127.0.0.1:{port}", READY_TIMEOUT="0s", CALL_TIMEOUT="10s", **settings)

    return start_gateway


def failure(gateway) -> str:
    """What the caller is told of a call that fails."""
    answer = gateway.http("/go/sample")
    assert answer.status == 503, answer
    return answer.text


def put(files: tuple[Path, Path], where: Path):
    """As the kubelet does: a new folder, then a link to it in the place of the old one."""
    folder = where.parent / f"data-{os.urandom(4).hex()}"
    folder.mkdir()
    for file, name in zip(files, ("tls.crt", "tls.key")):
        shutil.copy(file, folder / name)
    (where.parent / "new").symlink_to(folder)
    (where.parent / "new").rename(where)


def served_serial(server) -> str:
    """Of the certificate that the next connection gets."""
    result = subprocess.run([tool("openssl"), "s_client", "-connect", server.address("grpc"), "-alpn", "h2"],
                            input=b"", capture_output=True, timeout=20)
    return serial_of(result.stdout)


def serial_of(pem: bytes) -> str:
    return subprocess.run([tool("openssl"), "x509", "-noout", "-serial"], input=pem, capture_output=True,
                          timeout=20).stdout.decode().strip()
