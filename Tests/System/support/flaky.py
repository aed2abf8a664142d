"""A gRPC server of grpcio's that fails as a test says, and remembers each attempt."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import grpc

from .protos import messages, services


class Attempt(NamedTuple):
    arrived: float
    previous: str | None
    """What `grpc-previous-rpc-attempts` says."""
    remaining: float | None
    """What is left of the call's time, in seconds."""


class Flaky(services.HelloWorldServicer):
    """The n-th attempt gets the n-th answer of the script, or the last one: `OK`, a status code's name, that name and
    ` pushback=…`, `headers ` and a name (the head of an answer is sent first), or `hang`."""

    def __init__(self, *script: str, address: str = "127.0.0.1:0"):
        self.script = script
        self.attempts: list[Attempt] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        services.add_HelloWorldServicer_to_server(self, self._server)
        self.address = f"{address.rpartition(':')[0]}:{self._server.add_insecure_port(address)}"
        self._server.start()

    def __enter__(self) -> "Flaky":
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._server.stop(grace=None).wait()

    @property
    def pauses(self) -> list[float]:
        """Seconds from one attempt to the next."""
        return [after.arrived - before.arrived for before, after in zip(self.attempts, self.attempts[1:])]

    def _play(self, context: grpc.ServicerContext):
        metadata = dict(context.invocation_metadata())
        with self._lock:
            answer = self.script[min(len(self.attempts), len(self.script) - 1)]
            self.attempts.append(
                Attempt(time.monotonic(), metadata.get("grpc-previous-rpc-attempts"), context.time_remaining()))
        words = answer.split()
        if words[0] == "headers":
            context.send_initial_metadata((("x-begun", "1"),))
            words.pop(0)
        if words[0] == "hang":
            self._stopping.wait(30)
        if words[0] in ("OK", "hang"):
            return
        for word in words[1:]:
            context.set_trailing_metadata((("grpc-retry-pushback-ms", word.removeprefix("pushback=")),))
        context.abort(grpc.StatusCode[words[0]], "as the script says")

    def SayHello(self, request: messages.HelloRequest, context: grpc.ServicerContext) -> messages.HelloReply:
        self._play(context)
        return messages.HelloReply(message=f"Hello {request.name}", hostname="flaky", version="peer")

    def StreamHello(self, request: messages.StreamHelloRequest, context: grpc.ServicerContext):
        self._play(context)
        for _ in range(request.count):
            yield messages.HelloReply(message=f"Hello {request.name}", hostname="flaky", version="peer")
