"""The gateway's `kubernetes` targets, against an API server that fails as real ones do."""

import time

import pytest

from support.eventually import eventually
from support.kubernetes_api import Authority, KubernetesAPI, recorded
from support.ports import free_port
from support.programs import run

# Slices name one port for all of their pods, so the pods' addresses differ.
HOSTS = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]


@pytest.fixture
def api(tmp_path):
    server = KubernetesAPI(tmp_path / "kubernetes", free_port())
    yield server
    server.stop()


@pytest.fixture
def pods(start_greeter):
    """Three, by their addresses."""
    port = free_port()
    return {f"{host}:{port}": start_greeter(f"{host}:{port}", f"pod-{host}") for host in HOSTS}


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "kubernetes").mkdir()


def resolver(gateway) -> dict:
    return gateway.http("/go/channel").json["resolver"]


def addresses(gateway) -> list[str]:
    return resolver(gateway)["addresses"]


def answering(gateway, calls: int = 12) -> set[str]:
    answers = [gateway.http("/go/sample") for _ in range(calls)]
    assert all(answer.status == 200 for answer in answers), answers
    return {answer.json["response"]["hostname"] for answer in answers}


def ready(gateway, count: int):
    eventually(lambda: [s["state"] for s in gateway.http("/go/channel").json["subchannels"]] == ["READY"] * count)


def started(start, api, **settings):
    return start("gateway", **{**api.settings, "READY_TIMEOUT": "0s", **settings})


def test_pods_are_found_and_followed(start, api, pods):
    first, second, third = pods
    api.publish([first, second])
    gateway = started(start, api)
    ready(gateway, 2)
    assert answering(gateway) == {f"pod-{host}" for host in HOSTS[:2]}
    # A second slice of the same Service.
    api.publish([third], slice="b")
    eventually(lambda: addresses(gateway) == [first, second, third])
    api.publish([second])
    eventually(lambda: addresses(gateway) == [second, third])
    api.delete("b")
    eventually(lambda: addresses(gateway) == [second])
    ready(gateway, 1)
    assert answering(gateway) == {f"pod-{HOSTS[1]}"}
    assert gateway.http("/go/channel").json["target"] == "kubernetes:sample-service-grpc-headless.default:grpc"
    # One list, and everything else by the watch.
    assert resolver(gateway)["lookups"] == len(api.asked("list")) == 1


def test_a_service_without_pods_says_so(start, api, pods):
    first = next(iter(pods))
    api.publish([])
    gateway = started(start, api)
    eventually(lambda: resolver(gateway)["lookups"] == 1)
    eventually(lambda: gateway.http("/go/sample").status == 503)
    api.publish([first])
    ready(gateway, 1)
    assert answering(gateway, 2) == {f"pod-{HOSTS[0]}"}


def test_a_dropped_watch_goes_on_where_it_was(start, api, pods):
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api)
    eventually(lambda: api.watches == 1)
    api.publish([first, second])
    eventually(lambda: addresses(gateway) == [first, second])
    version = str(api._version)
    api.cut()
    api.publish([second])
    eventually(lambda: addresses(gateway) == [second])
    assert [watch["resourceVersion"] for watch in api.asked("watch")][-1] == version
    assert len(api.asked("list")) == 1


def test_a_version_that_is_gone_means_a_new_list(start, api, pods):
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api)
    eventually(lambda: api.watches == 1)
    api.publish([second])
    api.forget()
    api.cut()
    eventually(lambda: addresses(gateway) == [second])
    eventually(lambda: len(api.asked("list")) == 2)
    eventually(lambda: api.watches == 1)
    assert answering(gateway, 4) == {f"pod-{HOSTS[1]}"}


@pytest.mark.parametrize("status, body, words", [
    (403, "forbidden.http", "needs get, list and watch"), (503, None, "503"), (429, None, "429")])
def test_a_refusal_is_told_and_keeps_the_pods(start, api, pods, status, body, words):
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api)
    ready(gateway, 1)
    # One that is begun a moment later would not be cut.
    eventually(lambda: api.watches == 1)
    api.refusal = (status, recorded(body) if body else "{}")
    api.cut()
    eventually(lambda: words in (resolver(gateway)["lastError"] or ""))
    assert addresses(gateway) == [first]
    assert answering(gateway, 4) == {f"pod-{HOSTS[0]}"}
    api.publish([second])
    api.refusal = None
    eventually(lambda: addresses(gateway) == [second] and resolver(gateway)["lastError"] is None)


