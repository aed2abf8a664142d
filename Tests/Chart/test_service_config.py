"""gateway.serviceConfig reaches the gateway as one variable, with the policy in it."""

import json

from support.cases import mode
from support.helm import notes, render

RETRY = [f"gateway.serviceConfig.methodConfig[0].{setting}" for setting in (
    "name[0].service=sample.service.HelloWorld", "timeout=1.5s", "waitForReady=true", "maxRequestMessageBytes=1048576",
    "retryPolicy.maxAttempts=3", "retryPolicy.initialBackoff=0.1s", "retryPolicy.maxBackoff=.5s",
    "retryPolicy.backoffMultiplier=2", "retryPolicy.retryableStatusCodes={UNAVAILABLE}")]


def environment(*settings: str) -> dict[str, str]:
    env = render(*settings).objects.pod("gateway").container["env"]
    return {entry["name"]: entry.get("value", "") for entry in env}


def test_without_one_the_policy_is_a_variable():
    env = environment()
    assert env["LOAD_BALANCING_POLICY"] == "round_robin" and "SERVICE_CONFIG" not in env


def test_it_is_passed_on_as_json_with_the_modes_policy():
    env = environment(*RETRY, "gateway.serviceConfig.retryThrottling.maxTokens=10",
                      "gateway.serviceConfig.retryThrottling.tokenRatio=1", *mode("clusterip"))
    assert "LOAD_BALANCING_POLICY" not in env
    assert json.loads(env["SERVICE_CONFIG"]) == {
        "loadBalancingConfig": [{"pick_first": {}}],
        "methodConfig": [{
            "name": [{"service": "sample.service.HelloWorld"}], "timeout": "1.5s", "waitForReady": True,
            "maxRequestMessageBytes": 1048576,
            "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": ".5s", "backoffMultiplier": 2,
                            "retryableStatusCodes": ["UNAVAILABLE"]}}],
        "retryThrottling": {"maxTokens": 10, "tokenRatio": 1},
    }


def test_a_policy_of_the_chart_goes_into_it():
    env = environment("gateway.serviceConfig.healthCheckConfig.serviceName=a", "loadBalancing.policy=pick_first")
    assert json.loads(env["SERVICE_CONFIG"]) == {
        "loadBalancingConfig": [{"pick_first": {}}], "healthCheckConfig": {"serviceName": "a"}}


def test_its_own_policy_stays_and_is_told():
    setting = "gateway.serviceConfig.loadBalancingConfig[0].pick_first.shuffleAddressList=true"
    assert json.loads(environment(setting)["SERVICE_CONFIG"]) == {
        "loadBalancingConfig": [{"pick_first": {"shuffleAddressList": True}}]}
    assert "mode headless with pick_first" in notes(setting)
