"""gRPC over TLS: which files of which Secret reach which pods, and what is told of them."""

import pytest

from support.cases import mode
from support.helm import render

TLS = ("tls.enabled=true", "tls.secretName=server")
DIRECTORY = "/etc/sample-service/tls"


def mounted(objects, component: str) -> dict:
    pod = objects.pod(component)
    [mount] = [mount for mount in pod.container["volumeMounts"] if mount["mountPath"] == DIRECTORY]
    [volume] = [volume for volume in pod.spec["volumes"] if volume["name"] == mount["name"]]
    assert mount["readOnly"] and "subPath" not in mount, "a file that is mounted alone is never renewed"
    assert volume["secret"]["defaultMode"] == 0o440
    return volume["secret"]


def test_the_pods_show_a_certificate_and_the_gateway_knows_its_authority():
    objects = render(*TLS).objects
    grpc, gateway = (objects.pod(component).environment for component in ("grpc", "gateway"))
    assert (grpc["TLS_CERTIFICATE"], grpc["TLS_KEY"]) == (f"{DIRECTORY}/tls.crt", f"{DIRECTORY}/tls.key")
    assert (gateway["TLS_CA"], gateway["TLS_SERVER_NAME"]) == (f"{DIRECTORY}/ca.crt", "sample-service-grpc")
    assert "TLS_CLIENT_CA" not in grpc and "TLS_KEY" not in gateway
    assert mounted(objects, "grpc")["secretName"] == "server" and "items" not in mounted(objects, "grpc")
    # The server's key stays with the server.
    assert mounted(objects, "gateway")["items"] == [{"key": "ca.crt", "path": "ca.crt"}]
    assert render(*TLS, "tls.serverName=grpc.example.com").objects.pod("gateway").environment["TLS_SERVER_NAME"] == "grpc.example.com"


@pytest.mark.parametrize("own,secret", [((), "server"), (("tls.clientSecretName=client",), "client")])
def test_with_client_certificates_both_sides_show_one(own, secret):
    objects = render(*TLS, "tls.clientAuth=true", *own).objects
    grpc, gateway = (objects.pod(component).environment for component in ("grpc", "gateway"))
    assert grpc["TLS_CLIENT_CA"] == f"{DIRECTORY}/ca.crt"
    assert (gateway["TLS_CERTIFICATE"], gateway["TLS_KEY"]) == (f"{DIRECTORY}/tls.crt", f"{DIRECTORY}/tls.key")
    assert mounted(objects, "gateway")["secretName"] == secret and "items" not in mounted(objects, "gateway")


@pytest.mark.parametrize("kind", ["grpc", "exec"])
def test_probes_go_to_the_admin_port(kind):
    """The kubelet's gRPC probe speaks plaintext only."""
    container = render(*TLS, f"grpc.probes.kind={kind}").objects.pod("grpc").container
    assert container["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "admin"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "admin"}
    assert not {"grpc", "exec"} & container["readinessProbe"].keys()


@pytest.mark.parametrize("name", ["clusterip", "headless", "kubernetes", "etcd", "consul"])
def test_in_every_mode_without_a_proxy_the_name_that_is_checked_is_the_same(name):
    """Addresses of pods have no name of their own, and a certificate for each would be one for each new pod."""
    assert render(*mode(name), *TLS).objects.pod("gateway").environment["TLS_SERVER_NAME"] == "sample-service-grpc"


def test_without_tls_nothing_of_it_is_there():
    for component in ("gateway", "grpc"):
        pod = render().objects.pod(component)
        assert not [name for name in pod.environment if name.startswith("TLS_")] and "volumes" not in pod.spec
