"""grpc.health.v1 and the readiness switch of grpc-server."""

import grpc
import pytest

from support.client import client
from support.eventually import eventually

HELLO = "sample.service.HelloWorld"


@pytest.mark.parametrize("service", ["", HELLO])
def test_is_serving(caller, service):
    assert caller.health(service) == "SERVING"


def test_health_of_an_unknown_service_is_not_found(caller):
    with pytest.raises(grpc.RpcError) as caught:
        caller.health("no.such.Service")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_readiness_switch_turns_health_off_and_on(server, caller):
    assert server.admin("/readyz").status == 200

    assert server.admin("/readyz/disable", "POST").status in (200, 202, 204)
    assert (caller.health(), caller.health(HELLO)) == ("NOT_SERVING", "NOT_SERVING")
    assert server.admin("/readyz").status == 503
    assert server.admin("/healthz").status == 200, "alive, though not ready"
    assert caller.say_hello("Ada").message == "Hello Ada", "not ready means: still answering"

    assert server.admin("/readyz/enable", "POST").status in (200, 202, 204)
    assert (caller.health(), caller.health(HELLO)) == ("SERVING", "SERVING")
    assert server.admin("/readyz").status == 200


def test_readiness_is_not_switched_by_get(server):
    answer = server.admin("/readyz/disable")
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert server.admin("/readyz").status == 200


def test_unknown_admin_path_is_404(server):
    assert server.admin("/nothing").status == 404


def test_not_ready_while_it_shuts_down(start):
    server = start("grpc-server", SHUTDOWN_DELAY="60s")
    with client(server.address("grpc")) as caller:
        assert caller.health() == "SERVING"
        server.terminate()
        eventually(lambda: caller.health() == "NOT_SERVING")
        assert caller.say_hello("Ada").message == "Hello Ada", "still answering during the delay"
    server.process.kill()
    server.process.wait()
    server.process.returncode = 0  # its end was ours


@pytest.mark.parametrize("path", ["/readyz/disable", "/readyz/enable"])
def test_actions_on_the_admin_port_can_be_switched_off(start, path):
    server = start("grpc-server", ADMIN_ACTIONS="off")
    answer = server.admin(path, "POST")
    assert answer.status == 403 and "ADMIN_ACTIONS" in answer.text
    assert server.admin("/readyz").status == 200
