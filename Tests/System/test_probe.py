"""The verb `probe`, with the exit codes of grpc_health_probe."""

import pytest

from support.ports import free_port
from support.programs import run


def probe(*arguments: str, program: str = "grpc-server", **environment: str) -> int:
    result = run(program, "probe", *arguments, **environment)
    assert result.stdout + result.stderr != "", "says what it found"
    return result.returncode


@pytest.mark.parametrize("service", [(), ("--service", "sample.service.HelloWorld")])
def test_serving_is_0(server, service):
    assert probe("--addr", server.address("grpc"), *service) == 0


@pytest.mark.parametrize("arguments", [("--nonsense",), ("--addr", "nowhere"), ("--addr",)])
def test_bad_arguments_are_1(arguments):
    assert probe(*arguments) == 1


def test_nothing_listening_is_2():
    assert probe("--addr", f"127.0.0.1:{free_port()}") == 2


def test_failed_call_is_3(server):
    assert probe("--addr", server.address("grpc"), "--service", "no.such.Service") == 3


def test_not_serving_is_4(server):
    server.admin("/readyz/disable", "POST")
    assert probe("--addr", server.address("grpc")) == 4


@pytest.mark.parametrize("program, variable", [("grpc-server", "LISTEN_ADDRESS"), ("gateway", "ADMIN_ADDRESS")])
def test_unix_socket_is_probed_too(start, state_folder, program, variable):
    address = f"unix:{state_folder}/{program}"
    assert probe("--addr", address, program=program) == 2, "nothing there yet"
    start(program, **{variable: address}, **({"GRPC_TARGET": "ipv4:127.0.0.1:1"} if program == "gateway" else {}))
    serving = {0} if program == "grpc-server" else {0, 4}
    assert probe("--addr", address, program=program) in serving
    assert probe(program=program, **{variable: address}) in serving, "the service's own variable says where"
