"""A client as frames: what a server makes of the compressed flag, and whether its answers have it."""

from contextlib import closing

from .cases import LARGE_RESPONSE, NotApplicable, boolean, large_request, output_request, payload
from .frames import Stream, connect, message
from .protos import messages


def call(address: str, method: str, *frames: bytes, encoding: str | None = None, accept: str = "gzip") -> Stream:
    """What has come of one call when the server has ended it."""
    with closing(connect(address)) as connection:
        fields = {
            ":method": "POST", ":scheme": "http", ":path": f"/grpc.testing.TestService/{method}", ":authority": "x",
            "te": "trailers", "content-type": "application/grpc", "grpc-accept-encoding": accept,
        }
        if encoding:
            fields["grpc-encoding"] = encoding
        connection.send_headers(1, fields)
        connection.send_data(1, b"".join(frames), end=True)
        stream = connection.stream(1)
        connection.read_until(lambda: stream.ended or stream.reset is not None)
        assert stream.reset is None, f"RST_STREAM {stream.reset}"
        return stream


def unary(address: str, request, flagged: bool, encoding: str = "gzip", **options) -> tuple[int, bytes] | None:
    """Flag and content of the answer; None if there is none, because the call failed."""
    request = message(request.SerializeToString(), encoding if flagged else None)
    answers = call(address, "UnaryCall", request, encoding=encoding, **options).messages("gzip")
    assert len(answers) <= 1
    return answers[0] if answers else None


def client_compressed_unary(address: str):
    large = messages.SimpleResponse(payload=payload(LARGE_RESPONSE)).SerializeToString()
    sees_flag = unary(address, large_request(expect_compressed=boolean(True)), flagged=False) is None
    for encoding in ("gzip", "deflate"):
        answer = unary(address, large_request(expect_compressed=boolean(True)), True, encoding, accept="identity")
        assert answer == (0, large)
    assert unary(address, large_request(expect_compressed=boolean(False)), False, accept="identity") == (0, large)
    if not sees_flag:
        raise NotApplicable("the server does not see whether a request was compressed")


def server_compressed_unary(address: str):
    large = messages.SimpleResponse(payload=payload(LARGE_RESPONSE)).SerializeToString()
    assert unary(address, large_request(response_compressed=boolean(True)), flagged=False) == (1, large)
    assert unary(address, large_request(response_compressed=boolean(False)), flagged=False) == (0, large)


def client_compressed_streaming(address: str):
    def request(size: int, flagged: bool) -> bytes:
        content = messages.StreamingInputCallRequest(payload=payload(size), expect_compressed=boolean(flagged))
        return message(content.SerializeToString(), "gzip" if flagged else None)

    wrong = message(
        messages.StreamingInputCallRequest(payload=payload(9), expect_compressed=boolean(True)).SerializeToString())
    sees_flag = call(address, "StreamingInputCall", wrong, encoding="gzip").messages("gzip") == []
    stream = call(address, "StreamingInputCall", request(27182, True), request(45904, False), encoding="gzip")
    [(_, answer)] = stream.messages("gzip")
    assert messages.StreamingInputCallResponse.FromString(answer).aggregated_payload_size == 73086
    if not sees_flag:
        raise NotApplicable("the server does not see whether a request was compressed")


def server_compressed_streaming(address: str):
    request = output_request(31415, 92653)
    request.response_parameters[0].compressed.value = True
    request.response_parameters[1].compressed.value = False
    stream = call(address, "StreamingOutputCall", message(request.SerializeToString()))
    assert stream.messages("gzip") == [
        (flag, messages.StreamingOutputCallResponse(payload=payload(size)).SerializeToString())
        for flag, size in ((1, 31415), (0, 92653))]


FLAG_CASES = {
    case.__name__: case
    for case in (
        client_compressed_unary, server_compressed_unary, client_compressed_streaming, server_compressed_streaming)
}
