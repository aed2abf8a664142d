"""grpc-server, called by grpcurl (grpc-go)."""

import json
import subprocess

from support.paths import PROTOS, tool


def grpcurl(server, method: str, data: str = "{}", *options: str) -> subprocess.CompletedProcess:
    command = [
        tool("grpcurl"), "-plaintext", "-import-path", PROTOS, "-proto", "sample/service/hello_world.proto",
        "-max-time", "10", *options, "-d", data, server.address("grpc"), method,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def test_says_hello(server):
    result = grpcurl(server, "sample.service.HelloWorld/SayHello", '{"name": "Ada"}')
    assert result.returncode == 0, result.stderr
    reply = json.loads(result.stdout)
    assert (reply["message"], reply["hostname"]) == ("Hello Ada", "pod-1")


def test_shows_the_status_of_a_failed_call(server):
    result = grpcurl(server, "sample.service.HelloWorld/SayHello", "{}", "-H", "x-delay: soon")
    assert result.returncode != 0
    assert "InvalidArgument" in result.stderr
