"""A real Prometheus that scrapes a whole system, with the chart's alerts."""

import http.client
import json
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import yaml

from .eventually import eventually
from .paths import ROOT, tool
from .ports import free_port
from .programs import clean
from .system import System

NAMESPACE, RELEASE = "sample", "sample-service"
COMPONENTS = ("grpc", "gateway", "js")
PORTS = {"admin": 9090, "http": 8080}


def from_chart(kind: str, *settings: str) -> dict:
    """An object of the chart, by the engine that the chart's own tests have; `support` there is another package than here."""
    program = ("import json, sys; from support.helm import render; kind, release, namespace, *settings = sys.argv[1:]; "
               "print(json.dumps(render(*settings, release=release, namespace=namespace).objects.of(kind)))")
    result = subprocess.run(
        [sys.executable, "-c", program, kind, RELEASE, NAMESPACE, *settings], cwd=ROOT / "Tests" / "Chart",
        env=clean({}), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    [found] = [each for each in json.loads(result.stdout)
               if each["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring"]
    return found


def documented_job() -> dict:
    """The scrape configuration in docs/metrics.md; Debian's Prometheus has nothing that asks Kubernetes, so a file tells it of pods."""
    [block] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "metrics.md").read_text(), re.DOTALL)
    [job] = yaml.safe_load(block)["scrape_configs"]
    del job["kubernetes_sd_configs"]
    return {**job, "file_sd_configs": [{"files": ["targets.json"]}]}


def as_kubernetes_tells(pod: dict, port: str) -> dict:
    """A port of a pod, as Prometheus gets it from Kubernetes' API."""
    labels = {"name": "sample-service", "instance": RELEASE, "component": pod["component"]}
    return {"targets": [f"{pod['ip']}:{PORTS[port]}"], "labels": {
        "__meta_kubernetes_namespace": NAMESPACE, "__meta_kubernetes_pod_name": pod["name"],
        "__meta_kubernetes_pod_container_port_name": port,
        **{f"__meta_kubernetes_pod_label_app_kubernetes_io_{label}": value for label, value in labels.items()}}}


class Prometheus:
    """Scrapes, and looks at its rules, four times a second."""

    INTERVAL = "250ms"

    def __init__(self, folder: Path, rules: dict):
        folder.mkdir(parents=True)
        self._targets = folder / "targets.json"
        self._targets.write_text("[]")
        self._told: list[dict] = []
        # YAML is written as JSON, which it contains.
        (folder / "rules.yml").write_text(json.dumps(rules))
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": self.INTERVAL, "scrape_timeout": self.INTERVAL, "evaluation_interval": self.INTERVAL},
            "rule_files": ["rules.yml"],
            "scrape_configs": [documented_job()]}))
        self._log = folder / "log"
        self.port = free_port()
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [tool("prometheus"), f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
                cwd=folder, env=clean({}), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        eventually(self._is_ready)

    def follow(self, system: System):
        """Its targets are the pods that the system has now, as Kubernetes would tell; Prometheus hears when the file is replaced."""
        targets = [as_kubernetes_tells(pod, port) for component in COMPONENTS for pod in system.pods(component) for port in PORTS]
        if targets != self._told:
            fresh = self._targets.with_suffix(".new")
            fresh.write_text(json.dumps(targets))
            fresh.rename(self._targets)
            self._told = targets

    def query(self, expression: str) -> list[dict]:
        """labels and value of each series now."""
        return [{**each["metric"], "value": float(each["value"][1])}
                for each in self._ask("query", query=expression)["result"]]

    def alerts(self, state: str | None = "firing") -> list[dict]:
        return [each for each in self._ask("alerts")["alerts"] if state in (None, each["state"])]

    @property
    def targets(self) -> dict[str, str]:
        """Pod → up, down or unknown."""
        return {each["labels"]["pod"]: each["health"] for each in self._ask("targets", state="active")["activeTargets"]}

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    @property
    def transcript(self) -> str:
        return f"---- Prometheus\n{self._log.read_text()[-3000:]}"

    def _ask(self, what: str, **parameters: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", f"/api/v1/{what}?{urllib.parse.urlencode(parameters)}")
            answer = json.loads(connection.getresponse().read())
            assert answer["status"] == "success", answer
            return answer["data"]
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.transcript
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/-/ready")
            return connection.getresponse().status == 200
        finally:
            connection.close()