def test_an_api_server_that_is_away_takes_nobody_out(start, api, pods):
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api)
    ready(gateway, 1)
    # One that is begun a moment later would not be cut.
    eventually(lambda: api.watches == 1)
    api.stop()
    eventually(lambda: "refused" in (resolver(gateway)["lastError"] or "").lower())
    assert answering(gateway, 4) == {f"pod-{HOSTS[0]}"}
    api.publish([second])
    api.start()
    eventually(lambda: addresses(gateway) == [second] and resolver(gateway)["lastError"] is None)


def test_a_rotated_token_is_used_at_once(start, api, pods):
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api)
    eventually(lambda: api.watches == 1)
    before = len(api.requests)
    api.rotate("second")
    api.cut()
    eventually(lambda: api.watches == 1)
    api.publish([second])
    eventually(lambda: addresses(gateway) == [second])
    assert len(api.requests) == before + 1, "the old token was tried once more"


def test_a_wrong_token_is_named_and_not_told(start, api, pods):
    api.publish([next(iter(pods))])
    (api.account / "token").write_text("a-secret-of-somebody-else")
    gateway = started(start, api)
    eventually(lambda: "401 Unauthorized" in (resolver(gateway)["lastError"] or ""))
    answer = gateway.http("/go/sample")
    assert answer.status == 503
    assert "cannot find the pods of default/sample-service-grpc-headless: 401 Unauthorized" in answer.text
    eventually(lambda: resolver(gateway)["nextLookupInSeconds"] is not None)  # unless one is under way
    (api.account / "token").write_text(api.token)
    ready_after = lambda: resolver(gateway)["lastError"] is None and addresses(gateway)
    eventually(ready_after)
    assert "secret" not in gateway.output + gateway.errors + gateway.http("/go/channel").text


def test_another_authoritys_certificate_is_refused(start, api, pods, tmp_path):
    api.publish([next(iter(pods))])
    (api.account / "ca.crt").write_bytes(Authority(tmp_path / "other").certificate.read_bytes())
    gateway = started(start, api)
    eventually(lambda: "certificate" in (resolver(gateway)["lastError"] or ""))
    print(resolver(gateway)["lastError"])
    assert gateway.http("/go/sample").status == 503
    assert api.requests == [], "the token was sent to a stranger"
    # The file is looked at again: rotated authorities need no restart.
    (api.account / "ca.crt").write_bytes(api.authority.certificate.read_bytes())
    eventually(lambda: resolver(gateway)["lastError"] is None and addresses(gateway))


def test_no_api_server_is_refused_at_the_start(api):
    settings = {key: value for key, value in api.settings.items() if key != "KUBERNETES_SERVICE_HOST"}
    result = run("gateway", **settings, LISTEN_ADDRESS="127.0.0.1:0", ADMIN_ADDRESS="127.0.0.1:0")
    assert result.returncode == 64
    assert "KUBERNETES_SERVICE_HOST" in result.stderr


@pytest.mark.parametrize("endpoint, words", [
    ("pods", "has no port"), ("Pods:grpc", "not the name of a Service"), ("a.b.svc:grpc", "expected service.namespace")])
def test_a_target_that_cannot_be_is_refused_at_the_start(api, endpoint, words):
    settings = {**api.settings, "GRPC_TARGET": f"kubernetes:///{endpoint}"}
    result = run("gateway", **settings, LISTEN_ADDRESS="127.0.0.1:0", ADMIN_ADDRESS="127.0.0.1:0")
    assert result.returncode == 64
    assert words in result.stderr


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_watch_that_falls_silent_is_given_up(start, api, pods):
    """The server goes on, and says nothing any more; nobody ends the connection. 60 to 90 s, and 10 s of margin."""
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api)
    eventually(lambda: api.watches == 1)
    with api._changed:
        # As if the packets of this watch went nowhere from now on.
        api._version += 1
        api._slices["a"] = [second]
    began = time.monotonic()
    eventually(lambda: len(api.asked("watch")) == 2, within=110)
    print(f"given up after {time.monotonic() - began:.0f} s")


def test_an_idle_channel_releases_the_watch_and_lists_anew_with_the_next_call(start, api, pods):
    first, second, _ = pods
    api.publish([first])
    gateway = started(start, api, CHANNEL_IDLE_TIMEOUT="2s")
    eventually(lambda: gateway.http("/go/channel").json["idleReason"] == "no call for 2s")
    # Its listeners are left: no connection to a pod, and none to the API server.
    eventually(lambda: gateway.sockets == len(gateway.ports))
    lists = len(api.asked("list"))
    # What changes meanwhile nobody hears of, until there is a call.
    api.publish([second])
    assert answering(gateway) == {f"pod-{HOSTS[1]}"}
    assert len(api.asked("list")) == lists + 1
    assert resolver(gateway)["lookups"] == 2 and addresses(gateway) == [second]
