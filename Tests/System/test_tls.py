"""gRPC over TLS, between our programs and grpcio, grpcurl and openssl."""

import json
import socket
import subprocess
from contextlib import contextmanager
from datetime import timedelta

import grpc
import pytest

from support.certificates import Authority
from support.client import OPTIONS, Client
from support.eventually import eventually
from support.greeter import Greeter
from support.paths import PROTOS, tool
from support.programs import run
from support.secure import failure

HOUR = timedelta(hours=1)


@contextmanager
def grpcio(address: str, authority: Authority, identity=(None, None), name: str = "localhost"):
    certificate, key = (path and path.read_bytes() for path in identity)
    credentials = grpc.ssl_channel_credentials(authority.certificate.read_bytes(), key, certificate)
    options = [*OPTIONS, ("grpc.ssl_target_name_override", name)]
    with grpc.secure_channel(address, credentials, options) as channel:
        yield Client(channel)


def grpcurl(server, *options) -> subprocess.CompletedProcess:
    command = [
        tool("grpcurl"), "-import-path", PROTOS, "-proto", "sample/service/hello_world.proto", "-max-time", "10",
        *options, "-d", '{"name": "Ada"}', f"localhost:{server.ports['grpc']}", "sample.service.HelloWorld/SayHello",
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


class SecureGreeter(Greeter):
    """grpcio's server over TLS."""

    def __init__(self, identity, client_authority: Authority | None = None):
        self._identity = identity
        self._client_authority = client_authority
        super().__init__()

    def _open(self, server: grpc.Server, address: str) -> int:
        certificate, key = self._identity
        wants = self._client_authority is not None
        credentials = grpc.ssl_server_credentials(
            [(key.read_bytes(), certificate.read_bytes())],
            self._client_authority.certificate.read_bytes() if wants else None, wants)
        return server.add_secure_port(address, credentials)


@pytest.fixture
def start_secure_greeter():
    started = []

    def start_peer(*arguments) -> SecureGreeter:
        started.append(SecureGreeter(*arguments))
        return started[-1]

    yield start_peer
    for greeter in started:
        greeter.stop()


# Server: clients that are not ours


def test_grpcio_calls_over_tls(secure_server, authority):
    with grpcio(secure_server.address("grpc"), authority) as client:
        assert client.say_hello("Ada").hostname == "pod-1"
        assert client.health() == "SERVING"


def test_grpcurl_calls_over_tls(secure_server, authority):
    result = grpcurl(secure_server, "-cacert", authority.certificate)
    assert json.loads(result.stdout)["hostname"] == "pod-1", result.stderr


def test_a_client_that_shows_its_certificate_is_served(mutual_server, authority, client_identity):
    with grpcio(mutual_server.address("grpc"), authority, client_identity) as client:
        assert client.say_hello("Ada").hostname == "pod-1"
    certificate, key = client_identity
    result = grpcurl(mutual_server, "-cacert", authority.certificate, "-cert", certificate, "-key", key)
    assert json.loads(result.stdout)["hostname"] == "pod-1", result.stderr


def test_a_client_without_a_certificate_is_refused_and_the_log_says_so_once(mutual_server, authority):
    for _ in range(3):
        with grpcio(mutual_server.address("grpc"), authority) as client, pytest.raises(grpc.RpcError) as error:
            client.say_hello("Ada")
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    # It would try for as long as it may.
    assert grpcurl(mutual_server, "-cacert", authority.certificate, "-max-time", "2").returncode != 0
    reason = "the client shows no certificate, and this server asks for one"
    # Once a minute, so a slow machine may see it twice; never for each of the four.
    eventually(lambda: reason in mutual_server.output)
    assert mutual_server.output.count(reason) <= 2


def test_clients_whose_certificates_are_bad_are_refused_with_the_reason(mutual_server, authority, stranger):
    bad = {
        "the client's certificate has expired: it was valid until":
            authority.issue(use="clientAuth", begins=-2 * HOUR, ends=-HOUR),
        "the client's certificate is not yet valid: it begins at":
            authority.issue(use="clientAuth", begins=HOUR, ends=2 * HOUR),
        "the client's certificate comes from an unknown authority: /CN=a stranger": stranger.issue(use="clientAuth"),
        "the client's certificate is not made for a TLS client": authority.issue("DNS:localhost"),
    }
    for reason, identity in bad.items():
        with grpcio(mutual_server.address("grpc"), authority, identity) as client, pytest.raises(grpc.RpcError):
            client.say_hello("Ada")
        eventually(lambda: reason in mutual_server.output)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_openssl_agrees_on_h2_in_both_versions(secure_server, authority, version):
    result = subprocess.run(
        [tool("openssl"), "s_client", "-connect", secure_server.address("grpc"), "-servername", "localhost",
         "-CAfile", authority.certificate, "-verify_return_error", "-verify_hostname", "localhost", "-alpn", "h2",
         f"-tls{version.replace('.', '_')}"],
        input=b"", capture_output=True, timeout=20)
    output = result.stdout.decode()
    assert result.returncode == 0, result.stderr.decode()
    assert "ALPN protocol: h2" in output
    assert f"Protocol  : TLSv{version}" in output or f"New, TLSv{version}" in output
    assert "Verify return code: 0 (ok)" in output


@pytest.mark.parametrize("arguments, reason", [
    (["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], "the client speaks neither TLS 1.2 nor 1.3"),
    (["-alpn", "http/1.1"], "the client offers no protocol that is spoken here (ALPN)"),
    ([], "the client does not offer to speak h2 (ALPN)"),
])
def test_clients_with_which_nothing_is_shared_are_refused(secure_server, arguments, reason):
    subprocess.run([tool("openssl"), "s_client", "-connect", secure_server.address("grpc"), *arguments],
                   input=b"", capture_output=True, timeout=20)
    eventually(lambda: reason in secure_server.output)


@pytest.mark.parametrize("bytes, what", [
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 (a gRPC client, for instance)"),
    (b"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1"),
])
def test_a_client_in_clear_text_is_told_in_the_log(secure_server, bytes, what):
    host, _, port = secure_server.address("grpc").rpartition(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(bytes)
        connection.settimeout(10)
        try:
            assert connection.recv(100) == b""
        except ConnectionResetError:
            pass
    eventually(lambda: f"the client speaks in clear text, not TLS: {what}" in secure_server.output)


# Client: servers that are not ours


def test_the_gateway_calls_grpcio_over_tls(start_secure_greeter, gateway_to, identity):
    greeter = start_secure_greeter(identity)
    gateway = gateway_to(greeter.port)
    assert gateway.http("/go/sample").status == 200
    assert greeter.calls == 1


def test_the_gateway_shows_its_certificate_to_grpcio(
        start_secure_greeter, gateway_to, identity, authority, client_identity):
    greeter = start_secure_greeter(identity, authority)
    certificate, key = client_identity
    gateway = gateway_to(greeter.port, TLS_CERTIFICATE=str(certificate), TLS_KEY=str(key))
    assert gateway.http("/go/sample").status == 200
    assert failure(gateway_to(greeter.port))


def test_a_missing_client_certificate_is_told_to_the_caller(mutual_server, gateway_to):
    assert "the server asks for a client certificate, and this client shows none" in failure(
        gateway_to(mutual_server.ports["grpc"]))


@pytest.mark.parametrize("kind", ["grpcio", "ours"])
def test_servers_whose_certificates_are_bad_are_refused_and_the_caller_reads_why(
        start, start_secure_greeter, gateway_to, authority, stranger, kind):
    bad = {
        "the server's certificate has expired: it was valid until":
            authority.issue("DNS:localhost", begins=-2 * HOUR, ends=-HOUR),
        "the server's certificate is not yet valid: it begins at":
            authority.issue("DNS:localhost", begins=HOUR, ends=2 * HOUR),
        "the server's certificate comes from an unknown authority: /CN=a stranger": stranger.issue("DNS:localhost"),
        "the server's certificate is for other.test, 127.0.0.9, not for localhost":
            authority.issue("DNS:other.test", "IP:127.0.0.9"),
    }
    for reason, (certificate, key) in bad.items():
        if kind == "grpcio":
            port = start_secure_greeter((certificate, key)).port
        else:
            port = start("grpc-server", TLS_CERTIFICATE=str(certificate), TLS_KEY=str(key)).ports["grpc"]
        told = failure(gateway_to(port))
        assert reason in told
        assert f"TLS handshake with 127.0.0.1:{port}" in told


def test_a_server_in_clear_text_is_told_to_the_caller(server, greeter, gateway_to):
    assert "the server speaks in clear text, not TLS: HTTP/2" in failure(gateway_to(server.ports["grpc"]))
    assert "TLS" in failure(gateway_to(int(greeter.address.rpartition(":")[2])))


def test_without_tls_a_gateway_is_refused_by_a_server_with_it(secure_server, start):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{secure_server.address('grpc')}", READY_TIMEOUT="0s", CALL_TIMEOUT="10s")
    assert "before it spoke HTTP/2; does it want TLS?" in failure(gateway)
    eventually(lambda: "the client speaks in clear text, not TLS" in secure_server.output)


def test_the_targets_name_is_the_one_that_is_checked(secure_server, start, start_nameserver, authority):
    names = start_nameserver({"sample.test": ["127.0.0.1"], "wrong.test": ["127.0.0.1"]})
    port = secure_server.ports["grpc"]
    for name, status in (("sample.test", 200), ("wrong.test", 503)):
        gateway = start(
            "gateway", GRPC_TARGET=f"dns://{names.address}/{name}:{port}", TLS_CA=str(authority.certificate),
            READY_TIMEOUT="0s", CALL_TIMEOUT="10s")
        answer = gateway.http("/go/sample")
        assert answer.status == status, answer
    assert "not for wrong.test" in answer.text


# What one types


def test_the_probe_asks_over_tls(mutual_server, authority, client_identity, stranger):
    address = mutual_server.address("grpc")
    certificate, key = map(str, client_identity)
    secure = ["--addr", address, "--timeout", "5s", "--tls-ca", str(authority.certificate)]
    assert run("grpc-server", "probe", *secure, "--tls-certificate", certificate, "--tls-key", key).returncode == 0
    refused = run("grpc-server", "probe", *secure, "--tls-server-name", "wrong.test")
    assert refused.returncode == 2
    assert "not for wrong.test" in refused.stderr
    clear = run("grpc-server", "probe", "--addr", address, "--timeout", "2s")
    assert clear.returncode in (2, 3)


def test_the_bare_probe_of_a_server_with_tls_asks_its_admin_port(secure_server, identity):
    """As the image's HEALTHCHECK does, in the container's environment."""
    certificate, key = map(str, identity)
    environment = {"TLS_CERTIFICATE": certificate, "TLS_KEY": key,
                   "LISTEN_ADDRESS": secure_server.address("grpc"), "ADMIN_ADDRESS": secure_server.address("admin")}
    result = run("grpc-server", "probe", "--timeout", "5s", **environment)
    assert result.returncode == 0, result.stderr
    assert "clear text" not in secure_server.output
    secure_server.admin("/readyz/disable", "POST")
    assert run("grpc-server", "probe", "--timeout", "5s", **environment).returncode == 4
    # Whoever says where is asked over gRPC there.
    assert run("grpc-server", "probe", "--timeout", "5s", "--addr", secure_server.address("grpc"),
               **environment).returncode in (2, 3)


@pytest.mark.parametrize("program, settings, reason", [
    ("grpc-server", {"TLS_KEY": "KEY"}, "TLS takes both TLS_CERTIFICATE and TLS_KEY"),
    ("grpc-server", {"TLS_CERTIFICATE": "/none", "TLS_KEY": "KEY"},
     'TLS_CERTIFICATE: "/none": open /none: No such file or directory'),
    ("grpc-server", {"TLS_CERTIFICATE": "CRT", "TLS_KEY": "/none"},
     'TLS_KEY: "/none": open /none: No such file or directory'),
    ("grpc-server", {"TLS_CERTIFICATE": "KEY", "TLS_KEY": "KEY"}, "holds no certificate (PEM)"),
    ("grpc-server", {"TLS_CERTIFICATE": "CRT", "TLS_KEY": "OTHER"}, "is not that of the certificate in"),
    ("grpc-server", {"TLS_CERTIFICATE": "CRT", "TLS_KEY": "KEY", "TLS_CLIENT_CA": "/none"},
     'TLS_CLIENT_CA: "/none": open /none: No such file or directory'),
    ("gateway", {"TLS_CA": "CA", "TLS_SERVER_NAME": "x", "TLS_CERTIFICATE": "CRT"},
     "TLS takes both TLS_CERTIFICATE and TLS_KEY"),
    ("gateway", {"TLS_CA": "CA", "TLS_SERVER_NAME": "x", "TLS_CERTIFICATE": "CRT", "TLS_KEY": "/none"},
     'TLS_KEY: "/none": open /none: No such file or directory'),
    ("gateway", {"TLS_CA": "/none", "TLS_SERVER_NAME": "x"}, 'TLS_CA: "/none": open /none: No such file or directory'),
    ("gateway", {"TLS_SERVER_NAME": "x"}, "it is of TLS, which TLS=true or TLS_CA turns on"),
    ("gateway", {"TLS_CA": "KEY"}, "holds no certificate (PEM)"),
    ("gateway", {"TLS_CA": "CA", "GRPC_TARGET": "ipv4:127.0.0.1:1,127.0.0.2:1"}, "TLS_SERVER_NAME: "),
])
def test_settings_that_cannot_be_used_end_the_program_at_once(authority, identity, program, settings, reason):
    files = {"CRT": str(identity[0]), "KEY": str(identity[1]), "CA": str(authority.certificate),
             "OTHER": str(authority.folder / "ca.key")}
    result = run(program, LISTEN_ADDRESS="127.0.0.1:0", ADMIN_ADDRESS="127.0.0.1:0",
                 **{name: files.get(value, value) for name, value in settings.items()})
    assert result.returncode == 64
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1
