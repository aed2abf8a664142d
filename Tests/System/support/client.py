"""A gRPC client that is not ours: grpcio."""

from contextlib import contextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from .protos import messages, services

SAY_HELLO = "/sample.service.HelloWorld/SayHello"

OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a connection for each channel
    ("grpc.max_send_message_length", -1),  # the server's limit is what is tested
    ("grpc.max_receive_message_length", -1),
]


class Client:
    """Calls on one connection; every call has a time limit of 30 s unless it gives another."""

    def __init__(self, channel: grpc.Channel):
        self.channel = channel
        self._hello = services.HelloWorldStub(channel)
        self._health = health_pb2_grpc.HealthStub(channel)

    def say_hello(self, name: str = "", timeout: float = 30, **metadata: str) -> messages.HelloReply:
        return self._hello.SayHello(messages.HelloRequest(name=name), timeout=timeout, metadata=pairs(metadata))

    def start_hello(self, name: str = "", timeout: float = 30, **metadata: str) -> grpc.Future:
        return self._hello.SayHello.future(messages.HelloRequest(name=name), timeout=timeout, metadata=pairs(metadata))

    def raw(self, path: str, request: bytes = b"") -> bytes:
        return self.channel.unary_unary(path)(request, timeout=30)

    def health(self, service: str = "") -> str:
        reply = self._health.Check(health_pb2.HealthCheckRequest(service=service), timeout=30)
        return health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status)


def pairs(metadata: dict[str, str]) -> list[tuple[str, str]]:
    return [(key.replace("_", "-"), value) for key, value in metadata.items()]


@contextmanager
def client(address: str):
    with grpc.insecure_channel(address, OPTIONS) as channel:
        yield Client(channel)
