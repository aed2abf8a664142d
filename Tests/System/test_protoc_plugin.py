"""protoc-gen-sample, driven by protoc: what it refuses, and what the code says that it writes."""

import os
import shutil
import subprocess

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from support.paths import PROGRAMS, PROTOS, ROOT, tool


@pytest.fixture
def generate(tmp_path):
    """generate(text, "parts=messages") → what protoc says, and the files by name"""

    def run(text: str, options: str = "", name: str = "a.proto"):
        sources, output = tmp_path / "protos", tmp_path / "out"
        sources.mkdir(exist_ok=True)
        output.mkdir(exist_ok=True)
        (sources / name).write_text(text)
        result = call(sources, output, options, name)
        return result, {path.name: path.read_text() for path in output.iterdir()}

    return run


def call(sources, output, options: str, *names: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [tool("protoc"), f"-I{sources}", f"--plugin={PROGRAMS / 'protoc-gen-sample'}",
         f"--sample_out={options}:{output}", *names], capture_output=True, text=True)


@pytest.mark.parametrize("head", ["", 'syntax = "proto2";\n'], ids=["no syntax", "proto2"])
def test_proto2_is_refused(generate, head):
    result, files = generate(head + "message A { optional string b = 1; }")
    assert result.returncode != 0
    assert 'a.proto: its syntax is proto2, expected `syntax = "proto3";`' in result.stderr
    assert files == {}


@pytest.mark.parametrize("options, problem", [
    ("parts=messages+code", 'has a part "code", expected some of messages, client, server, descriptor'),
    ("colour=red", 'has "colour=red", expected parts=…+… or name=…'),
])
def test_an_option_that_is_unknown_is_refused(generate, options, problem):
    result, _ = generate('syntax = "proto3"; message A {}', options)
    assert result.returncode != 0 and problem in result.stderr


def test_what_is_no_request_of_protoc_is_refused():
    result = subprocess.run([PROGRAMS / "protoc-gen-sample"], input=b"\x0a\x7f", capture_output=True)
    assert result.returncode == 1
    assert b"standard input is no CodeGeneratorRequest of protoc: field 1 at byte 0" in result.stderr


def test_comments_are_carried_over(generate):
    _, files = generate("""
        syntax = "proto3";
        package x;
        // Of the service.
        service Talk {
          // Of the method.
          rpc Say(A) returns (stream A);
        }
        /* Of the message,
         * in two lines. */
        message A {
          string b = 1;  // Behind the field.
          // Of the oneof.
          oneof c {
            /* Of its case. */ bool d = 2;
          }
        }
        // Of the enum.
        enum E {
          // Of its value; and so long that it needs two lines of code, because it has very many words, which stand one behind the other.
          E_NONE = 0;
        }
    """)
    messages, stubs = files["A.pb.swift"], files["A.grpc.swift"]
    for comment in ("Of the message,", "in two lines.", "Behind the field.", "Of the oneof.", "Of its case.", "Of the enum."):
        assert f"/// {comment}\n" in messages
    assert stubs.count("/// Of the service.\n") == 1
    # In the server's protocol, and in the client.
    assert stubs.count("/// Of the method.\n") == 2
    assert "because it has very many words, which stand one behind the other." in messages.replace("\n    /// ", " ")
    assert max(map(len, messages.splitlines())) <= 120


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"], ids=["CRLF", "CR", "LF"])
def test_a_comment_is_no_code_however_its_lines_end(generate, end):
    comment = f"/* Harmless,{end}let first = 1{end}let second = 2 */"
    _, files = generate(f'syntax = "proto3";\n{comment}\nmessage A {{}}')
    lines = files["A.pb.swift"].splitlines()
    assert "/// let first = 1" in lines and "/// let second = 2" in lines


HIDING = """
    message Status { string text = 1; }
    message Job {
      message Status { int32 code = 1; }
      Status own = 1;
      %s
    }
"""


@pytest.mark.parametrize("field", [
    ".Status outer = 2;", "map<string, .Status> outers = 2;", "oneof result { .Status outer = 2; }",
    "message Step { .Status outer = 1; }",
])
def test_a_type_that_another_hides_from_swift_is_refused(generate, field):
    """Swift would take the inner one, and say nothing where both have what is asked for."""
    result, files = generate('syntax = "proto3";' + HIDING % field)
    assert result.returncode != 0 and files == {}
    assert 'message Status hides Status from Swift; `option swift_prefix = "V1";`' in result.stderr
    result, files = generate('syntax = "proto3"; option swift_prefix = "V1";' + HIDING % field)
    assert result.returncode == 0 and "V1Job.Status" in files["A.pb.swift"]


def test_an_inner_type_may_have_the_name_of_an_outer_one(generate):
    result, files = generate('syntax = "proto3";' + HIDING % "")
    assert result.returncode == 0 and "var own: Job.Status?" in files["A.pb.swift"]


@pytest.mark.parametrize("text, problem", [
    ("message A { int32 b_c = 1; oneof bC { int32 d = 2; } }",
     "message A has oneof bC and b_c, which are both `bC` in Swift"),
    ("message A { int32 encoded = 1; oneof encoded_ { int32 b = 2; } }",
     "message A has oneof encoded_ and encoded, which are both `encoded_` in Swift"),
    ("enum E { option allow_alias = true; A_B = 0; a_b = 0; }", "enum E has A_B and a_b, which are both `aB` in Swift"),
    ("message A { message b {} b b_ = 1; }", "message A has message b and b_, which are both `b` in Swift"),
    ("message Error {} message Kind {} message A { message KindCase {} oneof kind { int32 b = 1; } }",
     "message A has message KindCase and oneof kind, which are both `KindCase` in Swift"),
    ("message Channel {} message ChannelMessage {}",
     "the file has message Channel and message ChannelMessage, which are both `ChannelMessage` in Swift"),
    ("message A {} service Talk { rpc Say(A) returns (A); rpc say(A) returns (A); }",
     "service Talk has rpc Say and rpc say, which are both `say` in Swift"),
    ("message TalkClient {} service Talk { rpc Say(TalkClient) returns (TalkClient); }",
     "the file has message TalkClient and service Talk, which are both `TalkClient` in Swift"),
])
def test_two_names_that_are_one_in_swift_are_refused(generate, text, problem):
    result, files = generate('syntax = "proto3"; ' + text)
    assert result.returncode != 0 and files == {}
    assert f"a.proto: {problem}" in result.stderr


