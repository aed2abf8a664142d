"""Messages as our generated code reads and writes them, against Google's implementation (upb, by way of Python).

Tests/base/protobuf-echo decodes and encodes `EveryField`, which has a field of every kind. What Google's accepts, ours
must, and give the same bytes back; what it refuses, ours must refuse.
"""

import random
import resource
import struct
import subprocess
import sys
import tempfile

import pytest
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from grpc_tools import protoc

from support.paths import PROGRAMS, ROOT

FOLDER = ROOT / "Tests" / "protos"
_generated = tempfile.TemporaryDirectory(prefix="sample-protobuf-")
assert protoc.main(["protoc", f"-I{FOLDER}", f"--python_out={_generated.name}", "every_field.proto"]) == 0
sys.path.insert(0, _generated.name)

from every_field_pb2 import EveryField  # noqa: E402

INTEGERS = {
    Field.TYPE_INT32: (-2**31, 2**31 - 1), Field.TYPE_SINT32: (-2**31, 2**31 - 1),
    Field.TYPE_SFIXED32: (-2**31, 2**31 - 1), Field.TYPE_INT64: (-2**63, 2**63 - 1),
    Field.TYPE_SINT64: (-2**63, 2**63 - 1), Field.TYPE_SFIXED64: (-2**63, 2**63 - 1),
    Field.TYPE_UINT32: (0, 2**32 - 1), Field.TYPE_FIXED32: (0, 2**32 - 1), Field.TYPE_UINT64: (0, 2**64 - 1),
    Field.TYPE_FIXED64: (0, 2**64 - 1), Field.TYPE_ENUM: (-2**31, 2**31 - 1),
}
FLOATS = [0.0, -0.0, 1.0, -1.5, 2.0**-149, 3.0e38, float("inf"), float("-inf"), float("nan")]
# Of one, two, three and four bytes, and the last before and the first after the surrogates.
LETTERS = "aZ0 \0\x7f\x80\u00e9\u07ff\u0800\u20ac\ud7ff\ue000\uffff\U00010000\U0010ffff"


def ours(*messages: bytes) -> list[bytes | str]:
    """Of each message what our code makes of it: its bytes, or its error."""
    request = b"".join(struct.pack(">I", len(message)) + message for message in messages)
    answer = subprocess.run([PROGRAMS / "protobuf-echo"], input=request, capture_output=True, check=True, timeout=50).stdout
    found, position = [], 0
    while position < len(answer):
        status, length = struct.unpack_from(">BI", answer, position)
        text = answer[position + 5:position + 5 + length]
        found.append(text.decode() if status else text)
        position += 5 + length
    assert len(found) == len(messages)
    return found


def theirs(message: bytes) -> bytes | None:
    """What Google's makes of it; None if it refuses it."""
    try:
        return EveryField.FromString(message).SerializeToString(deterministic=True)
    except DecodeError:
        return None


def compare(messages: list[bytes]) -> int:
    """Fails unless both agree on every message; how many they accept."""
    expected = [theirs(message) for message in messages]
    for message, mine, other in zip(messages, ours(*messages), expected):
        if other is None:
            assert isinstance(mine, str), f"accepted, and Google's refuses it: {message.hex()}"
            assert "at byte" in mine
            continue
        assert not isinstance(mine, str), f"refused, and Google's accepts it: {message.hex()}: {mine}"
        freedom = Freedom(EveryField.FromString(message))
        if freedom.has_odd_entry:
            continue
        same = mine == other or freedom.has_order and theirs(mine) == other
        assert same, f"{message.hex()}: {mine.hex()}, expected {other.hex()}"
    return sum(other is not None for other in expected)


class Freedom:
    """Where implementations may differ, and Google's own do: looked for in a message and in all inside it.

    Entries of a map have no order: in C++ and Go they ascend if told to be deterministic, in upb they descend. An entry
    that has an unknown field counts without that field in C++, Go and Swift, and is unknown itself in upb.
    """

    def __init__(self, message):
        self.has_order = False
        self.has_odd_entry = False
        self._look(message)

    def _look(self, message):
        maps = {field.number for field in message.DESCRIPTOR.fields if is_map(field)}
        for unknown in UnknownFieldSet(message):
            self.has_odd_entry |= unknown.field_number in maps and unknown.wire_type == 2
        for field, value in message.ListFields():
            if is_map(field):
                self.has_order |= len(value) > 1
                value = value.values() if field.message_type.fields_by_name["value"].message_type else []
            elif field.message_type is None:
                continue
            elif not field.is_repeated:
                value = [value]
            for inner in value:
                self._look(inner)


