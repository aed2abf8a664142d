"""The images hold what they should and nothing else, and start as a pod starts them."""

import gzip
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from builder import ROOT, Image

MEBIBYTE = 2**20
# With OpenSSL in it the gateway's has 15.7.
LARGEST = 18 * MEBIBYTE
# What is also there compressed.
TEXT = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ".xml"}
PROGRAMS = {"grpc": "/grpc-server", "gateway": "/gateway", "js": "/js-server"}


def test_an_image_holds_its_executable_and_nothing_else(image):
    expected = [PROGRAMS[image.component]]
    if image.component == "js":
        files = [path for path in (ROOT / "web").rglob("*") if path.is_file()]
        compressed = [path for path in files if path.suffix in TEXT and path.stat().st_size >= 256]
        assert compressed
        expected += ["/srv/js/" + str(path.relative_to(ROOT / "web")) for path in files]
        expected += ["/srv/js/" + str(path.relative_to(ROOT / "web")) + ".gz" for path in compressed]
    assert image.files == sorted(expected)


def test_the_executable_is_static_and_stripped(image):
    program = image.root / PROGRAMS[image.component].lstrip("/")
    headers = subprocess.run(["readelf", "--program-headers", "--sections", "--wide", program], capture_output=True, text=True).stdout
    assert "INTERP" not in headers and ".dynamic" not in headers
    assert ".symtab" not in headers


def test_what_is_compressed_is_current_and_reproducible(images):
    """js-server takes a compressed file only if it is not older, and of this content."""
    for path in images["js"].root.glob("srv/js/**/*.gz"):
        original = path.with_suffix("")
        assert path.stat().st_mtime >= original.stat().st_mtime
        assert gzip.decompress(path.read_bytes()) == original.read_bytes()
        assert path.read_bytes()[3:8] == bytes(5), "neither name nor time"


def test_an_image_is_small(image, capsys):
    with capsys.disabled():
        print(f"\n    {image.name}: {image.size / MEBIBYTE:.1f} MiB", end="")
    assert image.size <= LARGEST


def test_its_configuration(image, version):
    configuration = image.configuration
    user, group = configuration["User"].split(":")
    assert int(user) >= 10000 and int(group) >= 10000
    assert configuration["Entrypoint"] == [PROGRAMS[image.component]]
    assert configuration["Healthcheck"]["Test"] == ["CMD", PROGRAMS[image.component], "probe"]
    assert configuration["ExposedPorts"].keys() == {"8080/tcp", "9090/tcp"}
    labels = configuration["Labels"]
    assert labels["org.opencontainers.image.title"] == f"sample-service-{image.component}"
    assert labels["org.opencontainers.image.version"] == version
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    assert labels["org.opencontainers.image.description"]


