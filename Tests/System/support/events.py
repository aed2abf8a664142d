"""The channel's events as their readers meet them: /go/channel, /go/events, and the gateway's log."""

import contextlib
import http.client
import json
import socket
import threading

from .eventually import eventually
from .programs import Program


class EventStream:
    """A client of /go/events that reads all the time. `blocks` has every block that has come, as its lines."""

    def __init__(self, address: str, path: str = "/go/events", last_id: str | None = None, within: float = 60):
        self._connection = http.client.HTTPConnection(address, timeout=within)
        self._connection.request("GET", path, headers={"Last-Event-ID": last_id} if last_id else {})
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.blocks: list[list[str]] = []
        self.has_ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        block: list[str] = []
        try:
            while line := self.response.readline():
                text = line.decode().rstrip("\n")
                if text:
                    block.append(text)
                elif block:
                    self.blocks.append(block)
                    block = []
            # A stream that is cut off raises; this one has come to its end.
            self.has_ended = not block
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass

    @property
    def events(self) -> list[dict]:
        """Each as the JSON of its data, which is one line, under an id that is the JSON's own."""
        events = []
        for block in list(self.blocks):
            fields = dict(line.split(": ", 1) for line in block if not line.startswith(":"))
            if "data" not in fields:
                continue
            assert fields.keys() == {"id", "event", "data"} and fields["event"] == "channel", block
            event = json.loads(fields["data"])
            assert event["id"] == fields["id"]
            events.append(event)
        return events

    @property
    def comments(self) -> int:
        return sum(block == [": "] or block == [":"] for block in list(self.blocks))

    def close(self):
        # Else closing waits for the thread that reads, and it for the next event.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._connection.close()
        self.response.close()


def events(gateway: Program, kind: str | None = None, **members) -> list[dict]:
    """Those of /go/channel with this kind and these members, the oldest first."""
    found = gateway.http("/go/channel").json["events"]
    return [event for event in found if kind in (None, event["kind"])
            and all(event.get(key) == value for key, value in members.items())]


def told(gateway: Program, stream: EventStream, kind: str, **members) -> dict:
    """The first such event, once it stands in /go/channel, in the stream and in the log with the same words."""
    event = eventually(lambda: events(gateway, kind, **members))[0]
    eventually(lambda: event in stream.events)
    eventually(lambda: f" Channel: {event['message']}\n" in gateway.output)
    return event
