"""Each of gRPC's interop cases, in each direction. Where one side does not show the compressed flag, or would never do
what a case wants, the other side is frames.

The directions without ours show that the harness is right.
"""

import pytest

from interop.cases import CASES, NEGATIVE, NotApplicable, connected
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


def by_grpcio(case, address: str):
    with connected(address) as peer:
        applicable(case, peer)


@pytest.mark.parametrize("case", CASES)
def test_grpcio_to_grpcio(case, grpcio_server, record_property):
    record(record_property, case, "grpcio → grpcio")
    by_grpcio(CASES[case], grpcio_server.address)


@pytest.mark.parametrize("case", FLAG_CASES)
def test_frames_to_grpcio(case, grpcio_server, record_property):
    record(record_property, case, "frames → grpcio")
    applicable(FLAG_CASES[case], grpcio_server.address)


@pytest.mark.parametrize("case", FLAGS)
def test_grpcio_to_frames(case, record_property):
    record(record_property, case, "grpcio → frames")
    method, expected = FLAGS[case]
    flags = Flags()
    with raw_server(getattr(flags, method)) as server, connected(server.address) as peer:
        try:
            CASES[case](peer)
        except NotApplicable:
            pass  # this server sees the flag
    assert flags.seen == expected


@pytest.mark.parametrize("case", NEGATIVE)
def test_negative_grpcio_to_frames(case, record_property):
    record(record_property, case, "grpcio → frames")
    with raw_server(SCRIPTS[case]) as server:
        by_grpcio(NEGATIVE[case], server.address)
    assert len(server.connections) == (2 if case == "goaway" else 1)
