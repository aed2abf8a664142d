"""The whole system on one machine, seen from outside: nginx → gateway → grpc pods, names from dnsmasq."""

import subprocess

import pytest

from support.eventually import eventually
from support.paths import tool
from support.system import ADDRESS, System


@pytest.fixture(scope="module")
def shared(state_folder):
    """A system in its default form, for the tests that change nothing in it."""
    system = System("shared", state_folder).up()
    yield system
    system.down()
    assert system.left_behind() == []


def test_a_request_goes_all_the_way(shared):
    answer = shared.ask("/go/sample?name=Ada")
    assert answer.status == 200
    assert answer.json["response"]["message"] == "Hello Ada"
    assert answer.json["hostname"].startswith("sample-service-gateway-")
    assert answer.json["response"]["hostname"].startswith("sample-service-grpc-")


def test_curl_gets_the_answer(shared):
    url = f"http://127.0.0.1:{shared.port}/go/sample"
    result = subprocess.run([tool("curl"), "--silent", "--fail", "--max-time", "10", url], capture_output=True, text=True)
    assert result.returncode == 0
    assert "sample-service-grpc-" in result.stdout


def test_h2load_gets_only_answers(shared):
    url = f"http://127.0.0.1:{shared.port}/go/sample"
    command = [tool("h2load"), "--h1", "-c10", "-n1000", url]
    report = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "1000 succeeded, 0 failed, 0 errored, 0 timeout" in report, report
    assert "status codes: 1000 2xx" in report, report


def test_front_page(shared):
    answer = shared.ask("/")
    assert answer.status == 200
    assert "<html" in answer.text


def test_js_behind_nginx(shared):
    redirect = shared.ask("/js")
    assert (redirect.status, redirect.headers["Location"]) == (301, "/js/"), "the client's own host and port stay"
    page = shared.ask("/js/")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert shared.ask("/js/app.js").headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert shared.ask("/js/nothing").status == 404


def test_js_hello_names_the_pod(shared):
    pod = shared.ask("/js/hello").json["hostname"]
    assert pod.startswith("sample-service-js-")
    assert pod in shared.output("status")


@pytest.mark.parametrize("path", ["/js/../../etc/passwd", "/js/%2e%2e/%2e%2e/etc/passwd", "/js/..%2f..%2fetc%2fpasswd"])
def test_no_path_leaves_the_static_root(shared, path):
    answer = shared.ask(path)
    assert answer.status in (400, 404)
    assert "root:" not in answer.text


def test_status_lists_the_pods(shared):
    assert {name: len(shared.pod_addresses(name)) for name in ("grpc", "gateway", "js", "nginx")} == {
        "grpc": 5, "gateway": 1, "js": 1, "nginx": 1}


def test_nslookup_of_the_headless_name_gives_the_pods(shared):
    output = shared.output("nslookup", "sample-service-grpc-headless")
    assert set(ADDRESS.findall(answer_section(output))) == shared.pod_addresses("grpc")


def test_nslookup_of_the_service_name_gives_one_address_that_is_no_pod(shared):
    [address] = ADDRESS.findall(answer_section(shared.output("nslookup", "sample-service-grpc")))
    assert address not in shared.pod_addresses("grpc")


def answer_section(output: str) -> str:
    """Without the lines that name the server."""
    return output[output.index("Name:"):]


def test_nslookup_of_an_unknown_name_fails_and_names_it(shared):
    result = shared.samplectl("nslookup", "no-such-service")
    assert result.returncode == 1
    assert "no-such-service" in result.stdout + result.stderr


def test_logs_of_nginx_are_its_access_log(shared):
    shared.ask("/go/sample?name=logged")
    eventually(lambda: "GET /go/sample?name=logged" in shared.output("logs", "nginx"))


def test_logs_of_pods_name_the_pod(shared):
    pod = shared.ask("/go/sample").json["response"]["hostname"]
    eventually(lambda: any(
        pod in line and "/sample.service.HelloWorld/SayHello" in line
        for line in shared.output("logs", "grpc").splitlines()))


CORNERS = [
    ("clusterip", "pick_first", 1), ("clusterip", "round_robin", 1),
    ("headless", "pick_first", 1), ("headless", "round_robin", 5),
]


@pytest.mark.parametrize("mode, policy, pods", CORNERS)
def test_corner(new_system, mode, policy, pods):
    """The lesson: only a client that knows every pod and takes turns spreads its calls."""
    system = new_system().up("--mode", mode, "--policy", policy, "--max-connection-age", "off")
    system.ask("/go/sample")
    eventually(lambda: system.ready() == pods)
    counts = system.pods_called(500)
    assert len(counts) == pods
    assert max(counts.values()) - min(counts.values()) <= 2
