"""The scripts that `helm test` runs, run here by the same shell (BusyBox) against a stand-in for nginx."""

import itertools
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.helm import render
from support.paths import tool


class Entry:
    """Answers as the whole system does: `pods` serve calls in turn, after the first `late` calls, which the first pod
    serves alone; `broken` is a path that does not answer as it should, and `silent` what paths that never answer begin with."""

    def __init__(self, pods: list[str], broken: str | None = None, late: int = 0, silent: str | None = None):
        calls = itertools.count()
        self.over = over = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                if silent and path.startswith(silent):
                    over.wait()
                    return
                name = "Helm" if "name=Helm" in self.path else "World"
                number = next(calls)
                pod = pods[number % len(pods) if number >= late else 0]
                hello = json.dumps({"message": f"Hello {name}", "version": "0.1.0", "hostname": pod}, separators=(",", ":"))
                from_grpc = f'{{"name":"gateway","hostname":"sample-service-gateway-1","response":{hello}}}'
                js = '{"name":"js-server","version":"0.1.0","hostname":"sample-service-js-1"}'
                body = {
                    "/nginx-health": "ok\n",
                    "/": "<title>sample-service</title>",
                    "/go": json.dumps({"name": "gateway", "hostname": "sample-service-gateway-1"}, separators=(",", ":")),
                    "/go/sample": from_grpc,
                    "/go/hellogrpc": from_grpc,
                    "/go/hellohttp": f'{{"name":"gateway","hostname":"sample-service-gateway-1","response":{js}}}',
                    "/go/distribution": '{"requests":10,"succeeded":10,"failed":0}',
                    "/go/stream": f"{hello}\n{hello}\n",
                    "/go/channel": '{"target":"dns:///x","subchannels":[]}',
                    "/js/hello": js,
                    "/js/": "<!doctype html>\n<html lang=en>",
                }.get(path)
                self.send_response(503 if path == broken or body is None else 200)
                self.end_headers()
                self.wfile.write((body or "").encode() if path != broken else b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def run(tmp_path):
    """run(name of the test, entry, *settings) → the finished process"""
    for applet in ("date", "grep", "sed", "sh", "sleep", "sort", "timeout", "uniq", "wget"):
        (tmp_path / applet).symlink_to(tool("busybox"))

    def run_test(name: str, entry: Entry, *settings: str, **times: str) -> subprocess.CompletedProcess:
        [pod] = [pod for pod in render(*settings).objects.pods() if pod.name.endswith(f"-test-{name}")]
        return subprocess.run(
            [*pod.container["command"], *pod.container["args"]], executable=tmp_path / "sh", capture_output=True, text=True,
            env={**pod.environment, "DEADLINE": "90", "PAUSE": "0", **times, "ENTRY": entry.url, "PATH": str(tmp_path)}, timeout=100)

    return run_test


PODS = [f"sample-service-grpc-{number}" for number in range(5)]


def test_routes_passes_when_all_answer(run):
    with Entry(PODS) as entry:
        result = run("routes", entry)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("ok ") == 12


@pytest.mark.parametrize("broken", [
    "/nginx-health", "/", "/go", "/go/sample", "/go/hellogrpc", "/go/hellohttp", "/go/distribution", "/go/stream",
    "/go/channel", "/js/hello", "/js/"])
def test_routes_fails_when_one_does_not_and_names_it(run, broken):
    with Entry(PODS, broken) as entry:
        result = run("routes", entry, DEADLINE="1")
    assert result.returncode == 1
    failed = [line.split()[1].partition("?")[0].rstrip(":") for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert set(failed) == {broken}, result.stdout


def test_routes_fails_when_another_release_answers(run):
    with Entry(["other-grpc-1"]) as entry:
        assert "FAIL  /go/sample" in run("routes", entry, DEADLINE="1").stdout


def test_spread_passes_when_every_pod_serves(run):
    with Entry(PODS) as entry:
        result = run("spread", entry)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "reached 5 pods" in result.stdout


def test_spread_passes_when_new_pods_are_found_later(run):
    with Entry(PODS, late=100) as entry:
        result = run("spread", entry)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[0].split() == ["100", PODS[0]]


def test_spread_fails_when_calls_stick(run):
    with Entry(PODS[:1]) as entry:
        result = run("spread", entry, DEADLINE="1")
    assert result.returncode == 1 and "reached 1 pods, expected 5" in result.stdout


def test_spread_fails_when_calls_fail(run):
    with Entry(PODS, "/go/sample") as entry:
        result = run("spread", entry, DEADLINE="1")
    assert result.returncode == 1 and "some calls failed" in result.stdout and "reached 0 pods" in result.stdout


@pytest.mark.parametrize("name,expected", [("routes", "FAIL  /go/sample: expected"), ("spread", "some calls failed")])
def test_a_test_keeps_to_its_deadline_when_the_gateway_hangs(run, name, expected):
    """With the chart's own pauses. A request is given 10 s, and there are 7 routes of the gateway, or 100 calls a round."""
    with Entry(PODS, silent="/go") as entry:
        result = run(name, entry, DEADLINE="3", PAUSE="10")
    assert result.returncode == 1 and expected in result.stdout, result.stdout


@pytest.mark.parametrize("name", ["routes", "spread"])
def test_a_test_waits_for_a_gateway_that_comes_later(run, name):
    entry = Entry(PODS)
    url, tries = entry.url, 0
    with entry:
        answer = entry.server.RequestHandlerClass.do_GET

        def late(handler):
            nonlocal tries
            tries += 1
            answer(handler) if tries > 3 else handler.send_error(502)

        entry.server.RequestHandlerClass.do_GET = late
        result = run(name, entry, DEADLINE="90", PAUSE="1")
    assert result.returncode == 0 and tries > 3, f"{url}: {result.stdout}"


def test_the_deadlines_are_one_below_the_other():
    for pod in render().objects.pods():
        if pod.component == "test":
            # Each of 12 routes may take 1 s more; Helm waits 5 minutes for each test.
            assert pod.environment["DEADLINE"] == "150"
            assert 150 + 12 < pod.spec["activeDeadlineSeconds"] < 300
            assert pod.owner["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"


def test_spread_expects_one_pod_in_the_other_corners(run):
    with Entry(PODS[:1]) as entry:
        result = run("spread", entry, "loadBalancing.mode=clusterip")
    assert result.returncode == 0, result.stdout + result.stderr
