"""nginx takes the configuration that the chart makes."""

import re
import subprocess

import pytest

from support.cases import CASES
from support.helm import render
from support.paths import CHART, tool


def configuration(*settings: str) -> str:
    return render(*settings).objects.one("ConfigMap", "sample-service-nginx")["data"]["nginx.conf"]


@pytest.mark.parametrize(
    "settings", [(), CASES["other ports"], ("gateway.callTimeout=24h",)], ids=["defaults", "other ports", "calls of a day"])
def test_nginx_accepts_it(settings, tmp_path):
    text = configuration("nginx.resolver=127.0.0.1 valid=10s ipv6=off", *settings)
    (tmp_path / "temporary").mkdir()
    path = tmp_path / "nginx.conf"
    # Only the directories of the pod are others here.
    path.write_text(text.replace("/run/nginx", str(tmp_path)))
    result = subprocess.run(
        [tool("nginx"), "-t", "-e", "stderr", "-c", path, "-g", "daemon off;"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "[warn]" not in result.stderr.replace('[warn] the "user" directive', ""), result.stderr


def test_no_placeholder_is_left(rendering):
    text = rendering.objects.one("ConfigMap", "sample-service-nginx")["data"]["nginx.conf"]
    assert not re.findall(r"@[A-Z_]+@", text)


def test_it_names_the_backends_in_full():
    text = configuration("clusterDomain=cluster.example")
    assert "sample-service-gateway.sample.svc.cluster.example:8080" in text
    assert "sample-service-js.sample.svc.cluster.example:8080" in text


def test_the_resolver_can_be_chosen():
    assert "resolver kube-dns.kube-system.svc.cluster.local valid=10s ipv6=off;" in configuration()
    assert "resolver 10.96.0.10 ipv6=off;" in configuration("nginx.resolver=10.96.0.10 ipv6=off")


def test_nginx_reads_the_mounted_file_and_nothing_of_the_image():
    pod = render().objects.pod("nginx")
    command = pod.container["command"]
    path = command[command.index("-c") + 1]
    [mount] = [mount for mount in pod.container["volumeMounts"] if path.startswith(mount["mountPath"] + "/")]
    assert mount["readOnly"] and command[0] == "nginx" and "daemon off;" in command
    assert not re.search(r"^\s*include\b", configuration(), re.MULTILINE)


def test_what_nginx_writes_is_on_writable_volumes():
    pod = render().objects.pod("nginx")
    volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
    writable = {mount["mountPath"] for mount in pod.container["volumeMounts"] if "emptyDir" in volumes[mount["name"]]}
    paths = re.findall(r"^\s*(?:pid|\w+_temp_path)\s+(\S+);", configuration(), re.MULTILINE)
    assert len(paths) == 6
    for path in paths:
        # nginx makes the last directory of a path, not the ones above it.
        assert path.rpartition("/")[0] in writable, path


@pytest.mark.parametrize("setting,call", [("65s", 65), ("10s", 65), ("65001ms", 66), ("2m", 120), ("1h", 3600)])
def test_whoever_waits_for_a_call_waits_longer_than_the_call_may_take(setting, call):
    """So an answer that the gateway still waits for is never given up by nginx, nor cut off by the end of a pod."""
    settings = ("shutdown.delaySeconds=7", f"gateway.callTimeout={setting}")
    objects, text = render(*settings).objects, configuration(*settings)
    read, worker = (int(re.search(rf"\b{name} (\d+)s;", text).group(1)) for name in (
        "proxy_read_timeout", "worker_shutdown_timeout"))
    assert objects.pod("gateway").environment["CALL_TIMEOUT"] == setting
    assert call + 5 == read and read < worker
    assert f"and {read} seconds for an answer" in text, "what the page for a late answer says"
    assert 7 + worker < objects.pod("nginx").spec["terminationGracePeriodSeconds"]
    for component in ("gateway", "grpc", "js"):
        assert objects.pod(component).environment["SHUTDOWN_GRACE"] == f"{call}s"


def test_the_file_has_the_times_of_the_chart_by_default():
    """samplectl takes them from the file as they are."""
    for line in ("proxy_read_timeout 70s;", "worker_shutdown_timeout 72s;"):
        assert line in configuration() and line in (CHART / "files" / "nginx.conf").read_text()


def test_nginx_has_the_time_to_let_requests_finish():
    pod = render("shutdown.delaySeconds=7", "shutdown.graceSeconds=60").objects.pod("nginx")
    worker = int(re.search(r"worker_shutdown_timeout (\d+)s;", configuration()).group(1))
    assert 7 + worker < pod.spec["terminationGracePeriodSeconds"]


def test_a_changed_configuration_makes_new_pods():
    checksum = lambda *settings: render(*settings).objects.one("Deployment", "sample-service-nginx")[
        "spec"]["template"]["metadata"]["annotations"]["checksum/configuration"]
    assert checksum() != checksum("nginx.resolver=10.96.0.10")
    assert checksum() == checksum("grpc.replicas=7")
