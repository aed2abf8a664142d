"""`samplectl doctor`: what it says of servers that are not ours, and of the system on this machine. Every finding there is
is provoked here, or in test_doctor_cluster.py."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from datetime import timedelta

import pytest

from support.eventually import eventually
from support.following import OnTerminal
from support.nameserver import Nameserver
from support.modes import up_or_skip
from support.network import Host
from support.orders import NOT_SERVING, SERVING, black_hole, listener, orders, relay, several
from support.paths import PROGRAMS, ROOT, tool
from support.ports import free_port
from support.programs import clean, run

HELLO = ("--call", "sample.service.HelloWorld/SayHello", "--field", "hostname")
QUICK = {"--watch": "100ms", "--timeout": "2s"}
# Milliseconds until a server ends a connection, which ends the watch: later than all that is asked before, on a busy machine too.
AGE = "1200"
PROVOKED: set[str] = set()


def provokes(*ids: str):
    """What a test must show: at the end, that is all there is."""
    PROVOKED.update(ids)
    return pytest.mark.parametrize("expected", [list(ids)], ids=["+".join(ids)])


def quickly(*options: str) -> list[str]:
    """With short times where a test names none."""
    return [*options, *(word for option in QUICK.items() if option[0] not in options for word in option)]


def doctor(target: str, *options: str, inside: list[str] = []) -> dict:
    """Its answer as JSON."""
    command = [*inside, str(PROGRAMS / "samplectl"), "doctor", target, "-o", "json", *quickly(*options)]
    result = subprocess.run(command, env=clean({}), capture_output=True, text=True, timeout=60)
    assert result.returncode in (0, 1) and result.stderr == "", f"{result.returncode} {result.stdout}{result.stderr}"
    answer = json.loads(result.stdout)
    assert (result.returncode == 1) == bool(answer["findings"])
    return answer


def ids(answer: dict) -> list[str]:
    return [finding["id"] for finding in answer["findings"]]


def only(answer: dict) -> dict:
    assert len(answer["findings"]) == 1, answer
    return answer["findings"][0]


# What a healthy target is


def test_several_servers_whose_connections_end_are_nothing_to_report():
    with several(3, age=AGE) as target:
        answer = doctor(target, "--policy", "round_robin", "--watch", "10s")
    assert answer["findings"] == []
    assert "3 addresses" in answer["facts"]["name"] and answer["facts"]["health"] == "SERVING"
    # The first end is enough: nobody waits for 10 s.
    assert re.match(r"\d\.\d s of 10 s: ", answer["facts"]["watched"])


def test_the_text_says_what_was_done_and_the_exit_status_is_0():
    with several(2, age=AGE) as target:
        result = run("samplectl", "doctor", target, "--policy", "round_robin", "--watch", "10s")
    assert result.returncode == 0
    assert result.stderr == "samplectl: watching for 10s, or until a server closes a connection (--watch)\n"
    assert result.stdout.endswith("\nnothing to report\n")
    for word in ("2 addresses", "2 of 2 tried are ready", "off: clear text", "SERVING", "max_age"):
        assert word in result.stdout
    assert all(len(line) <= 72 for line in result.stdout.splitlines())


def test_a_terminal_shows_how_far_the_watch_is_and_keeps_nothing_of_it():
    with several(2) as target:
        command = [str(PROGRAMS / "samplectl"), "doctor", target, "--policy", "round_robin", "--watch", "1500ms"]
        with OnTerminal(command) as terminal:
            terminal.sees(lambda output: re.search(r"watching whether servers close connections: \d s of 1500ms, ", output))
            output = terminal.sees(lambda output: "no connection was closed" in " ".join(output.split()))
    # Each line is written over the one before, and the last one is wiped off before the answer.
    assert output.count("\n", 0, output.index("watching")) == 0
    assert output.index("\r\x1b[Kipv4:") > output.rindex("watching whether")


def test_over_tls_with_the_right_names_it_is_healthy_and_says_what_was_agreed(authority, identity):
    with several(2, age=AGE, identity=identity) as target:
        answer = doctor(target, "--policy", "round_robin", "--tls-ca", str(authority.certificate), "--tls-server-name",
                        "localhost", "--watch", "10s")
    assert answer["findings"] == []
    assert re.match(r"TLSv1\.3, ALPN h2, certificate for localhost, ", answer["facts"]["tls"])


# The name


@provokes("name-not-found")
def test_an_unknown_name(expected, start_nameserver):
    nameserver = start_nameserver({"orders.test": ["127.0.0.1"]})
    answer = doctor(f"dns://{nameserver.address}/order.test:50051")
    assert ids(answer) == expected
    assert "NXDOMAIN" in only(answer)["evidence"][0] and nameserver.address in only(answer)["evidence"][0]


@provokes("name-has-no-address")
def test_a_name_without_an_address(expected, tmp_path):
    nameserver = Nameserver(tmp_path / "dns", {}, "--txt-record=orders.test,none yet")
    try:
        assert ids(doctor(f"dns://{nameserver.address}/orders.test:50051")) == expected
    finally:
        nameserver.stop()


@provokes("name-server-fails")
def test_a_name_server_that_is_not_there(expected):
    port = free_port()
    answer = doctor(f"dns://127.0.0.1:{port}/orders.test:50051")
    assert ids(answer) == expected
    assert f"127.0.0.1:{port}" in only(answer)["evidence"][0]


# The way there


@provokes("connection-refused")
def test_a_closed_port(expected):
    port = free_port()
    answer = doctor(f"ipv4:127.0.0.1:{port}")
    assert ids(answer) == expected
    assert only(answer)["sentence"].startswith(f"127.0.0.1:{port} refuses connections")


@provokes("no-answer")
@pytest.mark.parametrize("options", [(), ("--tls", "true")], ids=["plaintext", "tls"])
def test_a_black_hole(expected, options):
    with black_hole() as address:
        answer = doctor(f"ipv4:{address}", "--timeout", "500ms", *options)
    assert ids(answer) == expected
    assert "a policy, a firewall or a wrong address" in only(answer)["sentence"]
    assert only(answer)["evidence"] == [f"{address}: no answer within 500ms"]


@provokes("unreachable")
def test_an_address_without_a_route(expected):
    host = Host()
    try:
        assert ids(doctor("ipv4:192.0.2.1:50051", inside=host.inside)) == expected
    finally:
        host.remove()


@provokes("says-nothing")
@pytest.mark.parametrize("options", [(), ("--tls", "true")], ids=["plaintext", "tls"])
def test_a_port_that_takes_connections_and_says_nothing(expected, options):
    with listener() as address:
        assert ids(doctor(f"ipv4:{address}", "--timeout", "500ms", *options)) == expected


@provokes("closes-at-once")
def test_a_port_that_closes_connections(expected):
    with listener(lambda connection: None) as address:
        assert ids(doctor(f"ipv4:{address}")) == expected


@provokes("speaks-other")
def test_another_protocol(expected):
    with listener(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")) as address:
        answer = doctor(f"ipv4:{address}")
    assert ids(answer) == expected
    assert "SSH-2.0-OpenSSH_9.2" in only(answer)["evidence"][0]


# HTTP/1.1


@contextlib.contextmanager
def nginx(folder, listen: str, more: str = ""):
    """An nginx with one server on one port."""
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(f"""
        daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{}}
        http {{
            access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
            uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
            server {{ listen 127.0.0.1:{port} {listen}; {more} location / {{ return 200 "a page"; }} }}
        }}""")
    process = subprocess.Popen(
        [tool("nginx"), "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        eventually(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip())
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@provokes("speaks-http1")
@pytest.mark.parametrize("proxied", [False, True], ids=["server", "proxy"])
def test_an_http1_server_or_proxy_in_between(expected, tmp_path, proxied):
    with orders() as behind, nginx(
            tmp_path / "nginx", "", f"location /shop {{ proxy_pass http://{behind}; }}" if proxied else "") as address:
        answer = doctor(f"ipv4:{address}")
        assert ids(answer) == expected
        assert "HTTP/1" in only(answer)["evidence"][0] or "without a status line" in only(answer)["evidence"][0]
        assert ids(doctor(f"ipv4:{address}", "--tls", "true")) == expected


@provokes("no-http2")
def test_tls_without_http2(expected, tmp_path, authority, identity):
    certificate, key = identity
    keys = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    with nginx(tmp_path / "nginx", "ssl", keys) as address:
        options = ("--tls-ca", str(authority.certificate), "--tls-server-name", "localhost")
        assert ids(doctor(f"ipv4:{address}", *options)) == expected
        # In clear text it answers with HTTP/1.1, and is no HTTP/1.1 server all the same.
        assert ids(doctor(f"ipv4:{address}")) == ["wants-tls"]
    with nginx(tmp_path / "other", "ssl http2", keys) as address:
        assert "no-http2" not in ids(doctor(f"ipv4:{address}", *options))


# TLS


@provokes("wants-tls")
def test_clear_text_to_a_server_that_speaks_tls(expected, identity):
    with orders(identity=identity) as address:
        answer = doctor(f"ipv4:{address}")
    assert ids(answer) == expected
    assert "certificate for localhost, sample.test, 127.0.0.1" in only(answer)["evidence"][0]


@provokes("speaks-plaintext")
def test_tls_to_a_server_that_speaks_clear_text(expected):
    with orders() as address:
        answer = doctor(f"ipv4:{address}", "--tls", "true")
    assert ids(answer) == expected
    assert "in clear text it speaks HTTP/2" in only(answer)["evidence"][0]


@provokes("certificate-name")
def test_a_certificate_for_another_name(expected, authority, identity):
    with orders(identity=identity) as address:
        answer = doctor(f"ipv4:{address}", "--tls-ca", str(authority.certificate), "--tls-server-name", "orders.test")
    assert ids(answer) == expected
    assert "orders.test" in only(answer)["sentence"]
    assert "is for localhost, sample.test, 127.0.0.1, not for orders.test" in only(answer)["evidence"][0]


@provokes("certificate-authority")
def test_a_certificate_by_an_unknown_authority(expected, stranger, identity):
    with orders(identity=identity) as address:
        answer = doctor(f"ipv4:{address}", "--tls-ca", str(stranger.certificate))
    assert ids(answer) == expected
    assert "/CN=test authority" in only(answer)["evidence"][0]


@provokes("certificate-time")
def test_a_certificate_that_has_expired(expected, authority):
    expired = authority.issue("IP:127.0.0.1", begins=timedelta(hours=-2), ends=timedelta(hours=-1))
    with orders(identity=expired) as address:
        assert ids(doctor(f"ipv4:{address}", "--tls-ca", str(authority.certificate))) == expected


@provokes("client-certificate")
def test_a_server_that_asks_for_a_certificate(expected, authority, identity):
    with orders(identity=identity, client_authority=authority) as address:
        assert ids(doctor(f"ipv4:{address}", "--tls-ca", str(authority.certificate))) == expected
        certificate, key = authority.issue(use="clientAuth")
        answer = doctor(f"ipv4:{address}", "--tls-ca", str(authority.certificate), "--tls-certificate", str(certificate),
                        "--tls-key", str(key))
        assert expected[0] not in ids(answer)


@provokes("tls-fails")
def test_a_handshake_that_the_server_refuses(expected):
    # An alert record: handshake_failure (RFC 8446 section 6.2).
    with listener(lambda connection: (connection.recv(4096), connection.sendall(bytes.fromhex("15030300020228")))) as address:
        assert ids(doctor(f"ipv4:{address}", "--tls", "true")) == expected


# Health


@pytest.mark.parametrize("statuses, service, expected", [
    ({"": NOT_SERVING}, "", "not-serving"), ({"": SERVING, "shop.Orders": NOT_SERVING}, "shop.Orders", "not-serving"),
    ({"": SERVING}, "shop.Orders", "service-unknown"), (None, "", "health-missing"), ("refuses", "", "health-fails"),
])
def test_what_the_health_service_says(statuses, service, expected):
    with several(2, age=AGE, statuses=statuses) as target:
        answer = doctor(target, "--policy", "round_robin", "--watch", "10s", *(("--service", service) if service else ()))
    assert ids(answer) == [expected]
    assert only(answer)["evidence"][0].startswith("2 of 2: ") or "UNAUTHENTICATED: no token" in only(answer)["evidence"][0]


PROVOKED.update(["not-serving", "service-unknown", "health-missing", "health-fails"])


# Who gets the calls


@provokes("one-address", "servers-unseen")
def test_one_server_that_nothing_names(expected):
    with orders() as address:
        answer = doctor(f"ipv4:{address}")
    assert ids(answer) == expected
    assert "the name resolves to one address: if several servers stand behind it, each connection sticks to one" in \
        answer["findings"][0]["sentence"]
    assert "cannot be seen from here" in answer["findings"][1]["sentence"]


@provokes("pick-first")
@pytest.mark.parametrize("policy", [(), ("--policy", "pick_first")])
def test_several_addresses_and_pick_first(expected, policy):
    with several(3) as target:
        answer = doctor(target, *policy)
    assert ids(answer) == expected
    assert answer["findings"][0]["sentence"].startswith("policy is pick_first")


@provokes("calls-fail", "connections-break")
def test_servers_that_go_away_while_it_watches(expected):
    with orders() as behind, relay(behind) as (address, cut):
        command = [PROGRAMS / "samplectl", "doctor", f"ipv4:{address}", "--watch", "5s", "--timeout", "2s"]
        with subprocess.Popen(command, env=clean({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr.readline().startswith("watching for 5s") or process.poll() is None
            cut()
            output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert [line.split(": ")[1] for line in output.splitlines() if re.match("(error|warning): ", line)][:1] == expected[:1]
    assert f"warning: {expected[1]}" in output and "the last one with UNAVAILABLE" in " ".join(output.split())


@provokes("virtual-address")
def test_one_address_over_several_servers_by_a_field_of_their_answers(expected):
    port = free_port()
    with orders(f"127.0.0.1:{port}", name="orders-1", reflects=True, shared=True, age=AGE), \
            orders(f"127.0.0.1:{port}", name="orders-2", reflects=True, shared=True, age=AGE):
        answer = doctor(f"ipv4:127.0.0.1:{port}", *HELLO, "--watch", "10s")
    assert ids(answer) == expected
    assert "2 servers answered" in only(answer)["evidence"][0]
    assert "orders-1, orders-2, by hostname of sample.service.HelloWorld/SayHello" in only(answer)["evidence"][0]


def test_one_address_over_several_servers_by_their_certificates(authority):
    port = free_port()
    with orders(f"127.0.0.1:{port}", identity=authority.issue("IP:127.0.0.1"), shared=True, age=AGE), \
            orders(f"127.0.0.1:{port}", identity=authority.issue("IP:127.0.0.1"), shared=True, age=AGE):
        answer = doctor(f"ipv4:127.0.0.1:{port}", "--tls-ca", str(authority.certificate), "--watch", "10s")
    assert ids(answer) == ["virtual-address"]
    assert "by their certificates" in only(answer)["evidence"][0]


@provokes("call-fails")
@pytest.mark.parametrize("reflects, call, reason", [
    (False, HELLO, "reflection"), (True, (*HELLO[:3], "pod"), "has no field pod"),
    (True, ("--call", "shop.Orders/Get", *HELLO[2:]), "does not know shop.Orders"),
])
def test_a_call_that_cannot_name_servers(expected, reflects, call, reason):
    with several(2, age=AGE, reflects=reflects) as target:
        answer = doctor(target, "--policy", "round_robin", "--watch", "10s", *call)
    assert ids(answer) == expected
    assert reason in only(answer)["evidence"][0]


def test_servers_with_several_addresses_are_told_by_name():
    with several(3, age=AGE, reflects=True) as target:
        answer = doctor(target, "--policy", "round_robin", *HELLO, "--watch", "10s")
    assert answer["findings"] == []
    assert answer["facts"]["servers"].startswith("3 named by hostname of sample.service.HelloWorld/SayHello: orders-0, ")


def test_a_server_that_takes_long_to_connect_to_is_met_as_well():
    far = f"127.0.0.1:{free_port()}"
    with several(2, reflects=True) as near, orders(far, name="orders-far", reflects=True), relay(far, late=0.3) as (late, _):
        answer = doctor(f"{near},{late}", "--policy", "round_robin", *HELLO, "--watch", "10ms")
    assert answer["facts"]["servers"].startswith("3 named by hostname of sample.service.HelloWorld/SayHello: orders-0, ")


# The system on this machine


def local(system, *options: str) -> dict:
    result = system.samplectl("doctor", "-o", "json", *options)
    assert result.returncode in (0, 1) and result.stderr == "", result
    answer = json.loads(result.stdout)
    assert (result.returncode == 1) == bool(answer["findings"])
    return answer


def test_the_local_system_is_healthy_when_headless(new_system):
    system = new_system().up("--max-connection-age", "2s", "--replicas", "3")
    answer = local(system)
    assert answer["findings"] == []
    assert answer["facts"]["system"] == "mode headless, 1 gateway, 3 of 3 grpc pods ready"
    assert answer["facts"]["servers"].startswith("3 named by x-pod-name: ")
    system.output("set", "policy=pick_first")
    assert ids(local(system)) == ["pick-first"]
    # Not the same as what somebody else's client has.
    assert ids(local(system, "--policy", "round_robin")) == []


def test_the_local_system_sticks_to_one_pod_with_a_virtual_address(new_system):
    system = new_system().up("--mode", "clusterip", "--max-connection-age", "2s", "--replicas", "3")
    answer = local(system)
    assert ids(answer) == ["virtual-address"]
    assert "servers answered on 16 connections" in only(answer)["evidence"][0]


@pytest.mark.parametrize("mode, why", [
    ("nginx", "something in between chooses a server for each call"),
    ("kubernetes", "whoever names the servers tells of each change"),
])
def test_what_makes_up_for_one_address_or_for_connections_that_stay_is_seen(new_system, mode, why):
    system = new_system().up("--mode", mode, "--max-connection-age", "off", "--replicas", "3")
    answer = local(system)
    assert answer["findings"] == []
    assert answer["facts"]["watched"] == f"not needed: {why}"
    assert answer["facts"]["servers"].startswith("3 named by x-pod-name: ")


@provokes("pod-unready", "connections-stay")
def test_a_pod_that_is_not_ready(expected, new_system):
    system = new_system().up("--max-connection-age", "off", "--replicas", "3")
    pod = system.pods()[0]["name"]
    system.output("readiness", pod, "off")
    answer = local(system, *quickly())
    assert [one for one in ids(answer) if one != "not-serving"] == expected
    assert pod in answer["findings"][0]["evidence"][0]


@provokes("pod-unknown", "connections-stay")
def test_a_pod_that_the_gateway_does_not_know(expected, new_system):
    system = new_system().up("--max-connection-age", "off", "--replicas", "2")
    system.output("scale", "grpc=3")
    eventually(lambda: len(system.in_dns()) == 3)
    answer = local(system, *quickly())
    assert ids(answer) == expected
    new = max(system.in_dns().items(), key=lambda pod: pod[1])[0]
    assert answer["findings"][0]["evidence"] == [f"it knows 2; not {new}"]


@pytest.mark.parametrize("mode", ["kubernetes", "etcd", "consul"])
def test_a_mode_that_tells_of_no_pod_is_a_name_without_an_address(new_system, mode):
    system = up_or_skip(new_system(), mode, "--replicas", "1", shutdown_delay="100ms")
    system.output("readiness", system.pods()[0]["name"], "off")
    answer = eventually(lambda: "name-has-no-address" in ids(answer := local(system, *quickly())) and answer)
    assert set(ids(answer)) == {"pod-unready", "name-has-no-address"}
    [finding] = [finding for finding in answer["findings"] if finding["id"] == "name-has-no-address"]
    assert finding["sentence"].startswith(f"nobody is entered under {mode}:")
    system.output("readiness", system.pods()[0]["name"], "on")
    eventually(lambda: "name-has-no-address" not in ids(local(system, *quickly())))


def test_a_gateway_that_nobody_calls_lacks_no_address(new_system, tmp_path):
    """Its channel sleeps; what it would be told, the supervisor knows. Programs are found beside samplectl."""
    programs = tmp_path / "bin"
    programs.mkdir()
    shutil.copy(PROGRAMS / "samplectl", programs)
    for name in ("grpc-server", "js-server"):
        (programs / name).symlink_to(PROGRAMS / name)
    (programs / "gateway").write_text(f'#!/bin/sh\nCHANNEL_IDLE_TIMEOUT=1s exec {PROGRAMS}/gateway "$@"\n')
    (programs / "gateway").chmod(0o755)
    system = new_system()
    system.programs = programs
    system.up("--mode", "kubernetes", "--replicas", "2")
    eventually(lambda: system.ask("/go/channel").json["state"] == "IDLE")
    answer = local(system)
    assert answer["findings"] == []
    [gateway] = system.pods("gateway")
    assert answer["facts"]["idle"] == f"{gateway['name']}: no call for 1s; the next call wakes the channel"
    assert answer["facts"]["servers"].startswith("2 named by x-pod-name: ")
    assert system.ask("/go/channel").json["state"] == "IDLE", "looking has not woken it"


@provokes("gateway-fails")
def test_a_gateway_that_hangs_or_is_not_ready(expected, new_system):
    system = new_system().up("--replicas", "2")
    [gateway] = [pid for pid, command in system.processes().items() if command.split()[0].endswith("/gateway")]
    os.kill(gateway, signal.SIGSTOP)
    try:
        # Whichever the doctor meets: it is still ready, or its probe has failed.
        assert expected[0] in ids(local(system, *quickly()))
    finally:
        with contextlib.suppress(ProcessLookupError):  # its liveness probe may have failed as well
            os.kill(gateway, signal.SIGCONT)


def test_a_system_that_does_not_run_cannot_be_examined(new_system):
    result = new_system().samplectl("doctor")
    assert (result.returncode, result.stdout) == (1, "") and "is not running" in result.stderr


# What is typed


@pytest.mark.parametrize("words, message", [
    (("orders:1", "--policy", "ringhash"), "expected one of pick_first, round_robin"), (("xx://orders:1",), "is not one of"), (("ipv4:orders:1",), "is not an address"),
    (("orders:1", "--call", "a.B/C"), "--call and --field go together"),
    (("orders:1", "--call", "Version", "--field", "x"), "expected: package.Service/Method"),
    (("orders:1", "--watch", "soon"), "a duration"), (("orders:1", "--tls-key", "x"), "TLS"), (("a", "b"), "does not take 'b'"),
])
def test_what_is_not_understood_is_64(words, message):
    result = run("samplectl", "doctor", *words)
    assert result.returncode == 64 and result.stdout == "", result
    assert message in result.stderr and result.stderr.count("\n") == 1


def test_every_finding_is_provoked_and_told_in_the_documents():
    import test_doctor_cluster
    source = (ROOT / "Sources/tools/Diagnosis/Finding.swift").read_text()
    there = set(re.findall(r'case \w+ = "([a-z0-9-]+)"', source))
    documented = set(re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "docs/doctor.md").read_text(), re.M))
    assert documented == there
    assert PROVOKED | test_doctor_cluster.PROVOKED == there
