"""A gateway that plays what it is told: the live page's files, and the JSON of the routes that the page asks, so that a
test can show the page any state, exactly."""

import json
import queue
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .paths import ROOT

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
START = datetime(2026, 11, 22, 1, 50, tzinfo=timezone.utc)


def pod_name(index: int, component: str = "grpc") -> str:
    """Five letters of its own, as Kubernetes makes them; for 400 pods."""
    places = [index * 7 + index // 20, *(index * 7 + place * 3 for place in range(1, 5))]
    own = "".join("bcdfghjklmnpqrstvwxz"[place % 20] for place in places)
    return f"sample-service-{component}-7d4f9c6b8-{own}"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a browser keeps its connections

    def handle_error(self, request, client_address):
        """A browser that goes elsewhere drops them."""


class Stage:
    """What is so at present: change a member, and the page's next look shows it."""

    def __init__(self):
        self.mode, self.policy = "headless", "round_robin"
        self.gateways = [pod_name(1, "gateway")]
        self.network = "10.244.0"
        self.pods: dict[str, str] = {}  # address → name: all behind the Service
        self.known: list[str] = []  # addresses that the channel has; pods that serve, in turn
        self.serving: list[str] | None = None
        self.named: set[str] | None = None  # addresses whose pod has told its name; None for all that have served
        self.virtual: str | None = None  # the one address of a target that is no pod's
        self.target: str | None = None
        self.error: dict | None = None
        self.events: list[dict] = []
        self.listeners: list[queue.Queue] = []
        self.most_listeners = 32
        self.served: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        self.channel_extra: dict = {}
        self.troubles: dict[str, str] = {}  # address → what the pod says that it does on purpose
        self.server_facts: dict[str, dict] = {}  # address → what the policy knows of it, members of a subchannel
        self.delay = 0.0  # seconds that an answer takes, at most until `hurry`
        self._hurried = threading.Event()
        # Held while an answer is made, and by who changes several members that belong together.
        self.scene = threading.RLock()
        self._turn = 0
        self._server = Server(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.hurry()
        for listener in list(self.listeners):
            listener.put(None)
        self._server.shutdown()
        self._server.server_close()

    def hurry(self):
        """Answers what waits, and all that comes."""
        self._hurried.set()

    # What a test says

    def behind_the_service(self, count: int, first: int = 1) -> list[str]:
        self.pods = {f"{self.network}.{first + index}": pod_name(first + index) for index in range(count)}
        return list(self.pods)

    def headless(self, count: int, policy: str = "round_robin"):
        with self.scene:
            self.mode, self.policy, self.virtual = "headless", policy, None
            self.known = self.behind_the_service(count)
            self.serving = None if policy == "round_robin" else self.known[:1]

    def clusterip(self, count: int, policy: str = "pick_first"):
        with self.scene:
            self.mode, self.policy, self.virtual = "clusterip", policy, "10.96.13.7"
            self.behind_the_service(count)
            self.known, self.serving = [], list(self.pods)[1:2]

    def through(self, mode: str, count: int, virtual: str):
        """A proxy's mode."""
        with self.scene:
            self.clusterip(count)
            self.mode, self.virtual, self.serving = mode, virtual, list(self.pods)

    def lose(self, address: str):
        """That pod is gone."""
        with self.scene:
            del self.pods[address]
            self.known.remove(address)

    def tell(self, kind: str, message: str, gateway: int = 0, **members) -> dict:
        """An event of a channel, to the stream and for the next look."""
        with self.scene:
            number = len(self.events) + 1
            who = self.gateways[gateway]
            time = (START + timedelta(milliseconds=370 * number)).isoformat(timespec="milliseconds")
            event = {"id": f"{who}:{number}", "time": time.replace("+00:00", "Z"), "gateway": who, "kind": kind,
                     "message": message, **members}
            self.events.append(event)
        for listener in list(self.listeners):
            listener.put(event)
        return event

    # What the page asks

    def sample(self) -> tuple[int, dict]:
        with self.scene:
            self._turn += 1
            turn = self._turn
            gateway = self.gateways[turn % len(self.gateways)]
            if self.error:
                return 503, {"error": self.error}
            serving = self.known if self.serving is None else self.serving
            address = serving[turn // len(self.gateways) % len(serving)]
            self.served[address] = self.served.get(address, 0) + 1
            answer = {"message": "Hello World", "version": "0.1.0", "hostname": self.pods[address]}
            return 200, {"name": "gateway", "version": "0.1.0", "hostname": gateway, "response": answer}

    def channel(self, events: int) -> dict:
        with self.scene:
            gateway = self.gateways[self.asked["channel"] % len(self.gateways)]
            host = {"clusterip": "sample-service-grpc", "headless": "sample-service-grpc-headless"}.get(self.mode)
            target = self.target or (f"dns:///{host}:8080" if host else {
                "kubernetes": "kubernetes:///sample-service-grpc.default:grpc", "etcd": "etcd:///sample-service-grpc",
                "consul": "consul:///sample-service-grpc", "envoy-sidecar": "ipv4:127.0.0.1:18080",
            }.get(self.mode, f"dns:///sample-service-{self.mode}:8080"))
            addresses = [self.virtual] if self.virtual else self.known
            connected = addresses[:1] if self.policy == "pick_first" else addresses
            named = set(self.served) if self.named is None else self.named
            subchannel = {"state": "READY", "inFlight": 0, "lastError": None, "lastGoAway": None}
            total = sum(self.served.values())
            return {
                "gateway": gateway, "target": target, "policy": self.policy, "mode": self.mode, "state": "READY",
                "queued": 0,
                "resolver": {"addresses": [f"{address}:8080" for address in addresses], "ttlSeconds": 5.0, "lookups": 3,
                             "lastLookupSecondsAgo": 3.4, "nextLookupInSeconds": None, "lastError": None},
                "subchannels": [{"address": f"{address}:8080", "picks": self.served.get(address, total), **subchannel,
                                 **self.server_facts.get(address, {})}
                                for address in connected],
                "pods": [{"address": address, "name": name if address in named else None,
                          "known": address in self.known, "connected": address in self.known and address in connected,
                          "trouble": self.troubles.get(address),
                          "troubleSecondsAgo": 12.4 if address in self.troubles else None}
                         for address, name in sorted(self.pods.items())],
                "podSource": {"target": "dns:///sample-service-grpc-headless:8080", "lookups": 7,
                              "lastLookupSecondsAgo": 0.4, "lastError": None},
                "events": self.events[-events:] if events else [],
                **self.channel_extra,
            }

    def _handler(self):
        stage = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                path, _, query = self.path.partition("?")
                route = path.removeprefix("/go/")
                with stage.scene:
                    stage.asked[route] = stage.asked.get(route, 0) + 1
                if route == "sample":
                    if stage.delay:
                        stage._hurried.wait(stage.delay)
                    return self.answer(*stage.sample())
                if route == "channel":
                    return self.answer(200, stage.channel(int(query.removeprefix("events=") or 200)))
                if route == "events":
                    return self.follow()
                return self.file(path)

            def answer(self, status: int, body, type_: str = "application/json"):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", type_)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def file(self, path: str):
                name = path.removeprefix("/js/") or "index.html"
                file = ROOT / "web" / name
                if not path.startswith("/js/") or ".." in name or not file.is_file():
                    return self.answer(404, {"error": {"code": "NOT_FOUND", "message": path}})
                return self.answer(200, file.read_bytes(), TYPES[file.suffix])

            def follow(self):
                if len(stage.listeners) >= stage.most_listeners:
                    return self.answer(503, {"error": {"code": "RESOURCE_EXHAUSTED", "message": "too many listeners"}})
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                events = queue.Queue()
                stage.listeners.append(events)
                try:
                    self.wfile.write(b"retry: 1000\n\n")
                    while (event := events.get()) is not None:
                        self.wfile.write(f"id: {event['id']}\nevent: channel\ndata: {json.dumps(event)}\n\n".encode())
                except OSError:
                    pass  # the page is gone
                finally:
                    stage.listeners.remove(events)

        return Handler
