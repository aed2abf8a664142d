"""How long a pod that is told to end goes on: until no client can be led to it any more, and calls are done."""

import re
import shutil

import pytest
import yaml

from support.cases import MODES
from support.helm import Refusal, notes, render
from support.paths import CHART

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())


def times(*settings: str, **options) -> dict[str, tuple[int, int]]:
    """Component → its delay and Kubernetes' patience, in seconds."""
    objects = render(*settings, **options).objects
    services = {component: objects.pod(component) for component in ("grpc", "gateway", "js")}
    return {
        component: (seconds(pod.environment["SHUTDOWN_DELAY"]), pod.spec["terminationGracePeriodSeconds"])
        for component, pod in services.items()}


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text).group(1))


def test_only_pods_that_are_found_by_dns_wait_for_it():
    assert times() == {"grpc": (35, 105), "gateway": (5, 75), "js": (5, 75)}
    nginx = render().objects.pod("nginx").container
    assert nginx["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "5"]
    assert times("loadBalancing.mode=clusterip") == {"grpc": (5, 75), "gateway": (5, 75), "js": (5, 75)}


@pytest.mark.parametrize("interval,seconds", [
    ("0s", 0), ("1ms", 1), ("500ms", 1), ("1000ms", 1), ("1001ms", 2), ("5s", 5), ("1.5s", 2), ("0.1s", 1), ("1m", 60),
    ("1.5m", 90), ("0.01m", 1), ("1.1m", 66), ("08s", 8), ("1h", 3600), ("0.7h", 2520),
])
def test_the_delay_covers_cache_and_interval(interval, seconds):
    setting = f"gateway.dns.minResolutionInterval={interval}"
    assert times(setting)["grpc"] == (30 + seconds, 30 + seconds + 70)
    assert times(setting, "dns.cacheSeconds=0")["grpc"][0] == max(seconds, 5), "never less than the others"
    assert render(setting).objects.pod("gateway").environment["DNS_MIN_RESOLUTION_INTERVAL"] == interval


def test_times_of_ones_own():
    assert times("shutdown.delaySeconds=3") == {"grpc": (35, 105), "gateway": (3, 73), "js": (3, 73)}
    assert times("shutdown.delaySeconds=40") == {"grpc": (40, 110), "gateway": (40, 110), "js": (40, 110)}
    assert times("grpc.shutdown.delaySeconds=50")["grpc"] == (50, 120)
    assert times("grpc.shutdown.delaySeconds=35")["grpc"] == (35, 105), "just enough"
    assert times("grpc.shutdown.delaySeconds=2", "loadBalancing.mode=clusterip")["grpc"] == (2, 72)
    assert times("shutdown.terminationGracePeriodSeconds=105") == {"grpc": (35, 105), "gateway": (5, 105), "js": (5, 105)}


def test_the_grace_is_the_same_for_all():
    objects = render("shutdown.graceSeconds=20").objects
    for component in ("gateway", "grpc", "js"):
        assert objects.pod(component).environment["SHUTDOWN_GRACE"] == "20s"
        assert "lifecycle" not in objects.pod(component).container
    assert times("shutdown.graceSeconds=20")["grpc"] == (35, 60)


def test_kubernetes_waits_for_the_end_of_every_pod(rendering):
    for component in ("gateway", "grpc", "js"):
        pod = rendering.objects.pod(component)
        needed = seconds(pod.environment["SHUTDOWN_DELAY"]) + seconds(pod.environment["SHUTDOWN_GRACE"]) + 5
        assert needed <= pod.spec["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("mode", MODES)
def test_the_notes_tell_how_long_a_pod_answers_on(mode):
    delay, _ = times(f"loadBalancing.mode={mode}")["grpc"]
    assert f"told to end answers for {delay} s more" in notes(f"loadBalancing.mode={mode}")


def chart_with_mode(folder, **changes: str):
    """A copy of the chart with the mode `other`, which is headless but for the changes."""
    chart = folder / "chart"
    shutil.copytree(CHART, chart)
    text = (chart / "files" / "modes" / "headless.yaml").read_text()
    for key, value in changes.items():
        text = re.sub(f"^{key}: .*$", f"{key}: {value}", text, flags=re.MULTILINE)
    (chart / "files" / "modes" / "other.yaml").write_text(text)
    return chart


def test_a_mode_to_come_gets_its_delay_from_its_file(tmp_path):
    chart = chart_with_mode(tmp_path, looksEvery="20s")
    assert times("loadBalancing.mode=other", chart=chart)["grpc"] == (50, 120)
    with pytest.raises(Refusal, match="mode other .*20s away.*to 50 or more"):
        render("loadBalancing.mode=other", "grpc.shutdown.delaySeconds=49", chart=chart)


def test_a_mode_that_finds_pods_in_an_unknown_way_is_refused(tmp_path):
    chart = chart_with_mode(tmp_path, findsPodsBy="luck")
    with pytest.raises(Refusal, match='modes/other.yaml: findsPodsBy is "luck".*dns'):
        render("loadBalancing.mode=other", chart=chart)
