"""A hundred thousand calls of a client that is not ours, over connections that live for two seconds."""

import concurrent.futures
import itertools
import json
import re
import subprocess

import grpc
import pytest

from support.paths import tool
from support.protos import messages, services

CALLS = 100_000
CALLERS = 8

ROUND_ROBIN = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})


@pytest.mark.long
@pytest.mark.timeout(600)
def test_grpcio_with_round_robin_loses_no_call_to_connection_age(start):
    servers = [start("grpc-server", POD_NAME=f"pod-{n}", MAX_CONNECTION_AGE="2s", LOG_LEVEL="error") for n in range(3)]
    target = "ipv4:" + ",".join(server.address("grpc") for server in servers)
    # Retries stay on: without them grpcio fails a call that it had not yet sent when GOAWAY came, with "Stream removed",
    # instead of sending it on another connection. Seen once in two runs with ("grpc.enable_retries", 0).
    options = [("grpc.enable_http_proxy", 0), ("grpc.service_config", ROUND_ROBIN)]
    turn = itertools.count()
    served: dict[str, int] = {}
    failures: list[str] = []

    with grpc.insecure_channel(target, options) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        stub = services.HelloWorldStub(channel)

        def caller():
            while next(turn) < CALLS:
                try:
                    pod = stub.SayHello(messages.HelloRequest(name="Ada"), timeout=20).hostname
                    served[pod] = served.get(pod, 0) + 1
                except grpc.RpcError as error:
                    failures.append(f"{error.code().name}: {error.details()}")

        with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
            for running in [callers.submit(caller) for _ in range(CALLERS)]:
                running.result()
    print(served, failures[:10])
    assert failures == []
    assert set(served) == {"pod-0", "pod-1", "pod-2"}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_our_channel_loses_no_call_to_connection_age(start):
    """Three times as many, since they are quicker: every connection is replaced several times meanwhile."""
    calls = 3 * CALLS
    servers = [start("grpc-server", POD_NAME=f"pod-{n}", MAX_CONNECTION_AGE="2s", LOG_LEVEL="error") for n in range(3)]
    target = "ipv4:" + ",".join(server.address("grpc") for server in servers)
    gateway = start("gateway", GRPC_TARGET=target, LOG_LEVEL="error")
    command = [tool("h2load"), "--h1", "-c10", f"-n{calls}", f"http://{gateway.address('http')}/go/sample"]
    report = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout
    assert re.search(rf"requests: .* {calls} succeeded, 0 failed, 0 errored, 0 timeout", report), report
    assert re.search(rf"status codes: {calls} 2xx", report), report
