"""js-server, asked over HTTP, with a site of the test's own and with the real one."""

import os
import re
import socket
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

import pytest

from support.eventually import eventually
from support.paths import ROOT
from support.ports import free_port
from support.programs import run

LINE = re.compile(
    r'\[JS\] \d{4}/\d\d/\d\d - \d\d:\d\d:\d\d \| (\d{3}) \| +[\d.]+(?:ns|µs|ms|s) \| +([\d.]+) \| (\w+) +"(.*)"'
    r' \| trace [\da-f]{32}')

FILES = {
    "index.html": ("<!doctype html><p>the index", "text/html; charset=utf-8"),
    "app.js": ("export const ü = 1;\n", "text/javascript; charset=utf-8"),
    "style.css": ("p { color: red }\n", "text/css; charset=utf-8"),
    "data.json": ("{}", "application/json"),
    "icon.svg": ("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml; charset=utf-8"),
    "a b.txt": ("blank", "text/plain; charset=utf-8"),
    "empty.txt": ("", "text/plain; charset=utf-8"),
    "folder/index.html": ("<!doctype html><p>the folder", "text/html; charset=utf-8"),
    "raw": ("bytes", "application/octet-stream"),
}
SECRET = "nobody may see this"


@pytest.fixture
def site(tmp_path):
    """A directory `site` with the files above, and beside it one that must stay private."""
    folder = tmp_path / "site"
    for name, (text, _) in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "index.html").write_text(SECRET)
    (folder / ".hidden").write_text(SECRET)
    return folder


@pytest.fixture
def js(start, site):
    return start("js-server", STATIC_ROOT=str(site), POD_NAME="js-1")


