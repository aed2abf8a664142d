"""gRPC servers that are not ours, as somebody else may have them: grpcio, with or without health, reflection, TLS, age."""

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from .ports import free_port, loopback_addresses
from .protos import messages, services

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Refusing(health_pb2_grpc.HealthServicer):
    """Wants a token that nobody has."""

    def Check(self, request, context):
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")


class Hello(services.HelloWorldServicer):
    def __init__(self, name: str):
        self._name = name

    def SayHello(self, request, context):
        return messages.HelloReply(message="Hello", hostname=self._name)


@contextlib.contextmanager
def orders(address: str = "127.0.0.1:0", *, name: str = "orders-1", statuses: dict | None = {"": SERVING},
           age: str | None = None, reflects: bool = False, identity=None, client_authority=None, shared: bool = False):
    """→ its address. `statuses` None: no health service; `age` in milliseconds; `shared`: the port, by SO_REUSEPORT."""
    options = [("grpc.so_reuseport", int(shared))] + ([("grpc.max_connection_age_ms", int(age))] if age else [])
    server = grpc.server(ThreadPoolExecutor(8), options=options)
    services.add_HelloWorldServicer_to_server(Hello(name), server)
    if statuses is not None:
        servicer = Refusing() if statuses == "refuses" else health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        for service, status in (statuses if isinstance(statuses, dict) else {}).items():
            servicer.set(service, status)
    if reflects:
        names = (messages.DESCRIPTOR.services_by_name["HelloWorld"].full_name, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
    if identity:
        certificate, key = identity
        credentials = grpc.ssl_server_credentials(
            [(key.read_bytes(), certificate.read_bytes())],
            client_authority.certificate.read_bytes() if client_authority else None, client_authority is not None)
        port = server.add_secure_port(address, credentials)
    else:
        port = server.add_insecure_port(address)
    server.start()
    try:
        yield f"{address.rpartition(':')[0]}:{port}"
    finally:
        server.stop(grace=None).wait()


@contextlib.contextmanager
def several(count: int, **options):
    """→ their target: each on an address of its own, with one port."""
    addresses = loopback_addresses(count)
    port = free_port(*addresses)
    with contextlib.ExitStack() as stack:
        yield "ipv4:" + ",".join(
            stack.enter_context(orders(f"{address}:{port}", name=f"orders-{number}", **options))
            for number, address in enumerate(addresses))


@contextlib.contextmanager
def listener(answer=None, backlog: int = 16):
    """→ the address of a port that takes connections. `answer(connection)` is called with each; without one, nobody does
    anything with them."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        answer(connection)
                    except OSError:
                        pass
        if answer:
            threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            if answer:
                server.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relay(behind: str, late: float = 0):
    """→ the address of a port that passes all on to `behind`, and what cuts it off: every connection, and the port. Nothing
    passes in a connection's first `late` seconds."""
    host, _, port = behind.rpartition(":")
    server = socket.create_server(("127.0.0.1", 0))
    pairs: list[socket.socket] = []

    def pump(source, sink):
        time.sleep(late)
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                onward = socket.create_connection((host, int(port)))
                pairs.extend((connection, onward))
                for pair in ((connection, onward), (onward, connection)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def cut():
        for one in (server, *pairs):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}", cut
    finally:
        cut()


@contextlib.contextmanager
def black_hole():
    """→ the address of a port whose queue is full, so that the kernel drops every further SYN: no answer at all."""
    with listener(backlog=0) as address, contextlib.ExitStack() as stack:
        host, _, port = address.rpartition(":")
        while True:
            connection = stack.enter_context(socket.socket())
            connection.settimeout(0.3)
            try:
                connection.connect((host, int(port)))
            except TimeoutError:
                break
        yield address
