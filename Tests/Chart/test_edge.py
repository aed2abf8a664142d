"""Ways in from outside the cluster besides the entry's Service: an Ingress for gRPC, and the routes of a Gateway."""

import pytest

from support.cases import CASES
from support.helm import Refusal, render

GATEWAY = CASES["routes of a Gateway"]
INGRESS = ("ingress.grpc.enabled=true", "ingress.tlsSecret=certificate", "networkPolicy.grpcFrom[0].podSelector.matchLabels.app=edge")


def test_the_routes_have_the_fields_of_gateway_api_v1():
    """Held against the schemas of Gateway API 1.6 when they were written: kubernetes-validate does not have them."""
    objects = render(*GATEWAY).objects
    [http], [grpc] = objects.of("HTTPRoute"), objects.of("GRPCRoute")
    parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge", "namespace": "gateways"}
    for route, name, port in ((http, "sample-service-nginx", 80), (grpc, "sample-service-grpc", 8080)):
        assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
        assert route["spec"].keys() == {"parentRefs", "hostnames", "rules"} and route["spec"]["parentRefs"] == [parent]
        [rule] = route["spec"]["rules"]
        assert rule["backendRefs"] == [{"name": name, "port": port}]
        assert port in [entry["port"] for entry in objects.one("Service", name)["spec"]["ports"]]
    assert http["spec"]["rules"][0]["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}]
    assert "matches" not in grpc["spec"]["rules"][0], "every service of the pods"


def test_one_route_may_be_there_without_the_other():
    common = ("gatewayAPI.parentRefs[0].name=edge",)
    assert [each["kind"] for each in render("gatewayAPI.enabled=true", *common).objects if "Route" in each["kind"]] == ["HTTPRoute"]
    alone = render("gatewayAPI.grpc.enabled=true", "networkPolicy.enabled=false", *common).objects
    assert [each["kind"] for each in alone if "Route" in each["kind"]] == ["GRPCRoute"]
    assert "hostnames" not in alone.of("GRPCRoute")[0]["spec"]


def routes(http: str, grpc: str):
    return render("gatewayAPI.enabled=true", "gatewayAPI.grpc.enabled=true", "gatewayAPI.parentRefs[0].name=edge", "networkPolicy.enabled=false",
                  *[f"gatewayAPI.{key}={{{names}}}" for key, names in (("hostnames", http), ("grpc.hostnames", grpc)) if names])


@pytest.mark.parametrize("http,grpc,meet", [
    ("", "grpc.example.com", "an empty list is every name"), ("a.example.com", "", "an empty list is every name"),
    ("b.example.com,a.example.com", "a.example.com", "a.example.com and a.example.com"),
    ("*.example.com", "grpc.example.com", r"\*.example.com and grpc.example.com"), ("a.b.example.com", "*.example.com", "meet in a.b.example.com"),
    ("*.example.com", "*.grpc.example.com", "meet in"), ("*.grpc.example.com", "*.example.com", "meet in"),
])
def test_two_routes_that_share_a_name_are_refused(http, grpc, meet):
    """Gateway API, of GRPCRoute's hostnames: where they intersect an HTTPRoute's, a listener must reject one of the two."""
    with pytest.raises(Refusal, match=f"{meet}.*accepts only one"):
        routes(http, grpc)


@pytest.mark.parametrize("http,grpc", [
    ("example.com", "grpc.example.com"), ("example.com", "*.example.com"), ("*.a.example.com", "*.b.example.com"),
    ("myexample.com", "*.example.com")])
def test_two_routes_with_names_of_their_own_are_taken(http, grpc):
    assert {"HTTPRoute", "GRPCRoute"} <= {each["kind"] for each in routes(http, grpc).objects}


def test_grpc_by_an_ingress_is_over_tls_and_of_an_object_of_its_own():
    [ingress] = render(*INGRESS).objects.of("Ingress")
    assert ingress["metadata"]["name"] == "sample-service-grpc"
    assert ingress["metadata"]["annotations"] == {"nginx.ingress.kubernetes.io/backend-protocol": "GRPC"}
    assert ingress["spec"]["tls"] == [{"hosts": ["grpc.sample-service.local"], "secretName": "certificate"}]
    [more] = render(*INGRESS, "ingress.grpc.annotations.example\\.com/a=b").objects.of("Ingress")
    assert more["metadata"]["annotations"].keys() == {"nginx.ingress.kubernetes.io/backend-protocol", "example.com/a"}


def test_who_calls_past_the_gateway_is_let_in_where_it_is_named():
    spec = render(*INGRESS).objects.one("NetworkPolicy", "sample-service-grpc")["spec"]
    rules = {str(rule.get("from")): [port["port"] for port in rule["ports"]] for rule in spec["ingress"]}
    assert rules[str([{"podSelector": {"matchLabels": {"app": "edge"}}}])] == [8080] and len(rules) == 2
