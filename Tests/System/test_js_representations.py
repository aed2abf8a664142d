"""js-server's files as http.client and curl get them: compressed, conditional, in parts, large."""

import gzip
import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import time
from email.utils import formatdate

import pytest

from support.eventually import eventually

SCRIPT = "".join(f"export const value{number} = {number};\n" for number in range(200)).encode()
NOISE = random.Random(5).randbytes(300_000)
LARGE_SCRIPT = SCRIPT * 60
FILES = {
    "app.js": SCRIPT, "style.css": b"p { color: red }\n" * 40, "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "noise.png": NOISE[:20_000], "large.bin": NOISE, "large.js": LARGE_SCRIPT, "empty.txt": b"",
}
# What `gzip --keep` was applied to, as the image build does.
PRECOMPRESSED = ["style.css", "large.js"]
COMPRESSED = ["app.js", "style.css", "large.js"]
GZIP = {"Accept-Encoding": "gzip"}
# An hour ago. The kernel's own note of the last change stays at now, which is why large files have weak tags for a
# second after the site was made.
DATE = int(time.time()) - 3600


def make_site(folder):
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (DATE, DATE))
    for name in PRECOMPRESSED:
        subprocess.run(["gzip", "-9", "--keep", "--no-name", folder / name], check=True)
    return folder


@pytest.fixture
def site(tmp_path):
    return make_site(tmp_path / "site")


@pytest.fixture
def js(start, site):
    return start("js-server", STATIC_ROOT=str(site))


class Got:
    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers, self.body = response.status, response.headers, response.read()


def ask(js, name: str, method: str = "GET", connection=None, **headers: str) -> Got:
    """`If_Range="x"` is the field `If-Range: x`."""
    own = connection or http.client.HTTPConnection(js.address("http"), timeout=10)
    own.putrequest(method, f"/js/{name}", skip_accept_encoding=True)
    for field, value in headers.items():
        own.putheader(field.replace("_", "-"), value)
    own.endheaders()
    got = Got(own.getresponse())
    if connection is None:
        own.close()
    return got


def compressed(js, name: str, **headers: str) -> Got:
    return ask(js, name, Accept_Encoding="gzip", **headers)


def curl(js, name: str, *arguments: str) -> bytes:
    return subprocess.run(
        ["curl", "--noproxy", "*", "--silent", "--show-error", "--max-time", "10", *arguments,
         f"http://{js.address('http')}/js/{name}"], check=True, capture_output=True).stdout


def settled(path):
    """Waits until the file counts as unchanged: its last change is more than a second ago."""
    eventually(lambda: time.time() - path.stat().st_ctime > 1.01)


# Compressed

@pytest.mark.parametrize("name", FILES)
def test_a_browser_gets_what_is_in_the_file(js, name):
    assert curl(js, name) == FILES[name]
    assert curl(js, name, "--compressed") == FILES[name]
    assert gzip.decompress(curl(js, name, "--header", "Accept-Encoding: gzip")) == FILES[name] \
        if name in COMPRESSED else curl(js, name, "--header", "Accept-Encoding: gzip") == FILES[name]


@pytest.mark.parametrize("name", FILES)
def test_both_forms_tell_caches_that_there_are_two(js, name):
    plain, small = ask(js, name), compressed(js, name)
    assert plain.headers["Content-Encoding"] is None
    for got in (plain, small):
        assert got.headers["Vary"] == ("Accept-Encoding" if name in COMPRESSED else None)
        assert got.headers["Content-Length"] == str(len(got.body))
        assert got.headers["Accept-Ranges"] == "bytes"
        assert got.headers["Cache-Control"] == "no-cache"
        assert got.headers["Last-Modified"] == formatdate(DATE, usegmt=True)
    if name in COMPRESSED:
        assert small.headers["Content-Encoding"] == "gzip"
        assert len(small.body) < len(plain.body) / 2
        assert small.headers["Content-Type"] == plain.headers["Content-Type"]
        assert small.headers["ETag"] != plain.headers["ETag"]
    else:
        # A large file's is weak until a second has passed since its last change.
        assert small.headers["ETag"].removeprefix("W/") == plain.headers["ETag"].removeprefix("W/")


def test_what_gzip_made_is_what_is_sent(js, site):
    for name in PRECOMPRESSED:
        assert compressed(js, name).body == (site / f"{name}.gz").read_bytes()
        itself = compressed(js, f"{name}.gz")
        assert (itself.status, itself.body) == (200, (site / f"{name}.gz").read_bytes())
        assert itself.headers["Content-Type"] == "application/gzip"
        assert itself.headers["Content-Encoding"] is None and itself.headers["Vary"] is None


@pytest.mark.parametrize("accept,status,encoding", [
    ("gzip;q=0", 200, None), ("identity", 200, None), ("br, *;q=0.1", 200, "gzip"), ("x-gzip", 200, "gzip"),
    ("gzip;q=0.2, identity;q=0.8", 200, None), ("", 200, None), ("identity;q=0, gzip;q=0", 406, None), ("*;q=0", 406, None),
])
def test_the_client_chooses(js, accept, status, encoding):
    got = ask(js, "app.js", Accept_Encoding=accept)
    assert (got.status, got.headers["Content-Encoding"]) == (status, encoding)


