"""Requests without pause over kept connections, and what became of each."""

import http.client
import json
import threading
import time
from typing import NamedTuple


class Call(NamedTuple):
    """Times are of CLOCK_MONOTONIC, in seconds, as samplectl's status has them."""

    began: float
    ended: float
    pod: str | None
    failure: str | None


class Load:
    """with Load(port) as load: …, then load.calls"""

    def __init__(self, port: int, connections: int = 4, pause: float = 0.01, path: str = "/go/sample"):
        self.port = port
        self.path = path
        self.pause = pause
        self._stopping = threading.Event()
        self._records: list[list[Call]] = [[] for _ in range(connections)]
        self._threads = [threading.Thread(target=self._run, args=(record,)) for record in self._records]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, record: list[Call]):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not self._stopping.is_set():
            began = time.monotonic()
            pod = failure = None
            try:
                connection.request("GET", self.path)
                response = connection.getresponse()
                body = response.read()
                if response.status == 200:
                    pod = json.loads(body)["response"]["hostname"]
                else:
                    failure = f"{response.status} {body[:200]}"
            except (OSError, http.client.HTTPException) as error:
                failure = repr(error)
                connection.close()
            record.append(Call(began, time.monotonic(), pod, failure))
            if self.pause:
                self._stopping.wait(self.pause)
        connection.close()

    @property
    def count(self) -> int:
        return sum(map(len, self._records))

    @property
    def calls(self) -> list[Call]:
        """In the order in which they ended."""
        return sorted((call for record in self._records for call in tuple(record)), key=lambda call: call.ended)

    @property
    def failures(self) -> list[Call]:
        return [call for call in self.calls if call.failure]

    def first_call(self, pod: str, since: float) -> float | None:
        """Asked again and again, so it sorts nothing."""
        ends = [call.ended for record in self._records for call in tuple(record) if call.pod == pod and call.ended >= since]
        return min(ends, default=None)
