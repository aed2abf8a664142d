"""What one types to samplectl: parts of pods' names, --version, help, where it listens, misspelt variables."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from support.eventually import eventually
from support.network import Host
from support.paths import ROOT, available
from support.programs import run
from support.system import System, processes_in


# Names of pods

def test_a_part_of_a_pods_name_is_enough(new_system):
    system = new_system().up("--replicas", "3", "--dns-interval", "100ms")
    [first, second, *_] = sorted(pod["name"] for pod in system.pods())
    assert f"of {first} is killed" in system.output("kill", first[-5:])
    eventually(lambda: all(pod["ready"] for pod in system.pods()))
    part = second[-4:-1]
    assert system.output("readiness", part, "off").startswith(f"{second} is not ready")
    assert system.output("readiness", second, "on").startswith(f"{second} is ready")
    [gateway] = system.pods("gateway")
    assert f"of {gateway['name']} is killed" in system.output("kill", "gateway")


def test_a_part_that_several_pods_have_names_them_and_touches_none(new_system):
    system = new_system().up("--replicas", "2")
    before = {pod["name"]: pod["pid"] for pod in system.all_pods()}
    for verb, *more in (["kill"], ["readiness", "off"]):
        result = system.samplectl(verb, "service-grpc", *more)
        assert (result.returncode, result.stdout) == (1, "")
        names = [name for name in before if "-grpc-" in name]
        assert len(names) == 2 and all(name in result.stderr for name in names)
        assert not any(name in result.stderr for name in before if name not in names)
    assert {pod["name"]: pod["pid"] for pod in system.all_pods()} == before


@pytest.mark.parametrize("word", ["nobody", "", "../..", "a&pod=b"])
def test_a_part_that_no_pod_has_lists_the_pods(new_system, word):
    system = new_system().up("--replicas", "1")
    result = system.samplectl("kill", word)
    assert result.returncode == 1
    assert result.stderr.startswith(f"samplectl: there is no pod '{word}'; there are: ")
    assert all(pod["name"] in result.stderr for pod in system.all_pods())


# Version and help

def test_every_program_says_its_version_in_one_form():
    services = {name: run(name, "--version").stdout for name in ("gateway", "grpc-server", "js-server")}
    form = re.compile(r"([a-z-]+) (\d+\.\d+\.\d+)\n")
    versions = {form.fullmatch(text)[2] for text in services.values()}
    assert len(versions) == 1
    for words in (["--version"], ["version"]):
        result = run("samplectl", *words)
        assert (result.returncode, result.stderr) == (0, "")
        assert form.fullmatch(result.stdout).groups() == ("samplectl", *versions)


def test_help_of_a_verb_either_way():
    assert run("samplectl", "help").stdout == run("samplectl", "--help").stdout
    for verb in ("up", "kill", "set", "help"):
        asked = run("samplectl", "help", verb)
        assert (asked.returncode, asked.stderr) == (0, "")
        assert asked.stdout == run("samplectl", verb, "--help").stdout
        assert asked.stdout.startswith(f"usage: samplectl {verb}")


def test_help_of_no_verb_says_which_was_meant():
    for words in (["help", "stauts"], ["stauts"]):
        result = run("samplectl", *words)
        assert (result.returncode, result.stdout) == (64, "")
        assert result.stderr == "samplectl: there is no verb 'stauts'; did you mean status?\n"


# Misspelt variables

# As a pod has them in a namespace with these Services, and what charts and operators put beside them.
CLUSTER = {
    **{f"{name}_{suffix}": "443"
       for name in ("KUBERNETES", "SAMPLE_SERVICE_GRPC", "SAMPLE_SERVICE_GATEWAY", "SAMPLE_SERVICE_JS", "LOG", "GRPC",
                    "LISTEN", "DNS")
       for suffix in ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_GRPC", "SERVICE_PORT_HTTPS", "PORT",
                      "PORT_8080_TCP", "PORT_8080_TCP_ADDR", "PORT_8080_TCP_PORT", "PORT_8080_TCP_PROTO")},
    **dict.fromkeys(
        ["HOSTNAME", "NODE_NAME", "NODE_IP", "HOST_IP", "POD_IPS", "POD_UID", "POD_ID", "POD_SERVICE_ACCOUNT", "POD_LABELS",
         "GRPC_TRACE", "GRPC_VERBOSITY", "GRPC_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "no_proxy",
         "ETCDCTL_ENDPOINTS", "CONSUL_HTTP_SSL", "CONSUL_HTTP_AUTH", "CONSUL_CAPATH", "CONSUL_HTTP_TOKEN_FILE", "LOGNAME",
         "LS_COLORS", "XDG_RUNTIME_DIR", "XDG_CONFIG_DIRS", "XDG_SESSION_ID", "OTEL_SERVICE_NAME", "GOMAXPROCS", "TLS_CERT"],
        "1"),
}


NEEDED = {
    "gateway": {"GRPC_TARGET": "ipv4:127.0.0.1:1", "LOAD_BALANCING_POLICY": "pick_first"},
    "js-server": {"STATIC_ROOT": str(ROOT / "web")},
}


def settings(program: str) -> set[str]:
    return set(re.findall(r"\(([A-Z_]{3,}),\s+(?:no )?default", run(program, "--help").stdout))


@pytest.mark.parametrize("program, variable, meant", [
    ("gateway", "LOAD_BALANCING_POLCY", "LOAD_BALANCING_POLICY"), ("gateway", "GRPC_TAGRET", "GRPC_TARGET"),
    ("grpc-server", "MAX_CONECTION_AGE", "MAX_CONNECTION_AGE"), ("grpc-server", "LOG_LEVELS", "LOG_LEVEL"),
    ("grpc-server", "log_level", "LOG_LEVEL"), ("js-server", "HTTP-BODY-BYTES", "HTTP_BODY_BYTES"),
])
def test_a_misspelt_variable_is_warned_of(start, program, variable, meant):
    service = start(program, LOG_FORMAT="json", **NEEDED.get(program, {}), **{variable: "1"})
    [warning] = [json.loads(line) for line in service.output.splitlines() if variable in line]
    assert warning["level"] == "warn"
    assert f"did you mean {meant}?" in warning["message"]


@pytest.mark.parametrize("program", ["gateway", "grpc-server", "js-server"])
def test_what_a_pod_has_in_its_environment_is_not_warned_of(start, program):
    service = start(program, LOG_LEVEL="info", SHUTDOWN_GRACE="1s", **{**CLUSTER, **NEEDED.get(program, {})})
    assert "did you mean" not in service.output + service.errors


def test_no_variable_of_ours_could_be_a_slip_for_another():
    """A pod may have what another program reads."""
    names = sorted(set().union(*(settings(name) for name in ("gateway", "grpc-server", "js-server"))))
    assert len(names) > 50
    result = {name: run("samplectl", "version", **{name: "1"}).stderr for name in names}
    assert {name: text for name, text in result.items() if text} == {}


def test_samplectl_warns_as_well():
    result = run("samplectl", "version", LOAD_BALANCING_POLCY="round_robin", **CLUSTER)
    assert result.returncode == 0
    assert result.stderr == (
        "samplectl: warning: the variable LOAD_BALANCING_POLCY is set, which nobody reads;"
        " did you mean LOAD_BALANCING_POLICY?\n")


# Where it listens, and how it logs

@pytest.fixture
def host():
    """A machine with an address besides loopback."""
    host = Host("192.0.2.7/32")
    yield host
    host.remove()


class InsideSystem(System):
    """On that machine."""

    def __init__(self, host: Host, folder: Path):
        super().__init__("inside", folder)
        self.host = host

    def command(self, verb: str, *arguments: str) -> list[str]:
        return [*self.host.inside, *super().command(verb, *arguments)]

    def listeners(self) -> set[str]:
        """Addresses with a port that somebody listens on."""
        table = subprocess.run(
            [*self.host.inside, "ss", "-H", "-ltn"], capture_output=True, text=True, check=True).stdout
        return {line.split()[3] for line in table.splitlines()}


@pytest.fixture
def inside(host, state_folder):
    system = InsideSystem(host, state_folder)
    yield system
    system.samplectl("down")
    assert processes_in(system.state) == {}


@pytest.mark.parametrize("address, entry", [("192.0.2.7", "192.0.2.7"), ("0.0.0.0", "127.0.0.1")])
def test_listen_opens_the_entry_and_nothing_else(inside, address, entry):
    result = inside.samplectl("up", "--listen", address, "--port", "31234", "--replicas", "1")
    assert result.returncode == 0, result.stderr
    assert "warning" in result.stderr and f"--listen {address}" in result.stderr
    url = f"http://{entry}:31234"
    assert f"curl {url}/go/sample" in result.stdout
    assert f"entry {url} (nginx listens on {address})" in inside.output("status")
    assert json.loads(inside.host.curl(f"{url}/go/sample"))["name"] == "gateway"
    assert json.loads(inside.host.curl("http://192.0.2.7:31234/go"))["name"] == "gateway"
    elsewhere = {listener for listener in inside.listeners() if not listener.startswith("127.")}
    assert elsewhere == {f"{address}:31234"}


def test_loopback_is_not_warned_of(inside):
    result = inside.samplectl("up", "--listen", "127.0.0.2", "--port", "31234", "--replicas", "1")
    assert (result.returncode, result.stderr) == (0, "")
    assert "curl http://127.0.0.2:31234/go/sample" in result.stdout
    assert "nginx listens" not in inside.output("status")


@pytest.mark.parametrize("address", ["somewhere", "300.1.1.1", "127.0.0.1:80", "", "224.0.0.1", "fe80::1%lo"])
def test_a_bad_address_is_refused(address):
    result = run("samplectl", "up", "--listen", address)
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr.startswith(f"samplectl: --listen '{address}' is not possible; expected: an IP address")


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_an_address_of_another_machine_is_refused(new_system, address):
    system = new_system()
    result = system.samplectl("up", "--listen", address, "--port", str(system.port))
    assert result.returncode == 1
    assert f"--listen {address}: this machine has no such address" in result.stderr
    assert system.left_behind() == []


def test_every_address_leaves_the_pods_their_ports(new_system):
    system = new_system()
    result = system.samplectl("up", "--listen", "0.0.0.0", "--port", "8080")
    assert result.returncode == 1 and "choose another with --port" in result.stderr
    assert system.left_behind() == []


RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.mark.parametrize("mode", ["headless", *(["envoy"] if available("envoy") else [])])
def test_log_format_reaches_all_components_and_stays(new_system, mode):
    system = new_system().up("--log-format", "json", "--replicas", "1", "--dns-interval", "100ms", "--mode", mode)
    logs = system.state / "logs"

    def is_json(pod: str) -> bool:
        records = [json.loads(line) for line in (logs / f"{pod}.log").read_text().splitlines()]
        assert all(RFC3339.fullmatch(record["time"]) for record in records), records
        return records != []

    system.ask("/go/sample")
    eventually(lambda: all(is_json(pod["name"]) for pod in system.all_pods()))
    [gateway] = system.pods("gateway")
    system.output("kill", gateway["name"])
    system.output("restart", "grpc")
    system.output("set", "policy=least_request")
    eventually(lambda: system.ask("/go/sample").status == 200)
    after = {pod["name"] for pod in system.all_pods()}
    assert gateway["name"] not in after
    eventually(lambda: all(is_json(pod) for pod in after))
