"""A collector of spans: grpcio, with the messages and stubs that OpenTelemetry publishes (opentelemetry-proto)."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as services
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from .eventually import PATIENCE, eventually

KINDS = {number: name.removeprefix("SPAN_KIND_") for name, number in Span.SpanKind.items()}
STATUSES = {0: "UNSET", 1: "OK", 2: "ERROR"}
HAS_REMOTE, IS_REMOTE = 0x100, 0x200


def tracing(url: str, **more: str) -> dict[str, str]:
    """Spans go after 20 ms, not 5 s, once their loop has handed them over."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_BSP_SCHEDULE_DELAY": "20", **more}


def traceparent(flags: str = "01") -> tuple[str, str, str]:
    trace, parent = secrets.token_hex(16), secrets.token_hex(8)
    return trace, parent, f"00-{trace}-{parent}-{flags}"


def plain(attributes: list[KeyValue]) -> dict[str, object]:
    keys = [each.key for each in attributes]
    assert len(set(keys)) == len(keys), f"OTLP wants keys to be unique: {keys}"
    return {each.key: value_of(each.value) for each in attributes}


def value_of(value: AnyValue):
    return getattr(value, value.WhichOneof("value"))


@dataclass
class Received:
    """One span, with what its message says of who made it."""

    span: Span
    resource: dict[str, object]
    scope: str

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def kind(self) -> str:
        return KINDS[self.span.kind]

    @property
    def trace(self) -> str:
        return self.span.trace_id.hex()

    @property
    def id(self) -> str:
        return self.span.span_id.hex()

    @property
    def parent(self) -> str:
        return self.span.parent_span_id.hex()

    @property
    def service(self) -> str:
        return self.resource["service.name"]

    @property
    def attributes(self) -> dict[str, object]:
        return plain(self.span.attributes)

    @property
    def status(self) -> tuple[str, str]:
        return STATUSES[self.span.status.code], self.span.status.message

    def check(self):
        """What OTLP asks of every span."""
        assert len(self.span.trace_id) == 16 and any(self.span.trace_id)
        assert len(self.span.span_id) == 8 and any(self.span.span_id)
        assert len(self.span.parent_span_id) in (0, 8)
        assert self.span.name and self.span.kind
        assert 0 < self.span.start_time_unix_nano <= self.span.end_time_unix_nano
        assert self.span.flags & 0xff & 1, "it is sampled"
        assert self.span.flags & HAS_REMOTE


class Collector(services.TraceServiceServicer):
    """Takes all spans, unless `fails` has something else for the next exports: a status code's name, that name and
    ` pushback` (try again after 50 ms). While it is not `answering` everybody waits; `rejects` is how many of a
    batch it says not to have taken."""

    def __init__(self, address: str = "127.0.0.1:0", credentials: grpc.ServerCredentials | None = None):
        self.fails: list[str] = []
        self.answering = threading.Event()
        self.answering.set()
        self.rejects = 0
        self.exports = 0
        self.largest = 0
        self.at_once = 0
        self.most_at_once = 0
        self.metadata: dict[str, str] = {}
        self.peers: set[str] = set()
        self._spans: list[Received] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        services.add_TraceServiceServicer_to_server(self, self._server)
        if credentials:
            port = self._server.add_secure_port(address, credentials)
        else:
            port = self._server.add_insecure_port(address)
        self.address = f"{address.rpartition(':')[0]}:{port}"
        self.url = f"http{'s' if credentials else ''}://{self.address}"
        self._server.start()

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stopping.set()
        self.answering.set()
        self._server.stop(grace=None).wait()

    @property
    def spans(self) -> list[Received]:
        with self._lock:
            return list(self._spans)

    def named(self, name: str) -> list[Received]:
        return [span for span in self.spans if span.name == name]

    def wait_for(self, *names: str, trace: str | None = None, within: float = PATIENCE) -> list[Received]:
        """One span of each name, of that trace; in the order of the names."""
        found: list[Received] = []

        def all_are_there() -> bool:
            every = [span for span in self.spans if trace in (None, span.trace)]
            found[:] = [next((span for span in every if span.name == name), None) for name in names]
            return None not in found

        eventually(all_are_there, within=within)
        return found

    def Export(self, request: messages.ExportTraceServiceRequest, context: grpc.ServicerContext):
        with self._lock:
            self.exports += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.metadata = dict(context.invocation_metadata())
            self.peers.add(context.peer())
            failure = self.fails.pop(0) if self.fails else None
        try:
            self.answering.wait(30)
            return self._answer(request, context, failure)
        finally:
            with self._lock:
                self.at_once -= 1

    def _answer(self, request, context, failure):
        if failure:
            code, *more = failure.split()
            if more:
                context.set_trailing_metadata((("grpc-status-details-bin", retry_info(code, nanoseconds=50_000_000)),))
            context.abort(grpc.StatusCode[code], "as the test says")
        received = [
            Received(span, plain(part.resource.attributes), scope.scope.name)
            for part in request.resource_spans for scope in part.scope_spans for span in scope.spans]
        for span in received:
            span.check()
        with self._lock:
            self.largest = max(self.largest, len(received))
            self._spans += received
        if self.rejects:
            return messages.ExportTraceServiceResponse(partial_success=messages.ExportTracePartialSuccess(
                rejected_spans=self.rejects, error_message="as the test says"))
        return messages.ExportTraceServiceResponse()


def retry_info(code: str, nanoseconds: int) -> bytes:
    """google.rpc.Status with a google.rpc.RetryInfo; their protos are none of the packages here."""
    from google.protobuf.any_pb2 import Any
    from google.protobuf.duration_pb2 import Duration

    def field(number: int, content: bytes) -> bytes:
        assert len(content) < 128
        return bytes([number << 3 | 2, len(content)]) + content

    info = field(1, Duration(nanos=nanoseconds).SerializeToString())
    detail = Any(type_url="type.googleapis.com/google.rpc.RetryInfo", value=info).SerializeToString()
    return bytes([0x08, grpc.StatusCode[code].value[0]]) + field(3, detail)
