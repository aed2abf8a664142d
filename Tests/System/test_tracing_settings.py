"""What can be said of spans by OpenTelemetry's variables, and what becomes of values that nobody can use."""

import socket

import grpc
import pytest

from support.client import client
from support.collector import Collector, tracing
from support.eventually import eventually
from support.metrics import Metrics
from support.programs import Program, run

METHOD = "sample.service.HelloWorld.SayHello"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
UNREACHED = "http://127.0.0.1:1"


@pytest.fixture
def collector():
    with Collector() as started:
        yield started


def warnings(service: Program) -> list[str]:
    """What the log says of variables of OpenTelemetry's."""
    return [line.partition("warn: ")[2] for line in service.output.splitlines() if "warn: " in line and "OTEL_" in line]


def exports(service: Program) -> bool:
    return any("span" in name for name, *_ in Metrics(service).samples)


def test_settings_reach_the_collector(start, collector):
    pod = start("grpc-server", **tracing(
        collector.url, OTEL_EXPORTER_OTLP_HEADERS="api-key=a%20b", OTEL_SERVICE_NAME="hello",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test", OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
        OTEL_TRACES_SAMPLER="traceidratio", OTEL_TRACES_SAMPLER_ARG="1"))
    with client(pod.address("grpc")) as caller:
        caller.say_hello("Ada")
        caller.health()
        with pytest.raises(grpc.RpcError):
            caller.raw("/made.up/Method")
    received, unknown = collector.wait_for(f"Recv.{METHOD}", "Recv._OTHER")
    assert collector.metadata["api-key"] == "a b"
    assert received.resource["deployment.environment.name"] == "test" and received.service == "hello"
    assert unknown.attributes["rpc.method"] == "_OTHER" and unknown.status == ("ERROR", "UNIMPLEMENTED")
    assert {span.name for span in collector.spans} == {f"Recv.{METHOD}", "Recv._OTHER"}, "probes' calls are none"


def test_what_is_said_of_traces_wins_in_any_case_of_letters(start, greeter, collector):
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(
        "http://127.0.0.1:4318/v1/traces", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL="GRPC",
        OTEL_EXPORTER_OTLP_TRACES_COMPRESSION="GZip", OTEL_EXPORTER_OTLP_HEADERS="a=1",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS="b=2", OTEL_TRACES_EXPORTER="OTLP", OTEL_SDK_DISABLED="False",
        # Of what else a platform may have set, nothing is taken for a slip.
        OTEL_BLRP_SCHEDULE_DELAY="1000", OTEL_METRICS_EXPORTER="none", OTEL_PROPAGATORS="tracecontext"))
    assert gateway.http("/go").status == 200
    collector.wait_for("GET /go")
    assert (collector.metadata.get("a"), collector.metadata["b"]) == (None, "2")
    assert "OTEL_" not in gateway.output


def test_the_time_for_traces_wins(start, greeter):
    """A collector that takes connections and answers nothing; all else that is exported may take ten minutes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", **tracing(
            f"http://127.0.0.1:{listener.getsockname()[1]}", OTEL_EXPORTER_OTLP_TIMEOUT="600000",
            OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="200"))
        assert gateway.http("/go").status == 200
        eventually(lambda: Metrics(gateway).total("sample_span_exports_failed_total", grpc_status="DEADLINE_EXCEEDED") >= 1)


@pytest.mark.parametrize("variables", [
    {"OTEL_SDK_DISABLED": "TRUE"}, {"OTEL_TRACES_EXPORTER": "None"},
    # Nothing else is looked at then.
    {"OTEL_SDK_DISABLED": "true", ENDPOINT: "nowhere", "OTEL_TRACES_SAMPLER": "sometimes"},
    {ENDPOINT: "", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "", "OTEL_TRACES_SAMPLER": "sometimes"}])
def test_without_spans_there_is_no_word_of_them(start, variables):
    server = start("grpc-server", **{ENDPOINT: UNREACHED, **variables})
    assert not exports(server) and "OTEL_" not in server.output


def test_what_is_no_value_does_not_count_and_is_told(start, greeter, collector):
    """As a platform may have set it for all programs of a cluster: this one starts, and its spans arrive."""
    bad = {
        "OTEL_EXPORTER_OTLP_TIMEOUT": "10s", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "-1", "OTEL_EXPORTER_OTLP_COMPRESSION": "zstd",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grcp", "OTEL_TRACES_EXPORTER": "jaeger", "OTEL_SDK_DISABLED": "1",
        "OTEL_TRACES_SAMPLER": "jaeger_remote", "OTEL_TRACES_SAMPLER_ARG": "endpoint=http://jaeger:14250",
        "OTEL_BSP_MAX_QUEUE_SIZE": "0", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "many", "OTEL_RESOURCE_ATTRIBUTES": "team"}
    gateway = start(
        "gateway", GRPC_TARGET=f"ipv4:{greeter.address}",
        **tracing(collector.url, **bad, OTEL_EXPORTER_OTLP_HEADERS="secret"))
    assert gateway.http("/go").status == 200
    [request] = collector.wait_for("GET /go")
    assert request.service == "gateway"
    told = warnings(gateway)
    for name, value in bad.items():
        [line] = [line for line in told if line.startswith(f"{name}: ")]
        assert f'"{value}"' in line and ("; the default, " in line or line.endswith((
            "; what OTEL_EXPORTER_OTLP_TIMEOUT says holds instead", "; what OTEL_EXPORTER_OTLP_PROTOCOL says holds instead",
            "; it counts as false", "; none of it is used", "; it is as if it were not set"))), line
    [headers] = [line for line in told if line.startswith("OTEL_EXPORTER_OTLP_HEADERS: ")]
    assert headers.endswith("; exports go without any") and "secret" not in gateway.output
    assert len(told) == len(bad) + 1, told


@pytest.mark.parametrize("variables,expected", [
    ({ENDPOINT: "collector:4317"}, "http://collector:4317"),
    ({ENDPOINT: UNREACHED, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, "http://collector:4317"),
    ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc"),
    ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
     "set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc"),
    ({"OTEL_TRACES_EXPORTER": "zipkin"}, "only otlp and none"),
    ({ENDPOINT: "https://collector", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere/ca.crt"}, "/nowhere/ca.crt")])
def test_a_service_starts_without_spans_where_none_can_be_exported(start, variables, expected):
    server = start("grpc-server", **{ENDPOINT: UNREACHED, **variables})
    with client(server.address("grpc")) as caller:
        caller.say_hello("Ada")
    assert not exports(server)
    (name, value), = list(variables.items())[-1:]
    value = value.replace("/v1/traces", "/…")  # behind the host some vendors have a key
    [line] = warnings(server)
    assert line.startswith(f'{name}: "{value}": ') and expected in line and line.endswith("; no spans are exported"), line


@pytest.mark.parametrize("flag,expected", [
    ("--otel-exporter-otlp-endpoint=collector:4317", "http://collector:4317"),
    ("--otel-exporter-otlp-protocol=http/protobuf", "set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc"),
    ("--otel-exporter-otlp-timeout=10s", "a whole number from 0 to"),
    ("--otel-traces-sampler-arg=2", "a number from 0 to 1"), ("--otel-exporter-otlp-headers=secret", "key=value pairs")])
def test_a_flag_is_for_this_program_alone_and_refused(flag, expected):
    ended = run("gateway", flag, **{ENDPOINT: UNREACHED})
    assert ended.returncode == 64 and expected in ended.stderr and "secret" not in ended.stderr, ended.stderr
