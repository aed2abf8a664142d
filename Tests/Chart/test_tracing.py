"""Spans: what the services are told of the collector, and what they may reach."""

import pytest

from support.cases import CASES
from support.helm import Refusal, render

OURS = ("gateway", "grpc", "js")
FILE = "/etc/sample-service/tracing/ca.crt"


def test_the_services_are_told_of_the_collector_and_nobody_else():
    objects = render("tracing.endpoint=http://otel-collector.monitoring:4317").objects
    for pod in objects.pods():
        settings = {name: value for name, value in pod.environment.items() if name.startswith("OTEL_")}
        assert settings == ({
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector.monitoring:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "1",
        } if pod.component in OURS else {}), pod.component
    assert not [name for pod in render().objects.pods() for name in pod.environment if name.startswith("OTEL_")]


@pytest.mark.parametrize("endpoint,port", [
    ("http://otel:4317", 4317), ("http://otel", 4317), ("http://10.0.0.1:55680/", 55680), ("https://otel", 443),
    ("http://[fd00::1]", 4317)])
def test_they_may_reach_it_and_its_name(endpoint, port):
    policies = {policy["metadata"]["labels"]["app.kubernetes.io/component"]: policy["spec"]["egress"]
                for policy in render(f"tracing.endpoint={endpoint}", "tracing.secretName=otel").objects.of("NetworkPolicy")
                if policy["spec"].get("egress")}
    for component in OURS:
        anywhere = [entry["port"] for rule in policies[component] if "to" not in rule for entry in rule["ports"]]
        assert port in anywhere and 53 in anywhere, component
    assert "js" not in {
        policy["metadata"]["labels"]["app.kubernetes.io/component"]
        for policy in render().objects.of("NetworkPolicy") if policy["spec"].get("egress")}


def test_a_secret_has_the_password_and_the_authority():
    objects = render(*CASES["spans over TLS"]).objects
    for component in OURS:
        pod = objects.pod(component)
        assert pod.environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] == FILE
        assert pod.environment["OTEL_TRACES_SAMPLER_ARG"] == "0.1"
        [headers] = [each for each in pod.container["env"] if each["name"] == "OTEL_EXPORTER_OTLP_HEADERS"]
        assert headers["valueFrom"] == {"secretKeyRef": {"name": "otel", "key": "headers", "optional": True}}
        assert pod.container["volumeMounts"] == [{"name": "tracing", "mountPath": FILE.rpartition("/")[0], "readOnly": True}]
        # The headers stay out of the files.
        assert pod.spec["volumes"] == [{"name": "tracing", "secret": {
            "secretName": "otel", "defaultMode": 0o440, "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]


def test_it_goes_together_with_tls_between_the_services():
    objects = render(*CASES["spans over TLS"], "tls.enabled=true", "tls.secretName=certificate").objects
    for component in ("gateway", "grpc"):
        pod = objects.pod(component)
        assert [mount["name"] for mount in pod.container["volumeMounts"]] == ["tls", "tracing"]
        assert [volume["name"] for volume in pod.spec["volumes"]] == ["tls", "tracing"]


def test_a_service_may_have_its_own():
    objects = render(
        "tracing.endpoint=http://otel:4317", "tracing.secretName=otel", "js.env.OTEL_TRACES_EXPORTER=none",
        "grpc.env.OTEL_EXPORTER_OTLP_HEADERS=a=b", "gateway.env.OTEL_EXPORTER_OTLP_ENDPOINT=http://other:4317").objects
    assert objects.pod("js").environment["OTEL_TRACES_EXPORTER"] == "none"
    assert objects.pod("gateway").environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://other:4317"
    assert [each["value"] for each in objects.pod("grpc").container["env"]
            if each["name"] == "OTEL_EXPORTER_OTLP_HEADERS"] == ["a=b"]


@pytest.mark.parametrize("endpoint", ["", "http://otel:4317"])
def test_all_else_that_a_service_reads_goes_into_its_variables(endpoint):
    more = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://other:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_TRACES_EXPORTER": "none"}
    settings = [f"{each}.env.{name}={value}" for each in OURS for name, value in more.items()]
    objects = render(f"tracing.endpoint={endpoint}", *settings).objects
    for component in OURS:
        assert more.items() <= objects.pod(component).environment.items(), component


@pytest.mark.parametrize("settings,complaint", [
    (("tracing.endpoint=otel:4317",), "tracing"), (("tracing.endpoint=http://otel:4318/v1/traces",), "tracing"),
    (("tracing.endpoint=http://otel:99999",), "tracing"), (("tracing.endpoint=http://otel:0",), "tracing"),
    (("tracing.endpoint=http://otel:04317",), "tracing"), (("tracing.ratio=2",), "tracing"), (("tracing.endpoint=https://otel:4317",), "tracing.secretName")])
def test_what_cannot_work_is_refused(settings, complaint):
    with pytest.raises(Refusal, match=complaint):
        render(*settings)
