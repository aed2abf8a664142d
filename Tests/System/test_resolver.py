"""The gateway's DNS resolver against dnsmasq."""

import pytest

from support.eventually import eventually
from support.ports import free_port, loopback_addresses

NAME = "pods.test"


@pytest.fixture
def pods(start_greeter):
    """Five gRPC servers with one port; `pod-1` … `pod-5`."""
    addresses = loopback_addresses(5)
    port = free_port(*addresses)
    return [start_greeter(f"{address}:{port}", hostname=f"pod-{n}") for n, address in enumerate(addresses, 1)]


def ip(greeter) -> str:
    return greeter.address.split(":")[0]


def gateway_for(start, nameserver, port: int, **environment):
    target = f"dns://{nameserver.address}/{NAME}:{port}"
    """One that looks again at events only, unless it is told otherwise."""
    environment = {
        "LOAD_BALANCING_POLICY": "round_robin", "DNS_MIN_RESOLUTION_INTERVAL": "1s", "DNS_START_WINDOW": "0s",
        **environment}
    return start("gateway", GRPC_TARGET=target, **environment)


def port_of(pods) -> int:
    return int(pods[0].address.split(":")[1])


def subchannels(gateway) -> set[str]:
    return {subchannel["address"] for subchannel in gateway.http("/go/channel").json["subchannels"]}


def all_ready(gateway, addresses) -> bool:
    found = gateway.http("/go/channel").json["subchannels"]
    return {entry["address"] for entry in found if entry["state"] == "READY"} == {pod.address for pod in addresses}


def test_every_address_is_a_subchannel_and_gets_its_share(start, start_nameserver, pods):
    nameserver = start_nameserver({NAME: [ip(pod) for pod in pods]})
    gateway = gateway_for(start, nameserver, port_of(pods))
    gateway.http("/go/sample")
    eventually(lambda: all_ready(gateway, pods))
    hostnames = [gateway.http("/go/sample").json["response"]["hostname"] for _ in range(100)]
    assert {name: hostnames.count(name) for name in hostnames} == {f"pod-{n}": 20 for n in range(1, 6)}


def test_one_address_is_one_subchannel(start, start_nameserver, pods):
    nameserver = start_nameserver({NAME: [ip(pods[2])]})
    gateway = gateway_for(start, nameserver, port_of(pods))
    assert gateway.http("/go/sample").json["response"]["hostname"] == "pod-3"
    assert subchannels(gateway) == {pods[2].address}


def test_look_up_happens_again_when_a_server_goes(start, start_nameserver, pods):
    nameserver = start_nameserver({NAME: [ip(pod) for pod in pods[:2]]})
    gateway = gateway_for(start, nameserver, port_of(pods))
    gateway.http("/go/sample")
    eventually(lambda: all_ready(gateway, pods[:2]))

    nameserver.set({NAME: [ip(pod) for pod in pods[1:]]})
    assert subchannels(gateway) == {pod.address for pod in pods[:2]}, "nothing has told the client to look again"
    pods[0].stop()
    eventually(lambda: all_ready(gateway, pods[1:]))
    hostnames = {gateway.http("/go/sample").json["response"]["hostname"] for _ in range(20)}
    assert hostnames == {"pod-2", "pod-3", "pod-4", "pod-5"}


def test_look_ups_keep_their_distance(start, start_nameserver, pods):
    """Five servers that go together are one reason to look again, not five."""
    nameserver = start_nameserver({NAME: [ip(pod) for pod in pods]})
    gateway = gateway_for(start, nameserver, port_of(pods), DNS_MIN_RESOLUTION_INTERVAL="30s")
    gateway.http("/go/sample")
    eventually(lambda: all_ready(gateway, pods))
    assert nameserver.queries(NAME) == 1
    for pod in pods[1:]:
        pod.stop()
    eventually(lambda: all_ready(gateway, pods[:1]))
    assert gateway.http("/go/sample").status == 200
    assert nameserver.queries(NAME) == 1, "the next look-up is due 30 s after the first"


def test_name_that_does_not_exist_is_503_and_named(start, start_nameserver, pods):
    nameserver = start_nameserver({})
    gateway = gateway_for(start, nameserver, port_of(pods))
    answer = gateway.http("/go/sample")
    assert (answer.status, answer.json["error"]["code"]) == (503, "UNAVAILABLE")
    assert NAME in answer.json["error"]["message"]
    assert "not found" in answer.json["error"]["message"].lower()


def test_name_that_appears_later_is_found(start, start_nameserver, pods):
    nameserver = start_nameserver({})
    gateway = gateway_for(start, nameserver, port_of(pods))
    assert gateway.http("/go/sample").status == 503
    nameserver.set({NAME: [ip(pods[0])]})
    eventually(lambda: gateway.http("/go/sample").status == 200)


def test_nameserver_that_does_not_answer_is_503_and_named(start, pods):
    nothing = f"127.0.0.1:{free_port()}"
    gateway = start("gateway", GRPC_TARGET=f"dns://{nothing}/{NAME}:{port_of(pods)}")
    answer = gateway.http("/go/sample", within=30)
    assert answer.status == 503
    assert NAME in answer.json["error"]["message"]


def test_failed_look_up_keeps_the_last_addresses(start, start_nameserver, pods):
    nameserver = start_nameserver({NAME: [ip(pod) for pod in pods[:2]]})
    gateway = gateway_for(start, nameserver, port_of(pods))
    gateway.http("/go/sample")
    eventually(lambda: all_ready(gateway, pods[:2]))
    nameserver.stop()
    pods[0].stop()
    eventually(lambda: all_ready(gateway, pods[1:2]))
    assert {gateway.http("/go/sample").json["response"]["hostname"] for _ in range(10)} == {"pod-2"}


def test_connections_to_servers_that_stay_are_kept(start, start_nameserver, pods):
    """One of three goes and two come: the two that stay keep the connection that they have."""
    nameserver = start_nameserver({NAME: [ip(pod) for pod in pods[:3]]})
    gateway = gateway_for(start, nameserver, port_of(pods))
    eventually(lambda: all_ready(gateway, pods[:3]))
    for _ in range(6):
        gateway.http("/go/sample")
    nameserver.set({NAME: [ip(pod) for pod in pods[1:]]})
    pods[0].stop()
    eventually(lambda: all_ready(gateway, pods[1:]))
    for _ in range(12):
        assert gateway.http("/go/sample").status == 200
    assert [len(pod.peers) for pod in pods[1:]] == [1, 1, 1, 1]


def test_expired_answer_is_refreshed_if_asked_to(start, start_nameserver, pods):
    """No connection is lost: only the time to live makes the channel look again."""
    nameserver = start_nameserver({NAME: [ip(pods[0])]})
    gateway = gateway_for(start, nameserver, port_of(pods), DNS_TTL_REFRESH="true")
    eventually(lambda: all_ready(gateway, pods[:1]))
    nameserver.set({NAME: [ip(pod) for pod in pods[:2]]})
    eventually(lambda: all_ready(gateway, pods[:2]))
