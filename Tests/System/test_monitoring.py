"""The chart's alerts and dashboard, in a real Prometheus that scrapes a whole system."""

import json
import math

import pytest

from support.eventually import eventually
from support.load import Load
from support.prometheus import COMPONENTS, NAMESPACE, RELEASE, Prometheus, from_chart

# An alert waits for two looks at it, and looks at the last two seconds.
QUICK = ("monitoring.alerts.enabled=true", "monitoring.alerts.for=500ms", "monitoring.alerts.window=2s",
         "monitoring.dashboard.enabled=true")


@pytest.fixture
def prometheus(tmp_path):
    rules = from_chart("PrometheusRule", *QUICK)["spec"]
    started = Prometheus(tmp_path / "prometheus", rules)
    yield started
    print(started.transcript)
    started.stop()


def test_alerts_fire_while_pods_are_unknown_to_the_gateway_and_every_panel_has_data(prometheus, new_system):
    """All with one system and one Prometheus, which hears of new targets only every 5 s: twice here."""
    # Connections that never end, so the gateway looks the name up only when it is made to.
    system = new_system("watched").up("--replicas", "2", "--max-connection-age", "off", "--dns-interval", "1s", shutdown_delay="1s")
    old = {pod["name"] for pod in system.pods()}
    system.output("scale", "grpc=4")
    [gateway] = [pod["name"] for pod in system.pods("gateway")]
    new = {pod["name"] for pod in system.pods()} - old
    with Load(system.port, connections=2, pause=0.01) as load:
        def fire():
            prometheus.follow(system)
            firing = [(alert["labels"]["alertname"], alert["labels"].get("pod")) for alert in prometheus.alerts()]
            assert sorted(firing) == sorted([
                ("SamplePodsUnknownToGateway", gateway), *(("SamplePodAboveItsShare", pod) for pod in old),
                *(("SamplePodWithoutCalls", pod) for pod in new)])
            [found] = [alert for alert in prometheus.alerts() if alert["labels"]["alertname"] == "SamplePodsUnknownToGateway"]
            return found
        unknown = eventually(fire, within=60)
        assert unknown["annotations"]["summary"] == f"2 grpc pods are ready, and the gateway {gateway} does not know them"
        assert unknown["labels"]["severity"] == "warning"
        assert len(system.ask("/go/channel").json["subchannels"]) == 2, "it is as the alert says"

        # Old pods end, and with them connections: the gateway looks again.
        system.output("restart", "grpc")

        def resolve():
            prometheus.follow(system)
            pods = {pod["name"] for pod in system.all_pods() if pod["component"] in COMPONENTS}
            assert prometheus.targets == dict.fromkeys(pods, "up")
            assert prometheus.alerts(None) == []
            shares = {each["pod"]: each["value"] for each in prometheus.query(panels()[0]["targets"][0]["expr"])}
            current = [shares.get(pod["name"], 0) for pod in system.pods()]
            assert len(current) == 4 and all(abs(share - 0.25) < 0.1 for share in current), shares
            return True
        eventually(resolve, within=60)
        eventually(lambda: every_panel_has_data(prometheus))
    assert not load.failures


_panels: list[dict] = []


def panels() -> list[dict]:
    """Of the dashboard, with what Grafana puts in for variables put in."""
    if not _panels:
        [text] = from_chart("ConfigMap", *QUICK)["data"].values()
        for variable, value in (("$__rate_interval", "2s"), ("$namespace", NAMESPACE), ("$release", RELEASE)):
            text = text.replace(variable, value)
        _panels.extend(json.loads(text)["panels"])
    return _panels


def every_panel_has_data(prometheus: Prometheus) -> bool:
    for panel in panels():
        for target in panel["targets"]:
            series = prometheus.query(target["expr"])
            assert any(math.isfinite(each["value"]) for each in series), (panel["title"], target["expr"], series)
            named = {label for label in ("pod", "grpc_status", "grpc_disconnect_error") if "{{" + label + "}}" in target["legendFormat"]}
            assert all(each.get(label) for each in series for label in named), (panel["title"], target["legendFormat"], series)
    return True
