"""Requests that come when they come, however long the answers to others take: an open load.

Unlike that of ``load.py``, whose clients wait for an answer before they ask again, it goes on asking when
the server is too slow, as a crowd does. Each request takes a connection that is idle, or opens another one.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.errors import BenchmarkFailed
from benchmarks.load import Requests, end_of_answer, receive

MOST_CONNECTIONS = 12_000
LONGEST_STEP = 0.002
"""Seconds between two looks at what is due."""


class NotOffered(BenchmarkFailed):
    """The generator could not send as many requests as it was to."""


@dataclass(slots=True)
class Stream:
    """Requests of one kind at a steady rate."""

    requests: Requests
    per_second: float
    idle: deque[_Connection] = field(default_factory=deque)
    latencies: dict[bytes, array[float]] = field(default_factory=dict)
    """By status, in seconds from when the request was due; of those that were due in the measured time."""
    created: list[bytes] = field(default_factory=list)
    lost: int = 0
    sent: int = 0

    def statuses(self) -> Counter[int]:
        """Return how many answers there were of each status."""
        return Counter({int(status): len(found) for status, found in self.latencies.items()})


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    stream: Stream
    key: bytes = b""
    due: float = 0.0
    unread: bytes = b""


class OpenLoad:
    """Sends several streams at once."""

    def __init__(self, port: int, streams: list[Stream]) -> None:
        self._port = port
        self._streams = streams
        self._poller = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._waiting = 0

    def run(self, *, warm_up: float, seconds: float, drain: float) -> None:
        """Send for `warm_up` and for `seconds`, which are measured, and wait for the last answers.

        Raises:
            NotOffered: it did not come to sending all of them.
        """
        gc.collect()
        gc.disable()
        started = time.perf_counter()
        self._measured = (started + warm_up, started + warm_up + seconds)
        try:
            while (now := time.perf_counter()) < self._measured[1]:
                for stream in self._streams:
                    self._send_due(stream, started, now)
                self._receive(LONGEST_STEP)
            ends = time.perf_counter() + drain
            while self._waiting and time.perf_counter() < ends:
                self._receive(0.05)
        finally:
            gc.enable()
            for connection in self._connections.values():
                connection.socket.close()
            self._poller.close()
        for stream in self._streams:
            wanted = (warm_up + seconds) * stream.per_second
            if stream.sent < 0.95 * wanted:
                raise NotOffered(f"{stream.sent:,} of {wanted:,.0f} requests were sent.")

    def _send_due(self, stream: Stream, started: float, now: float) -> None:
        due = started + stream.sent / stream.per_second
        while due <= now and (stream.idle or len(self._connections) < MOST_CONNECTIONS):
            connection = stream.idle.pop() if stream.idle else self._connect(stream)
            connection.key, request = next(stream.requests)
            connection.due = due
            stream.sent += 1
            due = started + stream.sent / stream.per_second
            try:
                connection.socket.sendall(request)
                self._waiting += 1
            except OSError:
                self._drop(connection)

    def _connect(self, stream: Stream) -> _Connection:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        connection = self._connections[opened.fileno()] = _Connection(opened, stream)
        self._poller.register(opened, select.EPOLLIN)
        return connection

    def _drop(self, connection: _Connection) -> None:
        connection.stream.lost += 1
        del self._connections[connection.socket.fileno()]
        connection.socket.close()

    def _end(self, connection: _Connection) -> None:
        """Let go of a connection that the server has closed; while it was idle, nothing is lost by that."""
        if connection.due:
            self._waiting -= 1
            self._drop(connection)
            return
        connection.stream.idle.remove(connection)
        del self._connections[connection.socket.fileno()]
        connection.socket.close()

    def _receive(self, timeout: float) -> None:
        for descriptor, _ in self._poller.poll(timeout):
            connection = self._connections[descriptor]
            data = connection.unread + receive(connection.socket)
            if len(data) == len(connection.unread):
                self._end(connection)
                continue
            end = end_of_answer(data)
            if end is None or len(data) < end:
                connection.unread = data
                continue
            self._waiting -= 1
            self._note(connection, data[9:12])

    def _note(self, connection: _Connection, status: bytes) -> None:
        stream = connection.stream
        if self._measured[0] <= connection.due < self._measured[1]:
            latency = time.perf_counter() - connection.due
            stream.latencies.setdefault(status, array("d")).append(latency)
        if status == b"201":
            stream.created.append(connection.key)
        connection.unread, connection.due = b"", 0.0
        stream.idle.append(connection)


def in_turn_forever(requests: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Return requests without a key, over and over."""
    while True:
        for request in requests:
            yield b"", request
