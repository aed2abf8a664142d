"""Mode `kubernetes` of samplectl: the gateway finds pods by the (fake) API of Kubernetes. What all modes promise is in
test_modes.py, what happens when that API fails in test_kubernetes_resolver.py."""

import http.client
import json
import socket
import ssl
import stat
import subprocess
import threading
import time
import urllib.parse

import pytest

from support.eventually import eventually
from support.kubernetes_api import Authority
from support.load import Load

SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


@pytest.fixture
def system(new_system):
    started = new_system("kubernetes").up("--mode", "kubernetes", "--max-connection-age", "off")
    eventually(lambda: started.ready() == 5)
    return started


def resolver(system) -> dict:
    return system.ask("/go/channel").json["resolver"]


def readiness(address: str) -> bool:
    connection = http.client.HTTPConnection(address, 9090, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def became_ready(system, known: set[str], count: int) -> dict[str, float]:
    """Pod → when it said so itself, in seconds of CLOCK_MONOTONIC."""
    times: dict[str, float] = {}
    addresses: dict[str, str] = {}
    deadline = time.monotonic() + 60
    while len(times) < count and time.monotonic() < deadline:
        if len(addresses) < count:
            addresses = {pod["name"]: pod["ip"] for pod in system.pods() if pod["name"] not in known}
        for name, address in addresses.items():
            if name not in times and readiness(address):
                times[name] = time.monotonic()
        time.sleep(0.002)
    return times


@pytest.mark.parametrize("count", [1, 5])
def test_a_new_pod_has_work_at_once(system, count):
    known = {pod["name"] for pod in system.pods()}
    with Load(system.port, connections=4, pause=0.005) as load:
        scaling = threading.Thread(target=system.output, args=("scale", f"grpc={5 + count}"))
        scaling.start()
        ready = became_ready(system, known, count)
        scaling.join()
        assert len(ready) == count
        eventually(lambda: all(load.first_call(pod, 0) for pod in ready))
    delays = sorted(max(0, load.first_call(pod, 0) - since) for pod, since in ready.items())
    print(f"from readiness to the first request: {', '.join(f'{delay * 1000:.0f}' for delay in delays)} ms")
    assert load.failures == []
    # The goal is half a second.
    assert resolver(system)["lookups"] == 1, "it was told of each, and did not look again"


def test_readiness_and_its_end_are_followed(system):
    pod = system.pods()[0]
    for verb, count in (("disable", 4), ("enable", 5)):
        connection = http.client.HTTPConnection(pod["ip"], 9090, timeout=5)
        connection.request("POST", f"/readyz/{verb}")
        assert connection.getresponse().status == 200
        connection.close()
        eventually(lambda: len(resolver(system)["addresses"]) == count)
    assert resolver(system)["lookups"] == 1


def test_a_killed_gateway_with_a_wrong_token_says_so(system, tmp_path):
    account = system.state / "serviceaccount"
    token, authority = (account / "token").read_text(), (account / "ca.crt").read_text()

    def restart_with(name: str, content: str):
        (account / name).write_text(content)
        [gateway] = system.pods("gateway")
        system.output("kill", gateway["name"])
        eventually(lambda: system.pods("gateway")[0]["restarts"] == gateway["restarts"] + 1)

    def told() -> str:
        [gateway] = system.pods("gateway")
        connection = http.client.HTTPConnection(gateway["ip"], 8080, timeout=5)
        try:
            connection.request("GET", "/go/channel")
            return json.loads(connection.getresponse().read())["resolver"]["lastError"] or ""
        except OSError:
            return ""
        finally:
            connection.close()

    restart_with("token", "nobody")
    eventually(lambda: "401 Unauthorized" in told())
    (account / "token").write_text(token)
    eventually(lambda: system.ask("/go/sample").status == 200)
    restart_with("ca.crt", Authority(tmp_path / "other").certificate.read_text())
    eventually(lambda: "certificate" in told())
    print(told())
    (account / "ca.crt").write_text(authority)
    eventually(lambda: system.ask("/go/sample").status == 200)


def test_what_the_api_says_is_for_whoever_has_the_token(system):
    account = system.state / "serviceaccount"
    assert {stat.S_IMODE((account / name).stat().st_mode) for name in ("token", "ca.crt", "namespace")} == {0o600}
    [host] = {f"127.{pod['ip'].split('.')[1]}.0.6" for pod in system.pods()}
    assert system.told("/api") == {"lists": 1, "watches": 1}, "the gateway's"
    context = ssl.create_default_context(cafile=str(account / "ca.crt"))

    def get(token: str | None, **query: str) -> tuple[int, dict]:
        connection = http.client.HTTPSConnection(host, 6443, timeout=5, context=context)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("GET", f"{SLICES}?{urllib.parse.urlencode(query)}", headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, json.loads(body.splitlines()[-1])

    token = (account / "token").read_text()
    selector = {"labelSelector": "kubernetes.io/service-name=sample-service-grpc"}
    status, answer = get(token, **selector)
    assert status == 200
    addresses = [endpoint["addresses"][0] for endpoint in answer["items"][0]["endpoints"]]
    assert sorted(addresses) == sorted(pod["ip"] for pod in system.pods())
    version = answer["metadata"]["resourceVersion"]
    began = time.monotonic()
    status, event = get(token, watch="true", allowWatchBookmarks="true", timeoutSeconds="1", **selector)
    assert (status, event["type"]) == (200, "ADDED")
    assert time.monotonic() - began >= 1
    assert get(token, watch="true", resourceVersion="1", timeoutSeconds="1")[1]["type"] in ("ERROR", "MODIFIED")
    assert get(token, watch="true", resourceVersion=str(int(version) + 1000))[0] == 504
    assert get("wrong")[0] == 401
    assert get(None)[0] == 403
    assert system.told("/api") == {"lists": 2, "watches": 3}, "those that were refused are none"


def journal(system) -> str:
    return "".join(file.read_text() for file in system.state.rglob("*.log"))


def test_an_api_that_cannot_be_served_is_told_once(new_system):
    started = new_system("taken").up()
    prefix = started.pods()[0]["ip"].split(".")[1]
    with socket.create_server((f"127.{prefix}.0.6", 6443)):
        # It waits for gateways that cannot become ready.
        waiting = subprocess.Popen(started.command("set", "mode=kubernetes"), stdout=subprocess.DEVNULL)
        eventually(lambda: "cannot be served" in journal(started))
        started.output("scale", "grpc=7")
        eventually(lambda: sum(pod["ready"] for pod in started.pods()) == 7)
        waiting.kill()
        waiting.wait()
        text = journal(started)
    assert text.count("the API of Kubernetes cannot be served") == 1, text[-3000:]
