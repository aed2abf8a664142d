"""grpc-server tells its protos to tools that do not have them: grpcurl (grpc-go) and grpcio's reflection client."""

import json
import queue
import subprocess
import tempfile

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection_pb2 as reflection
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_tools import protoc

from support.client import OPTIONS
from support.paths import PROTOS, tool

SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "sample.service.HelloWorld",
]


def grpcurl(server, *arguments: str) -> str:
    command = [tool("grpcurl"), "-plaintext", "-max-time", "10"]
    address = server.address("grpc")
    result = subprocess.run(
        [*command, *(address if word == "ADDRESS" else word for word in arguments)], capture_output=True, text=True,
        timeout=20)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(server.address("grpc"), OPTIONS) as channel:
        yield channel


def ask(channel, version: str, *requests: reflection.ServerReflectionRequest) -> list[reflection.ServerReflectionResponse]:
    """The messages of both versions are the same."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection.ServerReflectionResponse.FromString)
    return list(method(iter(requests), timeout=10))


def test_grpcurl_lists_services_and_methods(server):
    assert grpcurl(server, "ADDRESS", "list").split() == SERVICES
    assert grpcurl(server, "ADDRESS", "list", "sample.service.HelloWorld").split() == [
        "sample.service.HelloWorld.SayHello", "sample.service.HelloWorld.StreamHello"]


def test_grpcurl_describes(server):
    service = grpcurl(server, "ADDRESS", "describe", "sample.service.HelloWorld")
    assert "rpc SayHello ( .sample.service.HelloRequest ) returns ( .sample.service.HelloReply );" in service
    assert "returns ( stream .sample.service.HelloReply );" in service
    message = grpcurl(server, "ADDRESS", "describe", "sample.service.HelloReply")
    assert "string hostname = 2;" in message
    for symbol in SERVICES:
        assert grpcurl(server, "ADDRESS", "describe", symbol).startswith(f"{symbol} is a service:")


def test_grpcurl_calls_without_a_proto(server):
    reply = json.loads(grpcurl(server, "-d", '{"name": "Ada"}', "ADDRESS", "sample.service.HelloWorld/SayHello"))
    assert (reply["message"], reply["hostname"]) == ("Hello Ada", "pod-1")
    replies = grpcurl(server, "-d", '{"name": "Ada", "count": 3}', "ADDRESS", "sample.service.HelloWorld/StreamHello")
    assert replies.count('"hostname": "pod-1"') == 3
    health = grpcurl(server, "ADDRESS", "grpc.health.v1.Health/Check")
    assert json.loads(health) == {"status": "SERVING"}


def test_grpcios_reflection_client_builds_the_messages(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert sorted(database.get_services()) == SERVICES
    pool = DescriptorPool(database)
    for service in SERVICES:
        assert pool.FindServiceByName(service).methods
    fields = pool.FindMessageTypeByName("sample.service.StreamHelloRequest").fields_by_name
    assert fields["interval_ms"].number > 0
    with pytest.raises(KeyError):
        pool.FindMessageTypeByName("sample.service.Nothing")


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_every_question_has_its_answer(channel, version):
    symbol, missing, none, extensions, services = ask(
        channel, version,
        reflection.ServerReflectionRequest(host="h", file_containing_symbol="sample.service.HelloWorld.SayHello"),
        reflection.ServerReflectionRequest(file_by_filename="none.proto"),
        reflection.ServerReflectionRequest(
            file_containing_extension=reflection.ExtensionRequest(
                containing_type="sample.service.HelloReply", extension_number=100)),
        reflection.ServerReflectionRequest(all_extension_numbers_of_type="sample.service.HelloReply"),
        reflection.ServerReflectionRequest(list_services=""))
    assert (symbol.valid_host, symbol.original_request.host) == ("h", "h")
    assert len(symbol.file_descriptor_response.file_descriptor_proto) == 1
    for answer in (missing, none):
        assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert "none.proto" in missing.error_response.error_message
    assert extensions.all_extension_numbers_response.base_type_name == "sample.service.HelloReply"
    assert [service.name for service in services.list_services_response.service] == SERVICES


def test_a_stream_that_is_idle_does_not_hold_the_server(server, channel):
    """A tool keeps it for as long as its window is open."""
    questions = queue.SimpleQueue()
    method = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    call = method(iter(questions.get, None))
    questions.put(reflection.ServerReflectionRequest(list_services="").SerializeToString())
    next(call)
    assert server.stop() == 0
    assert list(call) == []
    questions.put(None)


def test_the_descriptors_are_those_of_the_protos(channel):
    """By protoc itself, for every file that a service of ours is declared in."""
    files = {
        "sample.service.HelloWorld": "sample/service/hello_world.proto",
        "grpc.health.v1.Health": "grpc/health/v1/health.proto",
        "grpc.reflection.v1.ServerReflection": "grpc/reflection/v1/reflection.proto",
        "grpc.reflection.v1alpha.ServerReflection": "grpc/reflection/v1alpha/reflection.proto",
    }
    with tempfile.NamedTemporaryFile() as output:
        assert protoc.main(["protoc", f"-I{PROTOS}", f"--descriptor_set_out={output.name}", *files.values()]) == 0
        expected = {file.name: file for file in FileDescriptorSet.FromString(output.read()).file}
    for symbol, name in files.items():
        [answer] = ask(channel, "v1", reflection.ServerReflectionRequest(file_containing_symbol=symbol))
        [descriptor] = answer.file_descriptor_response.file_descriptor_proto
        assert FileDescriptorProto.FromString(descriptor) == expected[name]