def is_map(field) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


class Maker:
    """Makes messages by chance; the same ones each time."""

    def __init__(self, seed: int, entries: tuple[int, ...] = (1, 2, 6)):
        """`entries` are how many a map may have."""
        self.random = random.Random(seed)
        self.entries = entries

    def value(self, field, depth: int):
        chance = self.random
        if field.type in INTEGERS:
            least, most = INTEGERS[field.type]
            edge = chance.choice([least, most, 0, 1, -1, 127, 128, 16383, 16384, chance.randint(least, most)])
            if field.type == Field.TYPE_ENUM and chance.random() < 0.7:
                edge = chance.choice(list(field.enum_type.values)).number
            return min(max(edge, least), most)
        if field.type in (Field.TYPE_DOUBLE, Field.TYPE_FLOAT):
            return chance.choice([*FLOATS, chance.uniform(-1e6, 1e6)])
        if field.type == Field.TYPE_BOOL:
            return chance.random() < 0.5
        length = chance.choice([0, 1, 2, 5, 15, 16, 130])
        if field.type == Field.TYPE_STRING:
            return "".join(chance.choices(LETTERS, k=length))
        if field.type == Field.TYPE_BYTES:
            return chance.randbytes(length)
        return self.message(field.message_type._concrete_class, depth + 1)

    def message(self, kind, depth: int = 0):
        message = kind()
        fields = list(kind.DESCRIPTOR.fields)
        count = self.random.choice([1, 3, 10, 40]) if depth == 0 else self.random.choice([0, 1, 2, 3])
        for field in self.random.sample(fields, min(count, len(fields))):
            if depth > 4 and field.message_type is not None:
                continue
            if is_map(field):
                self.fill(getattr(message, field.name), field.message_type, depth)
            elif field.is_repeated:
                values = [self.value(field, depth) for _ in range(self.random.choice([1, 2, 3, 20 if depth == 0 else 2]))]
                getattr(message, field.name).extend(values)
            elif field.message_type is not None:
                getattr(message, field.name).CopyFrom(self.value(field, depth))
            else:
                setattr(message, field.name, self.value(field, depth))
        return message

    def fill(self, entries, entry, depth: int):
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        for _ in range(self.random.choice(self.entries)):
            if value.message_type is not None:
                entries[self.value(key, depth)].CopyFrom(self.value(value, depth))
            else:
                entries[self.value(key, depth)] = self.value(value, depth)

    def encoded(self) -> bytes:
        return self.message(EveryField).SerializeToString(deterministic=True)

    def mutated(self, message: bytes) -> bytes:
        """A few bytes changed, put in, taken out, moved or cut off."""
        changed = bytearray(message)
        for _ in range(self.random.choice([1, 1, 2, 4])):
            place = self.random.randrange(len(changed) + 1)
            match self.random.randrange(6):
                case 0 if changed:
                    changed[place % len(changed)] = self.random.randrange(256)
                case 1 if changed:
                    changed[place % len(changed)] ^= 1 << self.random.randrange(8)
                case 2:
                    changed.insert(place, self.random.choice([0, 1, 0x7f, 0x80, 0xff, self.random.randrange(256)]))
                case 3:
                    del changed[place:place + self.random.choice([1, 1, 2, 8])]
                case 4:
                    changed[place:place] = changed[place // 2:place]
                case 5 if self.random.random() < 0.3:
                    del changed[place:]
        return bytes(changed)


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7f:
        digits.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes([*digits, value])


def block(number: int, content: bytes) -> bytes:
    return tag(number, 2) + varint(len(content)) + content


def test_the_peer_is_googles_own_c():
    """The pure Python one judges otherwise here and there."""
    assert api_implementation.Type() == "upb"


@pytest.mark.parametrize("seed", range(4))
def test_messages_come_back_as_they_were(seed):
    maker = Maker(seed, entries=(1,))
    messages = [maker.encoded() for _ in range(1000)]
    assert ours(*messages) == messages


def test_maps_of_several_entries_come_back():
    maker = Maker(4)
    messages = [maker.encoded() for _ in range(1000)]
    assert compare(messages) == len(messages)


def test_entries_of_maps_ascend():
    message = EveryField(
        string_to_int32={"b": 1, "": 2, "ab": 3, "\u00e9": 4}, int32_to_string={5: "", -1: "", 0: ""},
        bool_to_bytes={True: b"", False: b""})
    maps = [
        (71, [block(1, key) + tag(2, 0) + varint(value) for key, value in [
            (b"", 2), (b"ab", 3), (b"b", 1), ("\u00e9".encode(), 4)]]),
        (72, [tag(1, 0) + varint(key) + block(2, b"") for key in (2**64 - 1, 0, 5)]),
        (73, [tag(1, 0) + varint(key) + block(2, b"") for key in (0, 1)]),
    ]
    assert ours(message.SerializeToString()) == [
        b"".join(block(number, entry) for number, entries in maps for entry in entries)]


def test_every_field_alone_comes_back_as_it_was():
    maker = Maker(7, entries=(1,))
    messages = []
    for field in EveryField.DESCRIPTOR.fields:
        for _ in range(50):
            message = EveryField()
            if is_map(field):
                maker.fill(getattr(message, field.name), field.message_type, 3)
            elif field.is_repeated:
                getattr(message, field.name).extend(maker.value(field, 3) for _ in range(3))
            elif field.message_type is not None:
                getattr(message, field.name).CopyFrom(maker.value(field, 3))
            else:
                setattr(message, field.name, maker.value(field, 3))
            messages.append(message.SerializeToString(deterministic=True))
    assert ours(*messages) == messages


def test_what_is_not_canonical_means_the_same():
    """Messages one behind the other are one message: later values replace, messages merge, what is repeated adds up."""
    maker = Maker(11)
    messages = []
    for _ in range(1000):
        parts = [maker.encoded() for _ in range(3)]
        messages.append(b"".join(maker.random.choices(parts, k=maker.random.choice([2, 3, 4]))))
    assert compare(messages) == len(messages)


def test_packed_and_unpacked_are_read_whatever_the_declaration():
    one_by_one = b"".join(tag(43, 0) + varint(value) for value in (1, 300, 2**64 - 1))
    together = block(61, varint(1) + varint(300)) + tag(61, 0) + varint(7) + block(61, b"")
    doubles = block(62, struct.pack("<2d", 1.5, -0.0)) + tag(41, 1) + struct.pack("<d", 2.5)
    enums = tag(56, 0) + varint(1) + block(56, varint(77)) + block(66, varint(1) + varint(2))
    assert compare([one_by_one, together, doubles, enums]) == 4


@pytest.mark.parametrize("seed", range(100, 104))
def test_what_is_malformed_is_judged_alike(seed):
    maker = Maker(seed)
    messages = [maker.mutated(maker.encoded()) for _ in range(4000)]
    accepted = compare(messages)
    # Neither kind is rare.
    assert 400 < accepted < 3600


def test_noise_is_judged_alike():
    chance = random.Random(5)
    # Tags of fields that there are, and few bytes each, so that some are accepted.
    tags = [tag(field.number, wire_type) for field in EveryField.DESCRIPTOR.fields for wire_type in range(6)]
    messages = []
    for _ in range(10_000):
        pieces = [chance.choice(tags) + bytes(chance.choices([0, 1, 2, 3, 8, 0x80, 0xff, 0x41], k=chance.randrange(6)))]
        messages.append(b"".join(pieces * chance.choice([1, 2])))
    assert 1000 < compare(messages) < 9000


def test_known_fields_with_another_wire_type_are_kept():
    contents = {0: varint(5), 1: bytes(8), 2: b"\x01A", 3: b"\x08\x01", 5: bytes(4)}
    messages = [
        tag(field.number, wire_type) + content + (tag(field.number, 4) if wire_type == 3 else b"")
        for field in EveryField.DESCRIPTOR.fields for wire_type, content in contents.items()
    ]
    compare(messages)


def test_unknown_fields_are_kept_in_order_behind_the_known():
    unknown = tag(500, 0) + varint(1) + block(501, b"x") + tag(500, 0) + varint(2)
    known = tag(3, 0) + varint(9)
    inner = block(17, tag(500, 0) + varint(3) + tag(1, 0) + varint(4))
    message = unknown + known + inner + tag(502, 3) + tag(502, 4)
    moved = block(17, tag(1, 0) + varint(4) + tag(500, 0) + varint(3))
    assert ours(message) == [known + moved + unknown + tag(502, 3) + tag(502, 4)]
    assert compare([message]) == 1


@pytest.mark.parametrize("nest", [
    lambda depth: nested(depth, lambda inner: block(101, inner)),
    lambda depth: nested(depth, lambda inner: block(102, inner)),
    lambda depth: nested(depth, lambda inner: block(97, inner)),
    lambda depth: block(103, nested(depth - 1, lambda inner: block(1, inner))),
    lambda depth: nested(depth // 2, lambda inner: block(78, block(2, inner))) if depth % 2 == 0 else b"",
    lambda depth: tag(700, 3) * depth + tag(700, 4) * depth,
    lambda depth: nested(depth // 2, lambda inner: block(101, inner), tag(700, 3) * (depth - depth // 2) + tag(
        700, 4) * (depth - depth // 2)),
], ids=["message", "repeated", "oneof", "two in turn", "map", "group", "group in messages"])
def test_nesting_has_the_same_limit(nest):
    accepted = [theirs(nest(depth)) is not None for depth in range(90, 111, 2)]
    assert accepted[0] and not accepted[-1]
    compare([nest(depth) for depth in range(90, 111)])
    assert "nested more than 100 deep" in ours(nest(1000))[0]


def nested(depth: int, wrap, innermost: bytes = b"") -> bytes:
    message = innermost
    for _ in range(depth):
        message = wrap(message)
    return message


def test_tags_and_varints_that_are_too_long():
    messages = [
        tag(3, 0) + b"\x80" * count + end for count in range(12) for end in (b"\x00", b"\x01", b"\x02", b"\x7f", b"")
    ] + [
        b"\x98" + b"\x80" * count + end + b"\x05" for count in range(8) for end in (b"\x00", b"\x01", b"\x0f", b"\x10", b"\x7f")
    ] + [
        block(14, b"")[:-1] + b"\x80" * count + b"\x00" for count in range(12)
    ] + [
        tag(number, 0) + b"\x00" for number in (0, 1, 18999, 19000, 2**29 - 1, 2**29, 2**31)
    ]
    compare(messages)


def test_an_error_names_field_and_offset():
    text = block(14, b"abc")
    assert ours(
        text + block(14, b"\xff"),
        text + block(103, block(2, b"\xc0\x80")),
        text + block(71, block(1, b"ok") + tag(2, 0)),
        text + tag(9, 5) + b"abc",
        text + block(50, bytes(12)),
        text + tag(900, 4),
        text + b"\x80",
        text + tag(14, 7),
    ) == [
        "field 14 at byte 5: a string is not valid UTF-8",
        "field 103.2 at byte 8: a string is not valid UTF-8",
        "field 71.2 at byte 12: the message ends in the middle of it",
        "field 9 at byte 5: the message ends in the middle of it",
        "field 50 at byte 5: the message ends in the middle of it",
        "field 900 at byte 5: a group ends that did not begin, or begins and does not end",
        "at byte 5: the message ends in the middle of a field's tag",
        "field 14 at byte 5: wire type 7 does not exist",
    ]


@pytest.mark.parametrize("piece", [
    block(101, tag(500, 0) + varint(1)), block(95, tag(500, 0) + varint(1)), block(97, tag(500, 0) + varint(1)),
    block(62, bytes(8)), tag(500, 0) + varint(1),
], ids=["message of its own kind", "oneof", "oneof of its own kind", "packed", "unknown"])
def test_a_field_that_repeats_costs_by_its_length(piece):
    """Each is merged into what is there. 4 MiB take about 4 times the CPU time of 1 MiB, and took 10 to 20 times with a
    copy of all that came before each time."""
    small, large = (cpu_time(piece * (size // len(piece))) for size in (2**20, 2**22))
    assert large < 7 * small + 0.1


def cpu_time(message: bytes) -> float:
    """Seconds of our code with the message."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert isinstance(ours(message)[0], bytes)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
