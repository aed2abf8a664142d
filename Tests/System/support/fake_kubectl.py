"""A stand-in for kubectl and a cluster: it drives a system of samplectl's own, and answers as an API server would.

`install(folder, system, …)` writes a program `kubectl`; every command is noted in `folder`/asked.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from .paths import ROOT
from .system import System

HEALTHY = ROOT / "Tests/tools/Recordings/kubernetes/healthy.json"
GRPC = "sample-service-grpc"

PROGRAM = """#!{python}
# A fake: it stands for a cluster, which is a system of samplectl's.
import sys
sys.path.insert(0, {path!r})
from support.fake_kubectl import main
main({folder!r}, sys.argv[1:])
"""


def install(folder: Path, system: System, settings: dict[str, str], port: int | None = None, **more) -> Path:
    """`settings` are the containers' variables in which the system differs from the recorded release."""
    folder.mkdir()
    (folder / "cluster.json").write_text(json.dumps(
        {"command": system.command("VERB"), "socket": str(system.state / "control.sock"), "settings": settings,
         "port": port or system.port, **more}))
    (folder / "asked").touch()
    program = folder / "kubectl"
    program.write_text(PROGRAM.format(python=sys.executable, path=str(ROOT / "Tests/System"), folder=str(folder)))
    program.chmod(0o755)
    return folder


class Cluster:
    def __init__(self, folder: Path):
        self.folder = folder
        self.facts = json.loads((folder / "cluster.json").read_text())

    def samplectl(self, verb: str, *words: str, wait: bool = True):
        before, after = self.facts["command"][:1], self.facts["command"][2:]
        process = subprocess.Popen(
            [*before, verb, *words, *after], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        if wait:
            process.wait()

    def pods(self, component: str = "grpc") -> list[dict]:
        connection = http.client.HTTPConnection("supervisor", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.facts["socket"])
        connection.request("GET", "/status")
        return [pod for pod in json.loads(connection.getresponse().read())["pods"] if pod["component"] == component]

    def objects(self) -> dict:
        kinds = ("Deployment", "Service")
        items = [item for item in json.loads(HEALTHY.read_text())["items"] if item["kind"] in kinds]
        for item in items:
            name = item["metadata"]["name"]
            if item["kind"] == "Deployment" and name == GRPC:
                item["spec"]["replicas"] = len([pod for pod in self.pods() if not ends(pod)])
            if item["kind"] == "Deployment" and name in (GRPC, "sample-service-gateway"):
                [container] = item["spec"]["template"]["spec"]["containers"]
                known = {variable["name"] for variable in container["env"]}
                container["env"] = [
                    {"name": name, "value": self.facts["settings"].get(name, variable.get("value"))}
                    for variable in container["env"] for name in [variable["name"]]]
                container["env"] += [{"name": name, "value": value} for name, value in self.facts["settings"].items()
                                     if name not in known]
            if item["kind"] == "Service" and name == "sample-service-nginx":
                item["spec"]["ports"][0]["nodePort"] = self.facts["port"]
        return {"kind": "List", "items": items + self.facts.get("others", [])}

    def pod(self, pod: dict) -> dict:
        """Times of conditions are whole seconds."""
        ready = pod["ready"] and pod.get("readySince")
        age = time.monotonic() - pod["readySince"] / 1e9 if ready else 0
        condition = {"type": "Ready", "status": "True" if ready else "False"}
        if ready:
            condition["lastTransitionTime"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age))
        metadata = {"name": pod["name"]} | ({"deletionTimestamp": "2026-11-22T09:00:00Z"} if ends(pod) else {})
        return {"kind": "Pod", "metadata": metadata, "status": {
            "podIP": pod["ip"], "conditions": [condition],
            "containerStatuses": [{"name": "grpc", "restartCount": pod["restarts"]}]}}

    def deployment(self) -> dict:
        pods = self.pods()
        old = (self.folder / "replaced").read_text().split() if (self.folder / "replaced").exists() else []
        wanted = self.facts.get("replicas", 5)
        return {"metadata": {"name": GRPC, "generation": 2}, "spec": {"replicas": wanted}, "status": {
            "observedGeneration": 2, "replicas": len([pod for pod in pods if not ends(pod)]),
            "updatedReplicas": len([pod for pod in pods if pod["name"] not in old]),
            "availableReplicas": len([pod for pod in pods if pod["ready"] and not ends(pod)])}}

    def forward(self, pod: str, port: int):
        """Until it is killed, as port-forward does."""
        [address] = {entry["ip"] for entry in self.pods() + self.pods("gateway") if entry["name"] == pod}
        listener = socket.create_server(("127.0.0.1", 0))
        print(f"Forwarding from 127.0.0.1:{listener.getsockname()[1]} -> {port}", flush=True)
        while True:
            near, _ = listener.accept()
            print(f"Handling connection for {port}", flush=True)
            far = socket.create_connection((address, port))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()


def ends(pod: dict) -> bool:
    return pod["status"] == "Terminating"


def pump(source: socket.socket, target: socket.socket):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def main(folder: str, words: list[str]):
    cluster = Cluster(Path(folder))
    with open(cluster.folder / "asked", "a") as asked:
        asked.write(" ".join(words) + "\n")
    if (cluster.folder / "broken").exists():
        print("the API server is away", file=sys.stderr)
        os._exit(1)
    selects = next((words[index + 1] for index, word in enumerate(words) if word == "-l"), "")
    match words:
        case ["config", "current-context", *_]:
            print("production")
        case ["config", "view", *_]:
            print(json.dumps({
                "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:6443"}}],
                "contexts": [{"name": "fake", "context": {"cluster": "c", "namespace": "default"}}]}))
        case ["get", kinds, *_] if kinds.startswith("deployments.apps,"):
            print(json.dumps(cluster.objects()))
        case ["get", "pods", *_] if "component=gateway" in selects:
            print(" ".join(pod["name"] for pod in cluster.pods("gateway")))
        case ["get", "pods", *_]:
            print(json.dumps({"kind": "List", "items": [cluster.pod(pod) for pod in cluster.pods()]}))
        case ["get", "deployment", *_]:
            print(json.dumps(cluster.deployment()))
        case ["get", "nodes", *_]:
            print("")
        case ["scale", _, replicas, *_]:
            cluster.samplectl("scale", "grpc=" + replicas.removeprefix("--replicas="), wait=False)
            while len([pod for pod in cluster.pods() if not ends(pod)]) != int(replicas.removeprefix("--replicas=")):
                time.sleep(0.02)  # an order is taken when the API server has it
        case ["rollout", "restart", *_]:
            (cluster.folder / "replaced").write_text(" ".join(pod["name"] for pod in cluster.pods()))
            cluster.samplectl("restart", "grpc", wait=False)
        case ["port-forward", pod, ports, *_]:
            cluster.forward(pod.removeprefix("pod/"), int(ports.removeprefix(":")))
        case _:
            print(f"error: unknown command {words}", file=sys.stderr)
            os._exit(1)
