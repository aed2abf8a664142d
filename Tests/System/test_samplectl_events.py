"""samplectl events: of every gateway, asked at its own address, as one story.

The gateways here are stand-ins, so that what they say, and when, is the test's choice; the real ones are in test_events.
"""

import http.client
import json
import os
import random
import re
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.eventually import eventually
from support.following import Following, OnTerminal
from support.paths import PROGRAMS
from support.programs import run

BEGAN = 1_700_811_045


class StandIn:
    """A gateway pod's process."""

    def __init__(self, name: str, address: str, pid: int, listeners: int = 32):
        self.name, self.address, self.pid, self.listeners = name, address, pid, listeners
        self.run = f"{name}/{random.randbytes(4).hex()}"
        self.events: list[dict] = []
        self.asked: list[tuple[str, str | None]] = []
        self.page: bytes | None = None  # what it answers to whatever is asked
        self.changed = threading.Condition()
        self.generation = 0
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                stand_in.answer(self)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                pass  # the client left

        self.server = Server((address, 8080), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def tell(self, message: str, second: float = 0, kind: str = "connected") -> dict:
        number = len(self.events) + 1
        milliseconds = round(second * 1000)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(BEGAN + milliseconds // 1000))
        with self.changed:
            self.events.append({
                "id": f"{self.run}:{number}", "time": f"{stamp}.{milliseconds % 1000:03}Z", "gateway": self.name,
                "kind": kind, "message": message})
            self.changed.notify_all()
        return self.events[-1]

    def end_streams(self):
        with self.changed:
            self.generation += 1
            self.changed.notify_all()

    def stop(self):
        self.end_streams()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        path, _, query = request.path.partition("?")
        with self.changed:
            # What is told after somebody has seen the question goes into its answer.
            said, generation = len(self.events), self.generation
            self.asked.append((request.path, request.headers.get("Last-Event-ID")))
        if self.page is not None:
            request.send_response(200)
            request.send_header("Content-Length", str(len(self.page)))
            request.end_headers()
            request.wfile.write(self.page)
            return
        if path == "/go/channel":
            body = json.dumps({"gateway": self.name, "events": self.events[-200:]}).encode()
            request.send_response(200)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
            return
        if self.listeners == 0:
            request.send_error(503)
            return
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(b"retry: 50\n\n: here\n\n")
        if request.headers.get("Last-Event-ID"):
            said = max(0, said - 200)
        if last := re.fullmatch(rf"{self.run}:(\d+)", request.headers.get("Last-Event-ID") or ""):
            said = max(int(last[1]), said)
        elif last := re.fullmatch(r"last=(\d+)", query):
            said = max(0, said - int(last[1]))
        with self.changed:
            while generation == self.generation:
                for event in self.events[said:]:
                    text = f"id: {event['id']}\nevent: channel\ndata: {json.dumps(event)}\n\n"
                    request.wfile.write(text.encode())
                request.wfile.flush()
                said = len(self.events)
                self.changed.wait(10)
        request.close_connection = True


class Supervisor:
    """Tells samplectl which gateways there are."""

    def __init__(self, folder):
        self.gateways: list[StandIn] = []
        self.network = f"127.{random.randint(64, 250)}.{random.randint(1, 250)}"
        self.command_tail = ["--name", "stand-in", "--state", str(folder)]
        folder.mkdir(mode=0o700)
        supervisor = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def address_string(self):
                return "somebody"

            def do_GET(self):
                body = json.dumps(supervisor.status).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_UNIX
            daemon_threads = True

            def server_bind(self):
                self.socket.bind(self.server_address)
                self.server_name, self.server_port = "supervisor", 0

        self.server = Server(str(folder / "control.sock"), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def status(self) -> dict:
        return {
            "name": "stand-in", "mode": "headless", "policy": "round_robin", "target": "dns:///x", "port": 31234,
            "listen": "127.0.0.1", "dns": "127.0.0.1:53", "dnsCache": None, "ready": True, "stopping": False,
            "change": None, "pods": [
                {"component": "gateway", "name": gateway.name, "ready": True, "status": "Running", "restarts": 0,
                 "age": 1, "ip": gateway.address, "pid": gateway.pid, "lastEnd": None, "outdated": False, "dns": None,
                 "gracePeriod": 75, "sidecars": []}
                for gateway in self.gateways]}

    def start(self, suffix: str, **options) -> StandIn:
        name = f"sample-service-gateway-7d9f8c6b5-{suffix}"
        taken = {gateway.address for gateway in self.gateways}
        address = next(f"{self.network}.{number}" for number in range(1, 250) if f"{self.network}.{number}" not in taken)
        self.gateways.append(StandIn(name, address, random.randint(1000, 1_000_000), **options))
        return self.gateways[-1]

    def replace(self, gateway: StandIn) -> StandIn:
        """The process ends, and another one starts in the same pod."""
        gateway.stop()
        other = StandIn(gateway.name, gateway.address, gateway.pid + 1)
        self.gateways[self.gateways.index(gateway)] = other
        return other

    def remove(self, gateway: StandIn):
        gateway.stop()
        self.gateways.remove(gateway)

    def stop(self):
        for gateway in self.gateways:
            gateway.stop()
        self.server.shutdown()
        self.server.server_close()

    def command(self, *arguments: str) -> list[str]:
        return [str(PROGRAMS / "samplectl"), "events", *arguments, *self.command_tail]

    def events(self, *arguments: str) -> str:
        result = run("samplectl", "events", *arguments, *self.command_tail)
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture
def supervisor(tmp_path):
    supervisor = Supervisor(tmp_path / "s")
    yield supervisor
    supervisor.stop()


def messages(lines: list[str]) -> list[str]:
    return [re.sub(r"^\S+ \S+  \S+  ", "", line) for line in lines]


def follow(supervisor, *arguments):
    """And wait until it listens to every gateway."""
    following = Following(supervisor.command("-f", *arguments))
    for gateway in supervisor.gateways:
        following.sees(lambda _: any(path.startswith("/go/events") for path, _ in gateway.asked))
    return following


def test_all_gateways_are_one_story(supervisor):
    one, two = supervisor.start("aaaaa"), supervisor.start("bbbbb")
    one.tell("first", 0)
    two.tell("second", 0.5)
    one.tell("third", 1.25)
    assert supervisor.events().splitlines() == [
        "2023/11/24 07:30:45  gateway-aaaaa  first", "2023/11/24 07:30:45  gateway-bbbbb  second",
        "2023/11/24 07:30:46  gateway-aaaaa  third"]
    assert messages(supervisor.events("--last", "2").splitlines()) == ["second", "third"]
    lines = [json.loads(line) for line in supervisor.events("-o", "json").splitlines()]
    assert lines == [one.events[0], two.events[0], one.events[1]], "as the gateways say it"
    assert {path for path, _ in one.asked} == {"/go/channel"}


def test_a_gateway_that_does_not_answer_is_named(supervisor):
    one, two = supervisor.start("aaaaa"), supervisor.start("bbbbb")
    one.tell("here")
    two.server.server_close()
    result = run("samplectl", "events", *supervisor.command_tail)
    assert result.returncode == 0 and messages(result.stdout.splitlines()) == ["here"]
    assert two.name in result.stderr


def test_a_gateway_that_answers_with_something_else_is_told_of_once(supervisor):
    """And asked again, for it may be one of a version that has no events yet."""
    gateway = supervisor.start("aaaaa")
    gateway.page = b"<!doctype html>"
    with Following(supervisor.command("-f")) as following:
        eventually(lambda: sum(path.startswith("/go/events") for path, _ in gateway.asked) >= 3)
        eventually(lambda: len(following.errors) == 2)  # one of the history, one of the stream
        assert all(gateway.name in line and "of another version" in line for line in following.errors)
        gateway.page = None
        gateway.tell("at last")
        following.sees(lambda lines: messages(lines) == ["at last"])
        assert len(following.errors) == 2


def test_following_goes_on_where_a_stream_ended(supervisor):
    gateway = supervisor.start("aaaaa")
    for number in range(20):
        gateway.tell(f"old {number}")
    with follow(supervisor) as following:
        following.sees(lambda lines: messages(lines) == [f"old {number}" for number in range(10, 20)])
        gateway.tell("one")
        following.sees(lambda lines: messages(lines)[10:] == ["one"])
        gateway.end_streams()
        gateway.tell("two")
        following.sees(lambda lines: messages(lines)[10:] == ["one", "two"])
        assert gateway.asked[-1] in [("/go/events", gateway.events[number]["id"]) for number in (20, 21)]
        assert following.errors == []
        assert following.interrupt() == -signal.SIGINT


def test_following_survives_a_restart_in_the_same_pod(supervisor):
    gateway = supervisor.start("aaaaa")
    for number in range(5):
        gateway.tell(f"old {number}")
    with follow(supervisor, "--last", "0") as following:
        gateway.tell("before")
        following.sees(lambda lines: messages(lines) == ["before"])
        gateway = supervisor.replace(gateway)
        # As many as before, so that the last number alone would say that nothing is new.
        news = [f"new {number}" for number in range(8)]
        for message in news:
            gateway.tell(message)
        following.sees(lambda lines: messages(lines) == ["before", *news])
        gateway.tell("after")
        following.sees(lambda lines: messages(lines) == ["before", *news, "after"])
        assert following.errors == []


def test_following_finds_gateways_that_come_and_forgets_those_that_go(supervisor):
    one = supervisor.start("aaaaa")
    with follow(supervisor) as following:
        two = supervisor.start("bbbbb")
        two.tell("its first")
        following.sees(lambda lines: messages(lines) == ["its first"])
        supervisor.remove(one)
        two.tell("its second")
        following.sees(lambda lines: messages(lines) == ["its first", "its second"])
        three = supervisor.start("ccccc")
        assert three.address == one.address, "a new pod at the address of one that is gone"
        three.tell("its first too")
        following.sees(lambda lines: messages(lines)[2:] == ["its first too"])
        assert following.errors == []


def test_events_that_are_lost_are_missed(supervisor):
    gateway = supervisor.start("aaaaa")
    gateway.tell("old")
    with follow(supervisor) as following:
        following.sees(lambda lines: messages(lines) == ["old"])
        with gateway.changed:
            for number in range(300):
                gateway.tell(f"{number}")
            gateway.generation += 1
        following.sees(lambda lines: messages(lines)[-1] == "299")
        assert messages(following.lines)[1:] == [f"{number}" for number in range(100, 300)]
        eventually(lambda: following.errors)
        assert len(following.errors) == 1 and "100 events" in following.errors[0]


def test_a_gateway_with_too_many_listeners_is_asked_again(supervisor):
    gateway = supervisor.start("aaaaa", listeners=0)
    with follow(supervisor) as following:
        gateway.tell("one")
        following.sees(lambda lines: messages(lines) == ["one"])
        gateway.tell("two")
        following.sees(lambda lines: messages(lines) == ["one", "two"])


def test_on_a_terminal_no_word_is_broken(supervisor):
    gateway = supervisor.start("aaaaa")
    gateway.tell("connection to 10.244.0.7:8080 ended: GOAWAY NO_ERROR, max_age: the server ends connections of this age")
    with OnTerminal(supervisor.command(), columns=72) as terminal:
        terminal.sees(lambda output: "this age" in output.replace("\r\n", "\n").replace("  ", "") or "age\r\n" in output)
        lines = re.sub(r"\x1b\[\d*m", "", terminal.output).splitlines()
        assert len(lines) > 1 and all(len(line) <= 72 for line in lines)
        assert " ".join(" ".join(lines).split()).endswith(gateway.events[0]["message"])
        assert "\x1b[3" in terminal.output, "the gateway has its colour"
        assert terminal.process.wait(10) == 0


def test_what_does_not_run_is_an_error(new_system):
    result = new_system().samplectl("events", "-f")
    assert result.returncode == 1 and "not running" in result.stderr


def told_by(system) -> list[dict]:
    """What the gateways that there are have kept, each asked by the test itself."""
    events = []
    for pod in system.pods("gateway"):
        connection = http.client.HTTPConnection(pod["ip"], 8080, timeout=5)
        connection.request("GET", "/go/channel")
        events += json.loads(connection.getresponse().read())["events"]
        connection.close()
    return events


def test_the_story_of_a_real_system_through_scaling_a_crash_and_a_change_of_mode(new_system):
    system = new_system("real").up("--replicas", "2", "--dns-interval", "1s", "--max-connection-age", "2s")
    assert system.ask("/go/sample").status == 200
    with Following(system.command("events", "-f", "-o", "json", "--last", "200")) as following:
        def sees(check, within=30):
            following.sees(lambda lines: any(check(json.loads(line)) for line in lines), within)

        sees(lambda event: event["kind"] == "addresses")
        system.output("scale", "grpc=3")
        for pod in system.pods():
            sees(lambda event: event["kind"] == "connected" and event["address"].startswith(f"{pod['ip']}:"))
        sees(lambda event: event["kind"] == "goaway")

        system.output("scale", "gateway=2")
        for pod in eventually(lambda: len(system.pods("gateway")) == 2 and system.pods("gateway")):
            sees(lambda event: event["gateway"] == pod["name"])

        killed = system.pods("gateway")[0]
        os.kill(killed["pid"], signal.SIGKILL)

        def begun(lines):
            ids = [event["id"] for event in map(json.loads, lines) if event["gateway"] == killed["name"]]
            return sum(id.endswith(":1") for id in ids)
        following.sees(lambda lines: begun(lines) == 2)

        system.output("set", "mode=clusterip", within=120)
        for pod in system.pods("gateway"):
            sees(lambda event: event["gateway"] == pod["name"] and event["kind"] == "connected")

        told = told_by(system)
        following.sees(lambda lines: all(event in map(json.loads, lines) for event in told))
        seen = [json.loads(line) for line in following.lines]
        assert len({json.dumps(event) for event in seen}) == len(seen), "no event came twice"
        for gateway in {event["gateway"] for event in seen}:
            numbers = [int(event["id"].rpartition(":")[2]) for event in seen if event["gateway"] == gateway]
            starts = [place for place, number in enumerate(numbers) if number == 1]
            assert len(starts) == (2 if gateway == killed["name"] else 1), numbers
            for begin, end in zip(starts, [*starts[1:], len(numbers)]):
                assert numbers[begin:end] == list(range(1, end - begin + 1)), "no event is missing"
        assert following.errors == []

        lines = system.output("events").splitlines()
        assert set(messages(lines)) >= {event["message"] for event in told}

        def has_the_same_words() -> bool:
            log = system.output("logs", "gateway")
            return all(f" Channel: {event['message']}" in log for event in told)

        eventually(has_the_same_words)
        system.down()
        assert following.ends() == 0


def test_every_kind_of_event_has_the_same_words_everywhere(new_system):
    system = new_system("kinds").up(
        "--mode", "etcd", "--replicas", "3", "--max-connection-age", "3s", shutdown_delay="1s")
    assert system.ask("/go/sample").status == 200
    with Following(system.command("events", "-f", "-o", "json", "--last", "200")) as following:
        def kinds():
            return {json.loads(line)["kind"] for line in following.lines}

        def killing(component, *wanted):
            """Again and again: a process that is started at once may be back before anybody misses it."""
            for pod in system.pods(component):
                if pod["pid"]:
                    os.kill(pod["pid"], signal.SIGKILL)
            return kinds() >= set(wanted)

        following.sees(lambda _: kinds() >= {"addresses", "connected", "state", "goaway"})
        eventually(lambda: connections(system) == 3, within=60)
        system.output("scale", "grpc=2")
        following.sees(lambda _: "connection-closed" in kinds())
        eventually(lambda: killing("grpc", "connection-lost", "connect-failed"))
        eventually(lambda: killing("etcd", "lookup-failed"))
        eventually(lambda: system.ask("/go/sample").status == 200, within=60)

        seen = [json.loads(line) for line in following.lines]
        told = told_by(system)
        lines = messages(system.output("events").splitlines())
        streamed = streamed_until(told[-1]["id"], system.port)
        # Each gateway keeps its last 200, and on a slow machine there have been more.
        later = told_by(system)
        kept = [event for event in told if event in later]
        assert kept
        for event in kept:
            assert event["message"] in lines and event in streamed

        def are_all_logged() -> bool:
            log = system.output("logs", "gateway")
            return all(f" Channel: {event['message']}" in log for event in (*seen, *told))

        eventually(are_all_logged)


def connections(system) -> int:
    return sum(one["state"] == "READY" for one in system.ask("/go/channel").json["subchannels"])


def streamed_until(id: str, port: int) -> list[dict]:
    """What /go/events sends through nginx, up to the event with this id."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/go/events?last=200")
    answer, events = connection.getresponse(), []
    while not events or events[-1]["id"] != id:
        line = answer.readline().decode()
        assert line, "the stream has ended"
        if line.startswith("data: "):
            events.append(json.loads(line.removeprefix("data: ")))
    connection.close()
    return events
