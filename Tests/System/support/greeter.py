"""A gRPC server that is not ours: grpcio."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

from .protos import messages, services


class Greeter(services.HelloWorldServicer):
    """Answers SayHello under its own host name, or, to the name `fail CODE`, with that status.

    `calls` counts; `metadata` is the last call's; `peers` has every connection that brought a call. A call with
    `x-delay` waits until the client gives up. `delay` seconds pass before any answer; `fails` is the status of all;
    `trailers` go with them.
    """

    def __init__(self, address: str = "127.0.0.1:0", hostname: str = "greeter", streams: bool = False):
        """Without `streams` it has no StreamHello."""
        self.hostname = hostname
        self._streams = streams
        self.delay = 0.0
        self.fails: str | None = None
        self.trailers: tuple[tuple[str, str | bytes], ...] = ()
        self.calls = 0
        self.metadata: dict[str, str] = {}
        self.peers: set[str] = set()
        self.held = 0
        self._released = threading.Event()
        self._released.set()
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        services.add_HelloWorldServicer_to_server(self, self._server)
        host = address.rpartition(":")[0]
        self.port = self._open(self._server, address)
        self.address = f"{host}:{self.port}"
        self._server.start()

    def _open(self, server: grpc.Server, address: str) -> int:
        return server.add_insecure_port(address)

    def SayHello(self, request: messages.HelloRequest, context: grpc.ServicerContext) -> messages.HelloReply:
        metadata = {key: value for key, value in context.invocation_metadata()}
        with self._lock:
            self.calls += 1
            self.metadata = metadata
            self.peers.add(context.peer())
            self.held += not self._released.is_set()
        self._released.wait(30)
        if self.delay:
            threading.Event().wait(self.delay)
        context.set_trailing_metadata(self.trailers)
        if self.fails:
            context.abort(grpc.StatusCode[self.fails], "out of order")
        if request.name.startswith("fail "):
            code = request.name.removeprefix("fail ")
            context.abort(grpc.StatusCode[code], f"told to fail with {code}")
        if "x-delay" in metadata:
            gone = threading.Event()
            context.add_callback(gone.set)
            gone.wait(30)
        return messages.HelloReply(message=f"Hello {request.name}", hostname=self.hostname, version="peer")

    def StreamHello(self, request: messages.StreamHelloRequest, context: grpc.ServicerContext):
        if not self._streams:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "no streams here")
        for number in range(request.count):
            yield messages.HelloReply(message=f"Hello {request.name} {number}", hostname=self.hostname, version="peer")

    @contextlib.contextmanager
    def holding(self):
        """Within it, SayHello is not answered before `release`, and `held` counts; at most 8 at once."""
        self.held = 0
        self._released.clear()
        try:
            yield
        finally:
            self.release()

    def release(self):
        self._released.set()

    def stop(self):
        """Closes the port and every connection; returns when that is done."""
        self._server.stop(grace=None).wait()