def test_an_older_sibling_is_not_sent(js, site):
    (site / "style.css").write_bytes(SCRIPT)
    assert gzip.decompress(compressed(js, "style.css").body) == SCRIPT
    (site / "large.js").write_bytes(LARGE_SCRIPT[1:])
    got = compressed(js, "large.js")
    assert (got.headers["Content-Encoding"], got.body) == (None, LARGE_SCRIPT[1:])


@pytest.mark.parametrize("name", ["app.js", "large.bin"])
def test_a_sibling_from_outside_is_none(js, site, name):
    secret = site.parent / "secret.gz"
    secret.write_bytes(gzip.compress(FILES[name]))
    for target in (str(secret), "../secret.gz"):
        sibling = site / f"{name}.gz"
        sibling.unlink(missing_ok=True)
        sibling.symlink_to(target)
        assert compressed(js, name).body != secret.read_bytes()
        assert ask(js, f"{name}.gz").status == 404


# Conditions

@pytest.mark.parametrize("name", ["app.js", "noise.png", "large.bin", "large.js", "empty.txt"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_the_client_has_is_not_sent_again(js, name, coding):
    connection = http.client.HTTPConnection(js.address("http"), timeout=10)
    first = ask(js, name, connection=connection, Accept_Encoding=coding)
    for method in ("GET", "HEAD"):
        for condition in ({"If_None_Match": first.headers["ETag"].removeprefix("W/")},
                          {"If_None_Match": f'"other", W/{first.headers["ETag"].removeprefix("W/")}'},
                          {"If_Modified_Since": first.headers["Last-Modified"]}):
            again = ask(js, name, method, connection, Accept_Encoding=coding, **condition)
            assert (again.status, again.body) == (304, b"")
            expected = {"Date", "ETag", "Cache-Control"} | ({"Vary"} if name in COMPRESSED else set())
            assert set(again.headers) == expected
            assert again.headers["ETag"].removeprefix("W/") == first.headers["ETag"].removeprefix("W/")
    assert ask(js, name, connection=connection).body == FILES[name], "the connection goes on"


def test_a_client_that_has_something_else_gets_what_there_is(js):
    tag = ask(js, "app.js").headers["ETag"]
    assert ask(js, "app.js", If_None_Match='"other"').body == SCRIPT
    assert ask(js, "app.js", If_Modified_Since=formatdate(DATE - 1, usegmt=True)).body == SCRIPT
    assert compressed(js, "app.js", If_None_Match=tag).status == 200, "of the other form"
    assert ask(js, "app.js", If_Match=tag).status == 200
    assert ask(js, "app.js", If_Match='"other"').status == 412
    assert ask(js, "app.js", If_Unmodified_Since=formatdate(DATE - 1, usegmt=True)).status == 412


def test_a_changed_file_has_another_tag(js, site):
    before = ask(js, "app.js").headers["ETag"]
    (site / "app.js").write_bytes(SCRIPT.replace(b"1", b"2"))
    got = ask(js, "app.js", If_None_Match=before)
    assert got.status == 200 and got.body != SCRIPT and got.headers["ETag"] != before


def test_replicas_agree(start, js, site, tmp_path):
    """A second pod has a copy of its own, with other inodes, made at another time."""
    other = start("js-server", STATIC_ROOT=str(shutil.copytree(site, tmp_path / "copy")))
    for name in FILES:
        for get in (ask, compressed):
            assert get(js, name).headers["ETag"].removeprefix("W/") == get(other, name).headers["ETag"].removeprefix("W/")


def test_curl_keeps_its_copy_up_to_date(js, site, tmp_path):
    copy, tag = tmp_path / "copy.js", tmp_path / "tag"
    update = ["--output", str(copy), "--etag-save", str(tag), "--etag-compare", str(tag), "--write-out", "%{http_code}"]
    assert curl(js, "app.js", *update) == b"200"
    assert curl(js, "app.js", *update) == b"304"
    assert copy.read_bytes() == SCRIPT
    (site / "app.js").write_bytes(b"changed")
    assert curl(js, "app.js", *update) == b"200"
    assert copy.read_bytes() == b"changed"


# Parts

@pytest.mark.parametrize("name", ["noise.png", "large.bin"])
def test_parts_make_the_whole(js, name):
    content = FILES[name]
    connection = http.client.HTTPConnection(js.address("http"), timeout=10)
    whole, step = b"", 7_001
    for first in range(0, len(content), step):
        got = ask(js, name, connection=connection, Range=f"bytes={first}-{first + step - 1}")
        last = min(first + step, len(content)) - 1
        assert got.status == 206
        assert got.headers["Content-Range"] == f"bytes {first}-{last}/{len(content)}"
        whole += got.body
    assert whole == content


@pytest.mark.parametrize("name", ["app.js", "large.bin"])
@pytest.mark.parametrize("given,part", [("0-0", slice(0, 1)), ("-5", slice(-5, None)), ("100-", slice(100, None))])
def test_part(js, name, given, part):
    assert curl(js, name, "--range", given) == FILES[name][part]


@pytest.mark.parametrize("name", ["app.js", "large.bin", "empty.txt"])
def test_what_is_not_there_is_416(js, name):
    size = len(FILES[name])
    got = ask(js, name, Range=f"bytes={size}-")
    assert (got.status, got.headers["Content-Range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("name", ["app.js", "large.bin"])
@pytest.mark.parametrize("given", ["bytes=0-1,4-5", "bytes=5-2", "lines=0-1", "bytes", "bytes=a-b"])
def test_what_is_not_one_range_is_the_whole(js, name, given):
    got = ask(js, name, Range=given)
    assert (got.status, got.body) == (200, FILES[name])


@pytest.mark.parametrize("name", ["app.js", "large.js"])
def test_part_of_the_compressed_form(js, site, name):
    whole = compressed(js, name).body
    got = compressed(js, name, Range="bytes=10-19")
    assert (got.status, got.headers["Content-Encoding"], got.body) == (206, "gzip", whole[10:20])


@pytest.mark.parametrize("name", ["app.js", "large.bin"])
def test_a_download_goes_on_unless_the_file_changed(js, site, name):
    settled(site / name)
    first = ask(js, name, Range="bytes=0-999")
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert not tag.startswith("W/")
    for validator in (tag, date):
        rest = ask(js, name, Range="bytes=1000-", If_Range=validator)
        assert (rest.status, first.body + rest.body) == (206, FILES[name])
    changed = FILES[name][::-1]
    (site / name).write_bytes(changed)
    # A small file may be sent from memory for a while; a large one never is.
    got = eventually(lambda: (got := ask(js, name, Range="bytes=1000-", If_Range=tag)).status == 200 and got)
    assert got.body == changed


def test_the_tag_of_a_large_file_is_weak_until_further_changes_show(js, site):
    def asked_in_time() -> str | None:
        """What it was within a second of the change; None where asking took longer."""
        (site / "large.bin").write_bytes(NOISE)
        tag = ask(js, "large.bin").headers["ETag"]
        return tag if time.time() - (site / "large.bin").stat().st_ctime < 0.9 else None

    tag = eventually(asked_in_time)
    assert tag.startswith("W/")
    assert ask(js, "large.bin", Range="bytes=0-1", If_Range=tag).status == 200
    assert ask(js, "large.bin", If_None_Match=tag).status == 304
    settled(site / "large.bin")
    assert ask(js, "large.bin").headers["ETag"] == tag.removeprefix("W/")


# HEAD

@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("headers", [{}, {"Accept_Encoding": "gzip"}, {"If_None_Match": "*"}, {"If_Match": '"no"'}])
def test_head_is_get_without_the_body(js, name, headers):
    connection = http.client.HTTPConnection(js.address("http"), timeout=10)
    get, head = (ask(js, name, method, connection, **headers) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (get.status, b"")
    ignored = {"date"}
    # A second after the last change of a large file its tag becomes a strong one.
    fields = [{field.lower(): value.removeprefix("W/") for field, value in got.headers.items()} for got in (get, head)]
    assert [{k: v for k, v in f.items() if k not in ignored} for f in fields][0] == \
        {k: v for k, v in fields[1].items() if k not in ignored}


def test_head_has_no_ranges(js):
    for name in ("app.js", "large.bin"):
        got = ask(js, name, "HEAD", Range="bytes=0-1")
        assert (got.status, got.headers["Content-Length"]) == (200, str(len(FILES[name])))


# Large files

def test_requests_behind_a_large_file_are_answered_in_order(js):
    requests = b"".join(
        f"GET /js/{name} HTTP/1.1\r\nHost: x\r\nConnection: {then}\r\n\r\n".encode()
        for name, then in [("large.bin", "keep-alive"), ("app.js", "keep-alive"), ("large.bin", "keep-alive"),
                           ("empty.txt", "close")])
    host, port = js.address("http").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(requests)
        received = connection.makefile("rb").read()
    answers = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
        answers.append(received[:length])
        received = received[length:]
    assert answers == [NOISE, SCRIPT, NOISE, b""]


def test_a_file_that_became_shorter_is_not_filled_up(js, site):
    """Its length was promised, so the only honest end is a broken one."""
    path = site / "huge"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    connection = http.client.HTTPConnection(js.address("http"), timeout=10)
    connection.request("GET", "/js/huge")
    response = connection.getresponse()
    assert len(response.read(1000)) == 1000
    os.truncate(path, 1000)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    assert ask(js, "huge").body == bytes(1000)


def test_many_large_files_at_once_leave_no_descriptor(js):
    def descriptors():
        return len(os.listdir(f"/proc/{js.process.pid}/fd"))

    before = descriptors()
    connections = [http.client.HTTPConnection(js.address("http"), timeout=10) for _ in range(20)]
    for connection in connections:
        connection.request("GET", "/js/large.bin")
    for connection in connections[:10]:
        assert connection.getresponse().read() == NOISE
    for connection in connections:
        connection.close()
    eventually(lambda: descriptors() == before)
