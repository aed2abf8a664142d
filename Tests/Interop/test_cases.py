"""Each of gRPC's interop cases, in each direction. Where one side does not show the compressed flag, or would never do
what a case wants, the other side is frames.

The directions without ours show that the harness is right.
"""

import pytest

from interop.cases import CASES, NEGATIVE, NotApplicable, connected
from interop.ours import run_client
from interop.raw_client import FLAG_CASES
from interop.raw_service import NEGATIVE as SCRIPTS
from interop.raw_service import Flags, raw_server
from interop.table import record

# The method that each of these calls, and the flags of its messages, call by call; the first call of a client's cases
# is there to see whether the server looks at the flag.
FLAGS = {
    "client_compressed_unary": ("unary_call", [[0], [1], [0]]),
    "server_compressed_unary": ("unary_call", [[0], [0]]),
    "client_compressed_streaming": ("streaming_input_call", [[0], [1, 0]]),
    "server_compressed_streaming": ("streaming_output_call", [[0]]),
}


def applicable(case, *arguments):
    try:
        case(*arguments)
    except NotApplicable as reason:
        pytest.skip(str(reason))


def by_grpcio(cases, case: str, address: str):
    with connected(address) as peer:
        applicable(cases[case], peer)


def by_ours(_, case: str, address: str):
    applicable(run_client, case, address)


CLIENTS = {"ours": by_ours, "grpcio": by_grpcio}


@pytest.fixture(params=["ours", "grpcio"])
def client(request) -> str:
    return request.param


@pytest.fixture(params=["ours", "grpcio"])
def server(request) -> tuple[str, str]:
    """Its name and where it is."""
    return request.param, request.getfixturevalue(f"{request.param}_server").address


@pytest.mark.parametrize("case", CASES)
def test_case(case, client, server, record_property):
    name, address = server
    record(record_property, case, f"{client} → {name}")
    CLIENTS[client](CASES, case, address)


@pytest.mark.parametrize("case", FLAG_CASES)
def test_frames_to_server(case, server, record_property):
    name, address = server
    record(record_property, case, f"frames → {name}")
    applicable(FLAG_CASES[case], address)


@pytest.mark.parametrize("case", FLAGS)
def test_client_to_frames(case, client, record_property):
    record(record_property, case, f"{client} → frames")
    method, expected = FLAGS[case]
    flags = Flags()
    with raw_server(getattr(flags, method)) as server:
        try:
            CLIENTS[client](CASES, case, server.address)
        except pytest.skip.Exception:
            pass  # this server sees the flag
    assert flags.seen == expected


@pytest.mark.parametrize("case", NEGATIVE)
def test_negative_case(case, client, record_property):
    record(record_property, case, f"{client} → frames")
    with raw_server(SCRIPTS[case]) as server:
        CLIENTS[client](NEGATIVE, case, server.address)
    assert len(server.connections) == (2 if case == "goaway" else 1)
