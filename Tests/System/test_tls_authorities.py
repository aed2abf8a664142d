"""TLS between our programs: chains, refusals under TLS 1.2, peers that stall, and files that change."""

import re
import socket
import subprocess
import threading

from support.certificates import Authority
from support.eventually import eventually
from support.paths import tool
from support.ports import free_port
from support.secure import failure, put, serial_of, served_serial


def test_an_authority_in_between_is_sent_by_the_server_or_believed_by_itself(
        start, gateway_to, authority, tmp_path):
    between = authority.subordinate(tmp_path / "between", "in between")
    leaf, key = between.issue("DNS:localhost")
    chain = tmp_path / "chain.crt"
    chain.write_bytes(leaf.read_bytes() + between.certificate.read_bytes())
    whole = start("grpc-server", TLS_CERTIFICATE=str(chain), TLS_KEY=str(key)).ports["grpc"]
    short = start("grpc-server", TLS_CERTIFICATE=str(leaf), TLS_KEY=str(key)).ports["grpc"]
    assert gateway_to(whole).http("/go/sample").status == 200
    assert "comes from an unknown authority: /CN=in between" in failure(gateway_to(short))
    # Whatever stands in TLS_CA is believed, the root or not.
    assert gateway_to(short, TLS_CA=str(between.certificate)).http("/go/sample").status == 200


def test_refusals_under_tls_1_2_have_their_reasons(mutual_server, identity, authority, gateway_to):
    subprocess.run([tool("openssl"), "s_client", "-connect", mutual_server.address("grpc"), "-alpn", "h2", "-tls1_2"],
                   input=b"", capture_output=True, timeout=20)
    eventually(lambda: "the client shows no certificate" in mutual_server.output)
    port = free_port()
    certificate, key = identity
    server = subprocess.Popen(
        [tool("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-alpn", "h2",
         "-tls1_2", "-Verify", "1", "-CAfile", authority.certificate],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # It ends at the end of its input.
    try:
        gateway = gateway_to(port)
        eventually(lambda: "the server refuses the handshake: no common cipher, or it asks for a client certificate"
                   in failure(gateway), within=20)
    finally:
        server.kill()
        server.wait(10)


def test_a_client_that_says_nothing_is_told_in_the_log(secure_server):
    host, _, port = secure_server.address("grpc").rpartition(":")
    with socket.create_connection((host, int(port)), 10):
        eventually(lambda: "TLS is not established within 10s; does the peer speak TLS?" in secure_server.output,
                   within=30)


def test_rotated_files_are_used_and_no_call_fails(start, gateway_to, authority, client_identity, tmp_path):
    where = tmp_path / "secret"
    put(authority.issue("DNS:localhost"), where)
    server = start(
        "grpc-server", TLS_CERTIFICATE=str(where / "tls.crt"), TLS_KEY=str(where / "tls.key"),
        TLS_CLIENT_CA=str(authority.certificate), MAX_CONNECTION_AGE="1s", EVENT_LOOPS="2")
    own = tmp_path / "own"
    put(client_identity, own)
    gateway = gateway_to(server.ports["grpc"], TLS_CERTIFICATE=str(own / "tls.crt"), TLS_KEY=str(own / "tls.key"))
    statuses, stop = [], threading.Event()

    def load():
        while not stop.is_set():
            statuses.append(gateway.http("/go/sample").status)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            new = authority.issue("DNS:localhost")
            put(new, where)
            put(authority.issue(use="clientAuth"), own)
            expected = serial_of(new[0].read_bytes())
            eventually(lambda: served_serial(server) == expected)
        # A key that does not fit: the pair in use stays.
        before = served_serial(server)
        put((authority.issue("DNS:localhost")[0], new[1]), where)
        eventually(lambda: served_serial(server) and "the certificates in use stay" in server.output)
        assert served_serial(server) == before
        count = len(statuses)
        eventually(lambda: len(statuses) > count + 50)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(statuses) == {200}, {status: statuses.count(status) for status in set(statuses)}
    assert re.search(r"TLS: read anew: .*tls.crt", server.output)
    assert re.search(r"TLS: read anew: .*tls.crt", gateway.output)


def test_the_authority_is_changed_and_no_call_fails(start, gateway_to, authority, stranger, tmp_path):
    """As docs/tls.md says it: both are believed for a while."""
    where, bundle = tmp_path / "secret", tmp_path / "ca.crt"

    def believe(*authorities: Authority):
        (tmp_path / "ca.new").write_bytes(b"".join(each.certificate.read_bytes() for each in authorities))
        (tmp_path / "ca.new").rename(bundle)

    def renewed() -> int:
        assert gateway.http("/go/sample").status == 200
        return gateway.output.count("TLS: read anew")

    put(authority.issue("DNS:localhost"), where)
    believe(authority)
    server = start("grpc-server", TLS_CERTIFICATE=str(where / "tls.crt"), TLS_KEY=str(where / "tls.key"),
                   MAX_CONNECTION_AGE="1s")
    gateway = gateway_to(server.ports["grpc"], TLS_CA=str(bundle))
    assert renewed() == 0
    believe(authority, stranger)
    eventually(lambda: renewed() == 1)
    new = stranger.issue("DNS:localhost")
    put(new, where)
    eventually(lambda: served_serial(server) == serial_of(new[0].read_bytes()))
    believe(stranger)
    eventually(lambda: renewed() == 2)
    put(authority.issue("DNS:localhost"), where)
    eventually(lambda: "comes from an unknown authority" in gateway.http("/go/sample").text)
