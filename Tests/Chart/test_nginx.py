"""nginx takes the configuration that the chart makes."""

import re
import subprocess

import pytest

from support.cases import CASES, mode
from support.helm import render
from support.paths import CHART, SEARCH_PATH, tool


def configuration(*settings: str) -> str:
    return render(*settings).objects.one("ConfigMap", "sample-service-nginx")["data"]["nginx.conf"]


IPV4 = "search sample.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
IPV6 = "nameserver fd00:10:96::a\nsearch sample.svc.cluster.local\n"


class Start:
    """The pod's start script, with the folders of this test in place of the pod's."""

    def __init__(self, folder, *settings: str, resolv_conf: str = IPV4, ipv6: bool = True):
        objects = render(*settings).objects
        files = objects.one("ConfigMap", "sample-service-nginx")["data"]
        (folder / "resolv.conf").write_text(resolv_conf)
        (folder / "if_inet6").write_text("")
        (folder / "temporary").mkdir()
        (folder / "mounted").mkdir()
        (folder / "run").mkdir()
        replaced = {
            "/etc/sample-service": str(folder / "mounted"), "/run/nginx/temporary": str(folder / "temporary"),
            "/run/nginx": str(folder / "run"), "/etc/resolv.conf": str(folder / "resolv.conf"),
            "/proc/net/if_inet6": str(folder / ("if_inet6" if ipv6 else "nothing"))}
        for name, text in files.items():
            for path, other in replaced.items():
                text = text.replace(path, other)
            (folder / "mounted" / name).write_text(text)
        self.written = folder / "run" / "nginx.conf"
        self.command = [
            part.replace("/etc/sample-service", str(folder / "mounted")) for part in objects.pod("nginx").container["command"]]
        (folder / "bin").mkdir()
        # As the pod has it: BusyBox, and nginx, which only looks at its configuration here.
        for applet in ("grep", "sed", "sh"):
            (folder / "bin" / applet).symlink_to(tool("busybox"))
        (folder / "bin" / "nginx").write_text(f'#!/bin/sh\nexec {tool("nginx")} -t "$@"\n')
        (folder / "bin" / "nginx").chmod(0o755)
        self.result = subprocess.run(
            self.command, executable=folder / "bin" / "sh", env={"PATH": str(folder / "bin")}, capture_output=True, text=True)

    def directives(self, name: str) -> list[str]:
        return re.findall(rf"\b{name} ([^;]+);", re.sub(r"(?m)^ *#.*$", "", self.written.read_text()))


@pytest.mark.parametrize(
    "settings", [
        (), CASES["other ports"], ("gateway.callTimeout=24h",), ("nginx.resolver=10.1.2.3 valid=1s",), mode("nginx"),
        ("log.format=json", *mode("nginx")),
        (*mode("nginx"), "nginx.grpcPort=9000", "gateway.callTimeout=5m")],
    ids=["defaults", "other ports", "calls of a day", "a resolver", "gRPC", "JSON", "gRPC, other ports"])
@pytest.mark.parametrize("resolv_conf", [IPV4, IPV6], ids=["IPv4", "IPv6"])
def test_nginx_accepts_it(settings, resolv_conf, tmp_path):
    start = Start(tmp_path, *settings, resolv_conf=resolv_conf)
    assert start.result.returncode == 0, start.result.stderr
    assert "[warn]" not in start.result.stderr.replace('[warn] the "user" directive', ""), start.result.stderr
    assert not re.findall(r"@[A-Z_]+@", start.written.read_text())


@pytest.mark.parametrize("resolv_conf,resolver", [
    (IPV4, "10.96.0.10 valid=10s ipv6=off"),
    (IPV6, "[fd00:10:96::a] valid=10s"),
    ("nameserver 10.0.0.1\nnameserver\tfd00::1\n", "10.0.0.1 [fd00::1] valid=10s"),
    ("# nameserver 1.1.1.1\nnameserver fe80::1%eth0\nnameserver 10.0.0.1 # ours", "10.0.0.1 valid=10s ipv6=off"),
])
def test_nginx_asks_whom_the_pod_asks(resolv_conf, resolver, tmp_path):
    assert Start(tmp_path, resolv_conf=resolv_conf + "\n").directives("resolver") == [resolver]


def test_a_resolver_of_ones_own_stays(tmp_path):
    start = Start(tmp_path, "nginx.resolver=10.1.2.3 valid=1s", resolv_conf="")
    assert start.directives("resolver") == ["10.1.2.3 valid=1s"]


def test_without_any_server_it_says_what_to_set(tmp_path):
    result = Start(tmp_path, resolv_conf="search x\n").result
    assert result.returncode == 1 and "set nginx.resolver" in result.stderr


def test_nginx_listens_by_ipv6_only_where_the_kernel_has_it(tmp_path):
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    settings = ("nginx.containerPort=8000",)
    assert Start(tmp_path / "with", *settings).directives("listen") == ["8000", "[::]:8000"]
    assert Start(tmp_path / "without", *settings, ipv6=False).directives("listen") == ["8000"]


