"""How long a pod that is told to end goes on: until no client can be led to it any more, and calls are done."""

import re
import shutil

import pytest
import yaml

from support.cases import MODES, mode
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


@pytest.mark.parametrize("name", MODES)
def test_the_notes_tell_how_long_a_pod_answers_on(name):
    delay, _ = times(*mode(name))["grpc"]
    assert f"told to end answers for {delay} s more" in notes(*mode(name))


# What rests on DNS, with what looks names up there and how often: the file that tells it so.
LOOKS = {
    "headless": (None, r""),
    "envoy": ("envoy.yaml", r"dns_refresh_rate: (\d+)s"),
    "envoy-sidecar": ("envoy.yaml", r"dns_refresh_rate: (\d+)s"),
    "nginx": ("nginx-start.sh", r"valid=(\d+)s"),
}


@pytest.mark.parametrize("name", MODES)
def test_in_each_mode_the_delay_covers_the_cache_and_what_looks_names_up_there(name):
    delay = times(*mode(name), "dns.cacheSeconds=100")["grpc"][0]
    if name not in LOOKS:
        assert delay == 5, "a virtual address, Kubernetes' API and registries keep no answers of before"
        return
    file, pattern = LOOKS[name]
    interval = int(re.search(pattern, (CHART / "files" / file).read_text()).group(1)) if file else 5
    # nginx counts whole seconds, and keeps a name until after the last.
    assert delay == 100 + interval + (name == "nginx")


def test_nginx_with_a_resolver_of_ones_own():
    settings = (*mode("nginx"), "dns.cacheSeconds=100")
    for valid, interval in (("valid=30s", 30), ("valid=1m ipv6=off", 60), ("valid=7", 7), ("valid=2h", 7200)):
        assert times(*settings, f"nginx.resolver=10.0.0.1 {valid}")["grpc"][0] == 100 + interval + 1


@pytest.mark.parametrize("valid", ["2d", "1m30s", "500ms", ""])
def test_a_time_that_is_not_understood_is_refused(valid):
    with pytest.raises(Refusal, match=f"nginx.resolver has valid={valid}, but.*one number of s, m or h"):
        render(*mode("nginx"), f"nginx.resolver=10.0.0.1 valid={valid}")


def test_while_modes_change_the_delay_is_the_longest_of_them():
    looks = "gateway.dns.minResolutionInterval=20s"
    longest = times(*mode("headless"), looks)["grpc"]
    assert longest[0] == 50
    assert times(*mode("etcd"), "loadBalancing.keep={headless}", looks)["grpc"] == longest
    assert times(*mode("headless"), "loadBalancing.keep={nginx,etcd}", looks)["grpc"] == longest
    assert times(*mode("clusterip"), "loadBalancing.keep={etcd,kubernetes}", looks)["grpc"][0] == 5
    with pytest.raises(Refusal, match="in mode headless clients find the pods by DNS.*to 50 or more"):
        render(*mode("etcd"), "loadBalancing.keep={headless}", looks, "grpc.shutdown.delaySeconds=49")


def test_an_envoy_that_ends_waits_for_its_calls():
    for settings, delay, grace in (((), 5, 65), (("shutdown.delaySeconds=9", "gateway.callTimeout=2m"), 9, 120)):
        objects = render(*mode("envoy"), *settings).objects
        pod = objects.pod("envoy")
        assert pod.container["lifecycle"]["preStop"]["httpGet"]["path"] == "/drain"
        assert f"second >= {delay} and" in objects.one("ConfigMap", "sample-service-envoy")["data"]["pod.yaml"]
        assert pod.spec["terminationGracePeriodSeconds"] == delay + grace + 5
        arguments = pod.container["args"]
        assert arguments[arguments.index("--drain-time-s") + 1] == str(delay)
    # Kubernetes ends a sidecar when the pod's containers have ended.
    [sidecar] = render(*mode("envoy-sidecar")).objects.pod("gateway").sidecars
    assert "lifecycle" not in sidecar and sidecar["restartPolicy"] == "Always"


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
    with pytest.raises(Refusal, match='modes/other.yaml: findsPodsBy is "luck".*dns, kube-proxy, api, registry and mesh'):
        render("loadBalancing.mode=other", chart=chart)


def test_the_readme_says_how_long_pods_answer_on_in_each_mode():
    delay = {name: times(*mode(name))["grpc"][0] for name in MODES}
    assert delay["envoy"] == delay["envoy-sidecar"] and delay["clusterip"] == 5
    readme = " ".join((CHART / "README.md").read_text().split())
    assert f"answering for {delay['headless']} s in mode headless ({delay['envoy']} s with Envoy, {delay['nginx']} s with nginx, 5 s" in readme
