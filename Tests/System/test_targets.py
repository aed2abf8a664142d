"""Targets that are no names of DNS: abstract unix sockets, and names that only a connection looks up. Peers are grpcio's."""

import os

from support.client import client
from support.eventually import eventually
from support.greeter import Greeter
from support.ports import free_port
from support.programs import run


class AbstractGreeter(Greeter):
    def _open(self, server, address):
        server.add_insecure_port(address)
        return 0


def test_an_abstract_unix_socket_of_grpcios(start):
    name = f"sample-{os.getpid()}-peer"
    greeter = AbstractGreeter(f"unix-abstract:{name}")
    try:
        gateway = start("gateway", GRPC_TARGET=f"unix-abstract:{name}")
        answer = gateway.http("/go/sample?name=Ada")
        assert answer.status == 200 and answer.json["response"]["message"] == "Hello Ada"
        known = gateway.http("/go/channel").json
        assert known["target"] == f"unix-abstract:{name}"
        assert [one["address"] for one in known["subchannels"]] == [f"unix-abstract:{name}"]
    finally:
        greeter.stop()
    # The name goes with its server, a moment after the connection: what comes in between is accepted and reset.
    refused = f"connect to unix-abstract:{name}: Connection refused"
    eventually(lambda: refused in gateway.http("/go/sample").json["error"]["message"])


def test_grpcio_reaches_ours_at_one(start):
    address = f"unix-abstract:sample-{os.getpid()}-server"
    start("grpc-server", LISTEN_ADDRESS=address, POD_NAME="pod-1")
    with client(address) as connected:
        assert connected.say_hello("Ada").hostname == "pod-1"
    assert run("grpc-server", "probe", "--addr", address).returncode == 0


def test_a_passed_through_name_is_looked_up_by_the_connection(start, start_greeter):
    greeter = start_greeter()
    target = f"passthrough:///localhost:{greeter.port}"
    gateway = start("gateway", GRPC_TARGET=target)
    assert gateway.http("/go/sample").status == 200
    known = gateway.http("/go/channel").json
    assert known["target"] == f"passthrough:localhost:{greeter.port}"
    assert known["resolver"]["addresses"] == [f"localhost:{greeter.port}"]
    assert [one["address"] for one in known["subchannels"]] == [f"localhost:{greeter.port}"]


def test_one_that_nobody_knows_is_said_with_its_cause(start):
    gateway = start("gateway", GRPC_TARGET=f"passthrough:///no.such.name.invalid:{free_port()}", READY_TIMEOUT="0s")
    answer = gateway.http("/go/sample", within=30)
    assert answer.status == 503
    message = answer.json["error"]["message"]
    assert "connect to no.such.name.invalid:" in message and "cannot resolve" in message, message


def test_what_cannot_be_a_target_says_which_schemes_there_are():
    known = "consul, dns, etcd, ipv4, ipv6, kubernetes, passthrough, unix, unix-abstract"
    for target, reason in [
        ("xds:///pods", f'its scheme, "xds", is not one of: {known}'),
        ("unix-abstract:" + "x" * 108, "the name of a unix socket has 1 to 107 bytes"),
        ("passthrough:///pods", "scheme passthrough adds nothing, so a port must follow the host, as in host:8080"),
        ("passthrough://somebody/pods:1", "scheme passthrough asks nobody, so it takes no authority"),
    ]:
        ended = run("gateway", GRPC_TARGET=target)
        assert (ended.returncode, ended.stdout) == (64, "")
        assert reason in ended.stderr, ended.stderr