def test_nginx_has_a_listener_for_grpc_where_it_balances(tmp_path):
    for folder, settings in (("with", mode("nginx")), ("without", ())):
        (tmp_path / folder).mkdir()
        start = Start(tmp_path / folder, *settings)
        assert start.result.returncode == 0, start.result.stderr
        # As nginx before 1.25.1 has it, which is what is installed here.
        grpc = ["8081 http2", "[::]:8081 http2"] if settings else []
        assert start.directives("listen") == ["8080", "[::]:8080", *grpc]
        assert bool(start.directives("grpc_pass")) == bool(settings)
        assert "# grpc:" not in start.written.read_text().splitlines() or settings
    [service] = [each for each in render(*mode("nginx")).objects.of("Service") if each["metadata"]["name"].endswith("nginx-grpc")]
    assert "type" not in service["spec"], "nobody outside gets there"


@pytest.mark.parametrize("version,listen", [
    ("1.22.1", ["8081 http2"]), ("1.24.0", ["8081 http2"]), ("1.25.0", ["8081 http2"]), ("1.25.1", ["8081"]), ("1.30.4", ["8081"])])
def test_http2_is_switched_on_as_that_nginx_has_it(version, listen, tmp_path):
    start = Start(tmp_path, *mode("nginx"), ipv6=False)
    (tmp_path / "bin" / "nginx").write_text(f"#!/bin/sh\necho 'nginx version: nginx/{version}' >&2\n")
    result = subprocess.run(start.command, executable=tmp_path / "bin" / "sh", env={"PATH": str(tmp_path / "bin")}, capture_output=True)
    assert result.returncode == 0 and start.directives("listen")[1:] == listen
    assert start.directives("http2") == (["on"] if listen == ["8081"] else [])


# DNS, gateway and client of a cluster that has IPv6 only, in a network of their own.
IPV6_CLUSTER = """
ip link set lo up
for address in fd00::1 fd00::2 fd00::53; do ip -6 address add $address/128 dev lo nodad; done
trap 'kill $(jobs -p)' EXIT
dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file --user=root --listen-address=fd00::53 \
    --bind-interfaces --local=/cluster.local/ --host-record=sample-service-gateway.sample.svc.cluster.local,fd00::2 &
python3 -m http.server --bind fd00::2 --directory "$SITE" 8080 &
nginx -e stderr -c "$CONFIGURATION" -g 'daemon off;' &
curl --silent --show-error --fail --noproxy '*' --retry 20 --retry-delay 1 --retry-all-errors 'http://[fd00::1]:8000/go'
"""


def test_nginx_works_in_a_cluster_with_ipv6_only(tmp_path):
    unshare = ["unshare", "--net", "--pid", "--fork", "--kill-child"]
    probe = subprocess.run([*unshare, "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"this user may not make network namespaces here ({probe.stderr.strip()})")
    start = Start(tmp_path, "nginx.containerPort=8000", resolv_conf="nameserver fd00::53\n")
    assert start.result.returncode == 0, start.result.stderr
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "go").write_text("by IPv6")
    result = subprocess.run(
        [*unshare, "bash", "-euc", IPV6_CLUSTER], capture_output=True, text=True, timeout=100,
        env={"PATH": SEARCH_PATH, "CONFIGURATION": str(start.written), "SITE": str(tmp_path / "site")})
    assert "by IPv6" in result.stdout, result.stdout + result.stderr


def test_no_placeholder_is_left_but_for_the_start_script(rendering):
    text = rendering.objects.one("ConfigMap", "sample-service-nginx")["data"]["nginx.conf"]
    assert set(re.findall(r"@[A-Z_]+@", text)) <= {"@LISTEN@", "@GRPC_LISTEN@", "@RESOLVER@"}, "start.sh knows these"


def test_it_names_the_backends_in_full():
    text = configuration("clusterDomain=cluster.example")
    assert "sample-service-gateway.sample.svc.cluster.example:8080" in text
    assert "sample-service-js.sample.svc.cluster.example:8080" in text


def test_nginx_reads_what_was_written_and_nothing_of_the_image():
    pod = render().objects.pod("nginx")
    shell, path, port = pod.container["command"]
    [mount] = [mount for mount in pod.container["volumeMounts"] if path.startswith(mount["mountPath"] + "/")]
    assert mount["readOnly"] and (shell, port) == ("sh", str(pod.ports["http"]))
    assert path.removeprefix(mount["mountPath"] + "/") in render().objects.one("ConfigMap", "sample-service-nginx")["data"]
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
    grpc = configuration(*mode("nginx"), *settings)
    for name in ("client_body_timeout", "grpc_read_timeout", "grpc_send_timeout"):
        assert f"{name} {read}s;" in grpc[grpc.index("# grpc:"):]
    assert f"waited {read} seconds" in grpc
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


@pytest.mark.parametrize("form, other", [("text", "json"), ("json", "text")])
def test_parts_that_are_not_ours_write_their_logs_in_the_form_of_ours(form, other):
    text = configuration("log.format=" + form, *mode("nginx"))
    assert f"access_log /dev/stdout entry_{form};" in text and f"access_log /dev/stdout grpc_{form};" in text
    objects = render("log.format=" + form, *mode("envoy")).objects
    [envoy] = objects.one("ConfigMap", "sample-service-envoy")["data"].values()
    assert ("json_format:" in envoy) == (form == "json") and ("text_format_source:" in envoy) == (form == "text")
    arguments = objects.pod("envoy").container["args"]
    own = arguments[arguments.index("--log-format") + 1]
    assert own.startswith('{"time":"' if form == "json" else "%Y/%m/%d %T ")
    consul = render("log.format=" + form, *mode("consul")).objects.pod("consul").container["args"]
    assert ("-log-json" in consul) == (form == "json")
