"""SERVICE_CONFIG: what is refused at the start, and what a config does beside retries (test_retries.py)."""

import json

import pytest

from support.eventually import eventually
from support.programs import run

RETRY = {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
         "retryableStatusCodes": ["UNAVAILABLE"]}


def method(**members) -> str:
    return json.dumps({"methodConfig": [{"name": [{"service": "a"}], **members}]})


def retry(**members) -> str:
    return method(retryPolicy={key: value for key, value in {**RETRY, **members}.items() if value is not None})


# Of each kind one; the rest stands in ServiceConfigTests.swift.
REFUSED = {
    "no JSON": ("{", "bad JSON at byte 1"),
    "no object": ("[]", "an array stands where an object is due"),
    "a key twice": ('{"methodConfig": [], "methodConfig": []}', "bad JSON at byte 21: expected each key once"),
    "a wrong type": ('{"methodConfig": {}}', "methodConfig: an object stands where a list is due"),
    "a bad duration": (method(timeout="5m"), 'methodConfig[0].timeout: "5m" is not a time such as "10s"'),
    "a negative duration": (method(timeout="-1s"), 'methodConfig[0].timeout: "-1s" is not a time'),
    "a number out of range": (method(maxRequestMessageBytes=-1), "methodConfig[0].maxRequestMessageBytes: -1 is not an integer"),
    "a name twice": (
        '{"methodConfig": [{"name": [{"service": "a"}]}, {"name": [{"service": "a"}]}]}',
        "methodConfig[1].name[0]: a has been configured before"),
    "a method without its service": ('{"methodConfig": [{"name": [{"method": "a"}]}]}', 'methodConfig[0].name[0].method: "a" stands there'),
    "a retry policy that lacks something": (retry(maxBackoff=None), "methodConfig[0].retryPolicy.maxBackoff: it is missing"),
    "one attempt": (retry(maxAttempts=1), "methodConfig[0].retryPolicy.maxAttempts: 1 is not an integer in 2..."),
    "an unknown status": (retry(retryableStatusCodes=["BUSY"]), 'methodConfig[0].retryPolicy.retryableStatusCodes[0]: "BUSY" is no status code'),
    "a status out of range": (retry(retryableStatusCodes=[17]), "methodConfig[0].retryPolicy.retryableStatusCodes[0]: 17 is no status code"),
    "too many tokens": ('{"retryThrottling": {"maxTokens": 1001, "tokenRatio": 1}}', "retryThrottling.maxTokens: 1001.0 is not"),
    "a health service that is no name": ('{"healthCheckConfig": {"serviceName": 1}}', "healthCheckConfig.serviceName: a number stands"),
    "no policy that is known": ('{"loadBalancingConfig": [{"grpclb": {}}]}', "loadBalancingConfig: no policy that is known here: it names grpclb"),
    "a policy's parameter": (
        '{"loadBalancingConfig": [{"pick_first": {"shuffleAddressList": 1}}]}',
        "loadBalancingConfig[0].pick_first.shuffleAddressList: a number stands"),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("way", ["variable", "flag", "file"])
def test_a_bad_config_is_refused_at_the_start_with_path_and_reason(tmp_path, kind, way):
    text, reason = REFUSED[kind]
    place = "SERVICE_CONFIG: "
    if way == "file":
        path = tmp_path / "config.json"
        path.write_text(text)
        text = f"@{path}"
        place += f"{path}: "
    ended = run("gateway", "--service-config", text) if way == "flag" else run("gateway", SERVICE_CONFIG=text)
    assert (ended.returncode, ended.stdout) == (64, "")
    assert ended.stderr.startswith(f"gateway: {place}{reason}"), ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    ended = run("gateway", SERVICE_CONFIG=f"@{tmp_path}/none.json")
    assert (ended.returncode, ended.stderr) == (64, f"gateway: SERVICE_CONFIG: open {tmp_path}/none.json: No such file or directory\n")
    (tmp_path / "latin").write_bytes(b'{"a": "\xe9"}')
    ended = run("gateway", SERVICE_CONFIG=f"@{tmp_path}/latin")
    assert (ended.returncode, ended.stderr) == (64, f"gateway: SERVICE_CONFIG: {tmp_path}/latin: it is not UTF-8 of at most 1 MiB\n")


def test_a_config_and_a_policy_are_one_too_many():
    ended = run("gateway", SERVICE_CONFIG="{}", LOAD_BALANCING_POLICY="round_robin")
    assert ended.returncode == 64
    assert ended.stderr.startswith("gateway: SERVICE_CONFIG and LOAD_BALANCING_POLICY: one of them")


def test_samplectl_refuses_it_where_it_is_typed(tmp_path):
    ended = run("samplectl", "up", "--service-config", '{"methodConfig": 1}', HOME=str(tmp_path))
    assert ended.returncode == 64
    assert "samplectl: --service-config: methodConfig: a number stands where a list is due" in ended.stderr
    both = '{"loadBalancingConfig": [{"pick_first": {}}]}'
    ended = run("samplectl", "up", "--policy", "round_robin", "--service-config", both, HOME=str(tmp_path))
    assert ended.returncode == 64 and "--policy and --service-config's loadBalancingConfig" in ended.stderr


def test_what_is_of_no_use_is_told_and_the_rest_counts(start, greeter):
    text = '{"methodConfig": [{"timeout": "1s"}], "loadbalancingConfig": [], "loadBalancingConfig": [{"pick_first": {}}]}'
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", SERVICE_CONFIG=text)
    assert gateway.http("/go/sample").status == 200
    assert gateway.http("/go/channel").json["policy"] == "pick_first"
    assert "SERVICE_CONFIG: methodConfig[0]: it has no name, and is nobody's" in gateway.output
    assert "SERVICE_CONFIG: loadbalancingConfig: it is not known here, and says nothing: did you mean loadBalancingConfig?" in gateway.output


@pytest.mark.parametrize("own, timeout, message", [
    ("65s", "0.2s", "no answer within 200ms, the service config's timeout"), ("100ms", "9s", "no answer within 100ms")])
def test_of_two_timeouts_the_smaller_counts(start, greeter, own, timeout, message):
    text = json.dumps({"methodConfig": [{"name": [{}], "timeout": timeout}]})
    gateway = start("gateway", GRPC_TARGET=f"ipv4:{greeter.address}", CALL_TIMEOUT=own, SERVICE_CONFIG=text)
    answer = gateway.http("/go/sample?delay=15s")
    assert answer.status == 504
    # The server keeps to the deadline as well, and may be the first to say so.
    assert answer.json["error"]["message"] in (message, "Deadline Exceeded")


def test_a_whole_system_has_it_from_a_file(new_system, tmp_path):
    """And a readiness switch works at once: no call reaches the pod while its connection stays."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"healthCheckConfig": {"serviceName": "sample.service.HelloWorld"}}, indent=2))
    system = new_system().up("--replicas", "2", "--max-connection-age", "off", "--service-config", f"@{path}")
    channel = lambda: system.ask("/go/channel").json
    healths = lambda: sorted(subchannel["health"] or "" for subchannel in channel()["subchannels"])
    assert channel()["policy"] == "round_robin"
    assert channel()["serviceConfig"]["healthCheckService"] == "sample.service.HelloWorld"
    eventually(lambda: healths() == ["SERVING", "SERVING"])
    victim = system.pods()[0]["name"]
    system.output("readiness", victim, "off")
    eventually(lambda: healths()[0] != "SERVING")
    assert victim not in system.pods_called(20)
