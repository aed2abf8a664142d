"""A hundred thousand calls of a client that is not ours, over connections that live for two seconds."""

import concurrent.futures
import itertools
import json

import grpc
import pytest

from support.protos import messages, services

CALLS = 100_000
CALLERS = 8

ROUND_ROBIN = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})


@pytest.mark.long
@pytest.mark.timeout(600)
def test_grpcio_with_round_robin_loses_no_call_to_connection_age(start):
    servers = [start("grpc-server", POD_NAME=f"pod-{n}", MAX_CONNECTION_AGE="2s", LOG_LEVEL="error") for n in range(3)]
    target = "ipv4:" + ",".join(server.address("grpc") for server in servers)
    options = [("grpc.enable_http_proxy", 0), ("grpc.service_config", ROUND_ROBIN), ("grpc.enable_retries", 0)]
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
