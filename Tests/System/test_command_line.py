"""Flags, variables and mistakes in them."""

import socket

import pytest

from support.programs import run

SERVICES = ["grpc-server", "gateway"]

COMMON = [
    "LISTEN_ADDRESS", "ADMIN_ADDRESS", "ADMIN_ACTIONS", "EVENT_LOOPS", "SHUTDOWN_DELAY", "SHUTDOWN_GRACE", "LOG_FORMAT", "LOG_LEVEL",
    "POD_NAME", "POD_IP", "POD_NAMESPACE",
]
VARIABLES = {
    "grpc-server": [
        *COMMON, "MAX_CONNECTION_AGE", "MAX_CONNECTION_AGE_GRACE", "MAX_CONNECTION_IDLE", "MAX_CONCURRENT_STREAMS",
        "MAX_RECEIVE_MESSAGE_BYTES", "ETCD_ENDPOINTS", "CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "CONSUL_CACERT", "REGISTRY_SERVICE",
        "REGISTRY_TTL", "LOAD_REPORTS", "TROUBLE",
    ],
    "gateway": [
        *COMMON, "GRPC_TARGET", "LOAD_BALANCING_POLICY", "LOAD_BALANCING_MODE", "POD_SOURCE",
        "DNS_MIN_RESOLUTION_INTERVAL",
        "DNS_START_WINDOW", "READY_TIMEOUT", "CHANNEL_IDLE_TIMEOUT", "CALL_TIMEOUT", "ETCD_ENDPOINTS", "CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "CONSUL_CACERT",
    ],
}

BAD_VALUES = [
    ("grpc-server", "LISTEN_ADDRESS", "somewhere"),
    ("grpc-server", "LISTEN_ADDRESS", "127.0.0.1:70000"),
    ("grpc-server", "ADMIN_ACTIONS", "never"),
    ("grpc-server", "EVENT_LOOPS", "0"),
    ("grpc-server", "EVENT_LOOPS", "many"),
    ("grpc-server", "LOG_LEVEL", "loud"),
    ("grpc-server", "LOG_FORMAT", "xml"),
    ("grpc-server", "MAX_CONNECTION_AGE", "30"),
    ("grpc-server", "SHUTDOWN_GRACE", "-1s"),
    ("grpc-server", "MAX_RECEIVE_MESSAGE_BYTES", "99999999999999999999"),
    ("grpc-server", "REGISTRY_TTL", "500ms"),
    ("grpc-server", "TROUBLE", "some"),
    ("gateway", "GRPC_TARGET", "nonsense://"),
    ("gateway", "GRPC_TARGET", "ipv4:999.0.0.1:80"),
    ("gateway", "LOAD_BALANCING_POLICY", "luck"),
    ("gateway", "CALL_TIMEOUT", "soon"),
    ("gateway", "CHANNEL_IDLE_TIMEOUT", "0s"),
]


def assert_one_line(result, *words: str):
    assert result.stderr.count("\n") == 1, result.stderr
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize("program", SERVICES)
def test_help_names_every_variable_and_flag(program):
    result = run(program, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    missing = [name for name in VARIABLES[program] if name not in result.stdout]
    missing += [flag for name in VARIABLES[program] if (flag := f"--{name.lower().replace('_', '-')}") not in result.stdout]
    assert missing == []
    assert "probe" in result.stdout


@pytest.mark.parametrize("program", SERVICES)
@pytest.mark.parametrize("argument", ["--nonsense", "--nonsense=1", "nonsense"])
def test_unknown_argument_is_one_line_and_64(program, argument):
    result = run(program, argument)
    assert result.returncode == 64
    assert_one_line(result, "nonsense")


@pytest.mark.parametrize("program, variable, value", BAD_VALUES)
def test_bad_value_in_a_variable_is_one_line_and_64(program, variable, value):
    result = run(program, **{"LISTEN_ADDRESS": "127.0.0.1:0", "ADMIN_ADDRESS": "127.0.0.1:0", variable: value})
    assert result.returncode == 64
    assert_one_line(result, variable, value)


@pytest.mark.parametrize("program", SERVICES)
def test_bad_value_of_a_flag_is_one_line_and_64(program):
    result = run(program, "--log-level", "loud")
    assert result.returncode == 64
    assert_one_line(result, "log-level", "loud")


@pytest.mark.parametrize("program", SERVICES)
def test_flag_without_its_value_is_64(program):
    result = run(program, "--log-level")
    assert result.returncode == 64
    assert_one_line(result, "log-level")


def test_flag_goes_before_variable(start):
    server = start("grpc-server", "--log-format", "json", LOG_FORMAT="text", LOG_LEVEL="debug")
    server.admin("/healthz")
    assert any(line.startswith("{") for line in server.output.splitlines())


@pytest.mark.parametrize("program", SERVICES)
@pytest.mark.parametrize("variable", ["LISTEN_ADDRESS", "ADMIN_ADDRESS"])
def test_port_in_use_is_named(program, variable):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        result = run(program, **{"LISTEN_ADDRESS": "127.0.0.1:0", "ADMIN_ADDRESS": "127.0.0.1:0", variable: address})
    assert result.returncode not in (0, 64)
    assert result.returncode > 0, "not ended by a signal"
    assert_one_line(result, address, "in use", "--listen-address", "--admin-address")