class Running:
    """A service out of an image; each has a loopback address of its own, so all keep their ports."""

    addresses = iter(f"127.77.0.{number}" for number in range(1, 250))

    def __init__(self, image: Image, **environment: str):
        self.image = image
        self.address = next(self.addresses)
        # As the default does, and yet not where another service on this machine may listen.
        self.environment = {"LISTEN_ADDRESS": f"{self.address}:8080", "ADMIN_ADDRESS": f"{self.address}:9090", **environment}
        self.process = image.start(**self.environment)

    def probe(self) -> int:
        probe = self.image.start(self.image.executable, "probe", **self.environment)
        probe.communicate(timeout=20)
        return probe.returncode

    def get(self, path: str, port: int = 8080) -> str:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"http://{self.address}:{port}{path}", timeout=10) as response:
            return response.read().decode()

    def inner(self) -> int:
        """The process id, seen from here, of the program itself: the child of unshare."""
        [child] = open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()
        return int(child)

    def wait(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection((self.address, 9090), timeout=1).close()
                socket.create_connection((self.address, 8080), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        pytest.fail(f"{self.image.name} did not start: {self.process.communicate()[0]}")

    def stop(self) -> int:
        if self.process.poll() is None:
            os.kill(self.inner(), signal.SIGTERM)
        return self.process.wait(timeout=20)


@pytest.fixture
def start(images):
    running: list[Running] = []

    def start_component(component: str, **environment: str) -> Running:
        running.append(Running(images[component], **environment))
        running[-1].wait()
        return running[-1]

    yield start_component
    for service in running:
        service.stop()


@pytest.fixture
def system(start) -> dict[str, Running]:
    grpc = start("grpc", POD_NAME="pod-1")
    return {"grpc": grpc, "gateway": start("gateway", GRPC_TARGET=f"ipv4:{grpc.address}:8080"), "js": start("js")}


def test_the_services_work_together(system, version):
    answer = json.loads(system["gateway"].get("/go/sample"))
    assert answer["response"] == {"message": "Hello World", "version": version, "hostname": "pod-1"}
    assert json.loads(system["js"].get("/js/hello"))["version"] == version
    assert "<html" in system["js"].get("/js/")


def test_names_are_resolved_without_libraries_of_the_system(start):
    """An empty image has no NSS, no /etc/nsswitch.conf: c-ares asks the servers of /etc/resolv.conf itself."""
    gateway = start("gateway", GRPC_TARGET="dns:///sample-service.invalid:8080", CALL_TIMEOUT="5s")
    with pytest.raises(urllib.error.HTTPError) as failure:
        gateway.get("/go/sample")
    assert "sample-service.invalid" in failure.value.read().decode()


@pytest.mark.parametrize("component", PROGRAMS)
def test_probe_answers_in_the_same_image(system, component):
    # Not always at once: a gateway is ready when it has a connection, a moment after it listens.
    assert 0 in (system[component].probe() for _ in range(20))


@pytest.mark.parametrize("component", PROGRAMS)
def test_probe_fails_where_nobody_listens(images, component):
    probe = images[component].start(images[component].executable, "probe", "--addr", "127.77.1.1:8080")
    probe.communicate(timeout=20)
    assert probe.returncode == 2


@pytest.mark.parametrize("component", PROGRAMS)
def test_it_runs_as_the_numeric_user_without_capabilities_on_a_read_only_root(system, component):
    service = system[component]
    status = dict(line.split(":\t", 1) for line in open(f"/proc/{service.inner()}/status").read().splitlines() if ":\t" in line)
    assert status["Uid"].split() == ["10001"] * 4 and status["Gid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    mounts = [line.split() for line in open(f"/proc/{service.inner()}/mountinfo")]
    [root] = [mount for mount in mounts if mount[4] == "/"]
    assert "ro" in root[5].split(",")


@pytest.mark.parametrize("component", PROGRAMS)
def test_it_ends_with_status_0_on_sigterm(start, component):
    service = start(component, SHUTDOWN_DELAY="0s")
    assert service.stop() == 0


def test_the_debug_images_have_a_shell_and_names(version):
    image = Image("grpc-debug", version)
    shell = image.start("/bin/sh", "-c", "command -v curl nslookup && id -u")
    output = shell.communicate(timeout=30)[0]
    assert shell.returncode == 0 and output.split()[-1] == "10001", output
    sections = subprocess.run(["readelf", "--sections", "--wide", image.root / "grpc-server"], capture_output=True, text=True).stdout
    assert ".symtab" in sections


def test_the_doctor_examines_a_target_from_its_image(start, version):
    """As `kubectl run doctor --image … -- TARGET` does: what follows the entrypoint is the target."""
    grpc = start("grpc", POD_NAME="pod-1")
    image = Image("doctor", version)
    entrypoint = image.configuration["Entrypoint"]
    assert entrypoint == ["/samplectl", "doctor"] and image.configuration["User"] == "10001:10001"
    doctor = image.start(*entrypoint, f"dns:///{grpc.address}:8080", "--watch", "100ms", "-o", "json")
    output = doctor.communicate(timeout=60)[0]
    answer = json.loads(output)
    assert doctor.returncode == 1 and [finding["id"] for finding in answer["findings"]] == ["one-address"], output
    assert answer["facts"]["servers"].startswith("1 named by x-pod-name: pod-1;"), output
    unknown = image.start(*entrypoint, "dns:///sample-service.invalid:8080", "-o", "json")
    output = unknown.communicate(timeout=60)[0]
    assert json.loads(output)["findings"][0]["id"] in ("name-not-found", "name-server-fails"), output