@pytest.mark.parametrize("parts", ["messages", "messages+server", "client", "descriptor"])
def test_what_is_not_written_may_be_called_anything(generate, parts):
    result, _ = generate(
        'syntax = "proto3"; message TalkClient {} service Talk { rpc Say(TalkClient) returns (TalkClient); }',
        f"parts={parts}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("index", [-1, 1, 2**31 - 1])
def test_a_oneof_that_there_is_not_is_refused(index):
    """protoc sends none such; but what comes from outside is no reason to crash."""
    request = CodeGeneratorRequest(file_to_generate=["a.proto"])
    message = request.proto_file.add(name="a.proto", syntax="proto3").message_type.add(name="A")
    message.oneof_decl.add(name="b")
    message.field.add(name="c", number=1, type=FieldDescriptorProto.TYPE_INT32, oneof_index=index)
    result = subprocess.run([PROGRAMS / "protoc-gen-sample"], input=request.SerializeToString(), capture_output=True)
    assert result.returncode == 0, result.stderr
    answer = CodeGeneratorResponse.FromString(result.stdout)
    assert answer.error == f"a.proto: c of A is in oneof {index}, which there is not"


def test_parts_and_names_are_as_asked_for(generate):
    text = 'syntax = "proto3"; message A {} service S { rpc C(A) returns (A); }'
    assert generate(text, name="one_two.proto")[1].keys() == {
        "OneTwo.pb.swift", "OneTwo.grpc.swift", "OneTwo.descriptor.swift"}
    _, files = generate(text, "parts=client,name=Other", name="three.proto")
    stub = files["Other.grpc.swift"]
    assert "struct SClient" in stub and "protocol SService" not in stub


def test_a_prefix_stands_in_front_of_every_name(generate):
    _, files = generate("""
        syntax = "proto3";
        package x;
        option swift_prefix = "V1";
        message A { A a = 1; E e = 2; B b = 3; message B {} }
        enum E { E_NONE = 0; }
        service S { rpc C(A) returns (A); }
    """)
    messages, stubs = files["A.pb.swift"], files["A.grpc.swift"]
    for declaration in (
            "struct V1A: ", "enum V1E: ", "    package struct B: ", "var a: V1A?", "var e: V1E = .none", "var b: V1A.B?"):
        assert declaration in messages
    for declaration in ("enum V1S {", '"x.S"', "protocol V1SService", "struct V1SClient", "request: V1A,"):
        assert declaration in stubs


def test_two_runs_give_the_same(tmp_path):
    names = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    written = []
    for run in ("first", "second"):
        for name in names:
            output = tmp_path / run / name
            output.mkdir(parents=True)
            result = call(PROTOS, output, "", name)
            assert result.returncode == 0, result.stderr
        written.append({
            str(path.relative_to(tmp_path / run)): path.read_bytes() for path in (tmp_path / run).rglob("*.swift")})
    assert len(written[0]) > len(names)
    assert written[0] == written[1]


@pytest.fixture
def tree(tmp_path):
    """What scripts/proto looks at, to be changed."""
    for folder in ("protos", "Tests/protos", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / ".swift-format", tmp_path)
    for suffix in ("pb", "grpc", "descriptor"):
        for wing in ("Sources", "Tests"):
            for path in (ROOT / wing).rglob(f"*.{suffix}.swift"):
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
    return tmp_path


def write(tree, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [tree / "scripts" / "proto", *options], env={**os.environ, "PLUGIN": str(PROGRAMS / "protoc-gen-sample")},
        capture_output=True, text=True)


def test_what_is_committed_is_what_the_protos_give(tree):
    result = write(tree, "--check")
    assert (result.returncode, result.stdout) == (0, "")


def test_lint_sees_what_differs_and_make_proto_mends_it(tree):
    api = tree / "Sources" / "services" / "HelloWorldAPI"
    proto = tree / "protos" / "sample" / "service" / "hello_world.proto"
    proto.write_text(proto.read_text().replace("string name = 1;", "string name = 7;", 1))
    (api / "HelloWorld.grpc.swift").unlink()
    (api / "Former.pb.swift").write_text("")
    result = write(tree, "--check")
    assert result.returncode == 1
    for problem in (
            "HelloWorld.pb.swift: differs from what its proto gives", "case 0x3a: name = try reader.string()",
            "HelloWorld.grpc.swift: differs from what its proto gives",
            "HelloWorld.descriptor.swift: differs", "Former.pb.swift: no proto gives it"):
        assert problem in result.stdout
    assert not (api / "HelloWorld.grpc.swift").exists()
    assert write(tree).returncode == 0
    assert not (api / "Former.pb.swift").exists()
    assert "field: 7" in (api / "HelloWorld.pb.swift").read_text()
    assert write(tree, "--check").returncode == 0


def test_every_proto_has_its_code():
    """scripts/proto has a line for each file in protos."""
    script = (ROOT / "scripts" / "proto").read_text()
    assert [str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto")
            if f" {path.relative_to(PROTOS)} " not in script] == []