def send(js, request: bytes) -> bytes:
    """The answer to a request as it is on the wire; the request must make the server close."""
    host, port = js.address("http").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def get(js, target: bytes) -> bytes:
    return send(js, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("name", FILES)
def test_file_with_its_media_type(js, name):
    answer = js.http("/js/" + name.replace(" ", "%20"))
    text, media_type = FILES[name]
    assert (answer.status, answer.text) == (200, text)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Length"] == str(len(text.encode()))
    assert answer.headers["Last-Modified"].endswith(" GMT")


def test_query_changes_nothing(js):
    assert js.http("/js/app.js?v=../../secret.txt").text == FILES["app.js"][0]


def test_directory_is_its_index(js):
    assert js.http("/js/").text == FILES["index.html"][0]
    assert js.http("/js/folder/").text == FILES["folder/index.html"][0]


@pytest.mark.parametrize("path", ["/js", "/js/folder", "/js?a=b"])
def test_directory_without_its_slash_is_redirected(js, path):
    answer = js.http(path)
    assert answer.status == 301
    name, mark, query = path.partition("?")
    assert answer.headers["Location"] == f"{name}/{mark}{query}", "no host: the client's own stays"


def test_head_is_get_without_the_body(js):
    whole, head = (
        send(js, method + b" /js/app.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")
        for method in (b"GET", b"HEAD"))
    without_date = [re.sub(rb"Date: .*?\r\n", b"", answer[0]) for answer in (whole, head)]
    assert without_date[0] == without_date[1]
    assert (whole[2].decode(), head[2]) == (FILES["app.js"][0], b"")


@pytest.mark.parametrize("path", ["/", "/jsx", "/js/nothing", "/js/app.js/", "/js/app.js/x", "/js/" + "a" * 300])
def test_unknown_path_is_404_with_a_page(js, path):
    answer = js.http(path)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "404" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/js/app.js", "/js", "/js/hello"])
def test_wrong_method_is_405_with_allow(js, method, path):
    answer = js.http(path, method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_hello(js):
    answer = js.http("/js/hello")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json == {"name": "js-server", "version": answer.json["version"], "hostname": "js-1"}


@pytest.mark.parametrize("path", ["/js/", "/js/app.js", "/js/nothing", "/js", "/other"])
def test_browsers_are_told_to_be_strict(js, path):
    headers = js.http(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


# What leaves the root

TRAVERSALS = [
    b"/js/../secret.txt", b"/js/../../etc/passwd", b"/js/folder/../../secret.txt", b"/js/./../secret.txt",
    b"/js/%2e%2e/secret.txt", b"/js/%2E%2E/secret.txt", b"/js/.%2e/secret.txt", b"/js/%2e%2e%2fsecret.txt",
    b"/js/..%2fsecret.txt", b"/js/%2fetc/passwd", b"/js/%2Fetc%2Fpasswd", b"/js//etc/passwd", b"/js///etc/passwd",
    b"/js%2f..%2fsecret.txt", b"/js/..%5csecret.txt", b"/js/..\\secret.txt", b"/js/%252e%252e/secret.txt",
    b"/js/%252e%252e%252fsecret.txt", b"/js/%c0%ae%c0%ae/secret.txt", b"/js/..;/secret.txt",
    b"/js/app.js%00", b"/js/app.js%00.html", b"/js/%00/../secret.txt", b"/js/../secret.txt%00.html",
    b"/js/.hidden", b"/js/%2ehidden", b"/js/..", b"/js/../", b"/js/.", b"/js/folder/..", b"/../secret.txt",
    b"http://x/js/../secret.txt", b"/js/%", b"/js/%2", b"/js/%zz",
]


@pytest.mark.parametrize("target", TRAVERSALS, ids=lambda target: target.decode())
def test_no_path_leaves_the_root(js, target):
    answer = get(js, target)
    assert re.match(rb"HTTP/1\.1 (400|404) ", answer), answer
    assert SECRET.encode() not in answer and b"root:" not in answer
    assert js.http("/js/app.js").status == 200


@pytest.mark.parametrize("target", [b"/js/app.js\0", b"/js/\0", b"/js/app.js\0.html"])
def test_raw_zero_byte_is_400(js, target):
    assert get(js, target).startswith(b"HTTP/1.1 400 ")


LINKS = {
    "upwards": "../secret.txt", "around": "folder/../../secret.txt", "folder-out": "../secrets", "parent": "..",
    "root": "/", "process": "/proc/self/cwd", "loop": "loop", "nowhere": "missing",
}


@pytest.mark.parametrize("path", [
    "absolute", "upwards", "around", "folder-out", "folder-out/", "folder-out/index.html", "parent/secret.txt",
    "root/etc/passwd", "process/secret.txt", "loop", "nowhere"])
def test_no_link_leads_out(js, site, path):
    for name, target in {**LINKS, "absolute": str(site.parent / "secret.txt")}.items():
        (site / name).symlink_to(target)
    answer = js.http(f"/js/{path}")
    assert answer.status == 404
    assert SECRET not in answer.text


def test_link_that_stays_inside_is_followed(js, site):
    """A ConfigMap volume consists of such links."""
    (site / "..data").symlink_to("folder")
    (site / "page.html").symlink_to("..data/index.html")
    assert js.http("/js/page.html").text == FILES["folder/index.html"][0]


def test_what_is_no_file_is_404_at_once(js, site):
    os.mkfifo(site / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(site / "socket"))
        assert [js.http(f"/js/{name}").status for name in ("pipe", "socket")] == [404, 404]


# Files that change

def test_changed_file_is_served_as_it_is_now(js, site):
    path = site / "news.txt"
    for text in ("one", "two", "three", "more than before"):
        path.write_text(text)
        assert js.http("/js/news.txt").text == text
    # An hour old: now it may be kept, and must still be noticed when it is replaced.
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 3600))
    assert js.http("/js/news.txt").text == "more than before"
    path.unlink()
    assert js.http("/js/news.txt").status == 404


@pytest.mark.parametrize("size", [65536, 65537, (8 << 20) + 1])
def test_no_file_is_too_large(js, site, size):
    with (site / "large").open("wb") as file:
        file.truncate(size)
    assert js.http("/js/large").text == "\0" * size


# The program

def test_missing_root_is_named():
    for arguments, environment in [(("--static-root", "/no/such/root"), {}), ((), {"STATIC_ROOT": "/no/such/root"})]:
        result = run(
            "js-server", *arguments, LISTEN_ADDRESS="127.0.0.1:0", ADMIN_ADDRESS="127.0.0.1:0", **environment)
        assert result.returncode == 64
        assert result.stderr.count("\n") == 1
        assert "/no/such/root" in result.stderr and "No such file" in result.stderr


def test_help_tells_of_the_root():
    output = run("js-server", "--help").stdout
    assert "STATIC_ROOT" in output and "--static-root" in output and "/srv/js" in output


def test_probe(js):
    address = js.address("admin")
    assert run("js-server", "probe", "--addr", address).returncode == 0
    js.admin("/readyz/disable", "POST")
    assert run("js-server", "probe", "--addr", address).returncode == 4
    assert run("js-server", "probe", "--addr", f"127.0.0.1:{free_port()}").returncode == 2


def test_admin_port_is_apart(js):
    assert js.admin("/healthz").status == 200
    assert js.admin("/js/").status == 404
    assert js.http("/healthz").status == 404


def test_log_line(js):
    js.http("/js/app.js")
    js.http("/js/nothing?a=%0aforged")
    js.admin("/healthz")
    eventually(lambda: len(js.log) == 2)
    facts = [LINE.fullmatch(line).groups() for line in js.log]
    assert facts == [
        ("200", "127.0.0.1", "GET", "/js/app.js"), ("404", "127.0.0.1", "GET", "/js/nothing?a=%0aforged")]


def test_several_loops_serve(start, site):
    js = start("js-server", STATIC_ROOT=str(site), EVENT_LOOPS="2")
    assert {js.http("/js/app.js").status for _ in range(8)} == {200}


# The page itself

class Page(HTMLParser):
    """What a policy without exceptions has to say yes to, and what assistive technology needs."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.labelled: set[str] = set()
        self.controls: set[str] = set()
        self.live = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.links += [attributes[name] for name in ("src", "href") if name in attributes]
        self.inline += [name for name in attributes if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in attributes):
            self.inline.append(tag)
        if tag == "label":
            self.labelled.add(attributes["for"])
        if tag == "input":
            self.controls.add(attributes["id"])
        self.live += "aria-live" in attributes


@pytest.fixture
def real(start):
    return start("js-server", STATIC_ROOT=str(ROOT / "web"))


def test_page_keeps_to_its_policy(real):
    answer = real.http("/js/")
    page = Page(answer.text)
    assert page.inline == []
    assert page.links, "a style sheet and a script"
    for link in page.links:
        path = urldefrag(urljoin("/js/", link)).url
        assert path.startswith(("/js/", "/go/")), "nothing from another host"
        assert path.startswith("/go/") or real.http(path).status == 200


def test_page_is_labelled(real):
    page = Page(real.http("/js/").text)
    assert page.controls and page.controls <= page.labelled
    assert page.live


MODULES = sorted(str(path.relative_to(ROOT / "web")) for path in (ROOT / "web").rglob("*.js"))


@pytest.mark.parametrize("name", MODULES)
def test_module_of_the_page(real, name):
    answer = real.http(f"/js/{name}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    for imported in re.findall(r'\bfrom "(.*)"', answer.text):
        assert imported.startswith("."), "a path, for there is no import map"
        assert urljoin(f"/js/{name}", imported).removeprefix("/js/") in MODULES
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|createContextualFragment|DOMParser|document\.write"
    assert not re.search(rf"{markup}|\beval\b|new Function", answer.text), "data never becomes markup or code"
    if name.startswith("model/"):
        # Date.parse reads a text, and no clock.
        outside = re.search(r"\b(document|window|fetch|performance|Date)\b(?!\.parse\()[.(]", answer.text)
        assert outside is None, "neither DOM nor network nor clock"
        assert all(part.startswith("./") for part in re.findall(r'\bfrom "(.*)"', answer.text))
