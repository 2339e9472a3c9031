"""The load generator: one thread, raw sockets and epoll, because it shares the machine with what it measures.

Each client keeps one connection and sends its next request when the answer to the last is
complete. Requests are made before; only the idempotency key is put in. Of an answer only the
status and the end are looked for.
"""

from __future__ import annotations

import gc
import re
import select
import socket
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.cpu import CpuTimes
from benchmarks.errors import BenchmarkFailed

DRAIN_SECONDS = 30.0
"""How long the last answers may take once no more requests are sent."""
LARGEST_READ = 1 << 18
_LENGTH = b"content-length: "
_CHUNKED = b"transfer-encoding: chunked"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_CODE = re.compile(rb'"code":"([a-z_]+)"')

Requests = Iterator[tuple[bytes, bytes]]
"""Endless pairs of a key, which comes back for an answer 201, and the bytes to send."""


class AnswersMissing(BenchmarkFailed):
    """Requests were still unanswered when the time to wait for them was over."""


@dataclass(slots=True)
class LoadResult:
    """What came back. The figures are of the measured time; keys and refusals are of all answers."""

    seconds: float
    latencies: array[float]
    """In seconds, of every answer within the measured time."""
    statuses: Counter[int]
    """Of the answers within the measured time."""
    refusals: Counter[str]
    """Of all answers: those from 400 on, as ``status code``, and lost connections."""
    created: list[bytes]
    """Keys of all requests that were answered 201."""
    cpu: CpuTimes


@dataclass(slots=True)
class _Client:
    socket: socket.socket
    key: bytes = b""
    sent_at: float = 0.0
    unread: bytes = b""


@dataclass(slots=True)
class _Tally:
    latencies: array[float] = field(default_factory=lambda: array("d"))
    statuses: Counter[bytes] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    created: list[bytes] = field(default_factory=list)


def run_load(
    port: int,
    requests: Requests,
    *,
    clients: int,
    read_cpu: Callable[[], CpuTimes],
    seconds: float,
    limit: int | None = None,
) -> LoadResult:
    """Send requests for so many seconds, or until ``limit`` of them have been sent.

    Raises:
        AnswersMissing: an answer did not come within half a minute after the last request.
    """
    run = _Run(port, requests, limit=limit)
    gc.collect()
    gc.disable()
    try:
        return run.perform(clients, seconds, read_cpu)
    finally:
        gc.enable()
        run.close()


class _Run:
    def __init__(self, port: int, requests: Requests, *, limit: int | None) -> None:
        self._port = port
        self._requests = requests
        self._left = -1 if limit is None else limit
        self._poller = select.epoll()
        self._clients: dict[int, _Client] = {}
        self._waiting = 0
        self._tally = _Tally()

    def perform(self, clients: int, seconds: float, read_cpu: Callable[[], CpuTimes]) -> LoadResult:
        idle = [self._connect() for _ in range(clients)]
        cpu_before = read_cpu()
        started = time.perf_counter()
        deadline = started + seconds
        for client in idle:
            self._send(client, started)
        while self._waiting and time.perf_counter() < deadline:
            self._answer(deadline, timeout=0.05)
        ended = time.perf_counter()
        cpu = read_cpu() - cpu_before
        measured, self._tally = self._tally, _Tally()
        while self._waiting:
            if time.perf_counter() > ended + DRAIN_SECONDS:
                raise AnswersMissing(f"{self._waiting} requests were not answered.")
            self._answer(0, timeout=1)
        return LoadResult(
            seconds=ended - started,
            latencies=measured.latencies,
            statuses=Counter({int(status): count for status, count in measured.statuses.items()}),
            refusals=measured.refusals + self._tally.refusals,
            created=measured.created + self._tally.created,
            cpu=cpu,
        )

    def close(self) -> None:
        for client in self._clients.values():
            client.socket.close()
        self._poller.close()

    def _connect(self) -> _Client:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        client = self._clients[opened.fileno()] = _Client(opened)
        self._poller.register(opened, select.EPOLLIN)
        return client

    def _send(self, client: _Client, now: float) -> None:
        if self._left == 0:
            return
        self._left -= 1
        client.key, request = next(self._requests)
        client.sent_at = now
        client.socket.sendall(request)  # a small request always fits the socket's buffer
        self._waiting += 1

    def _answer(self, deadline: float, *, timeout: float) -> None:
        """Take what has come; who has a whole answer sends the next request until the deadline."""
        tally = self._tally
        for descriptor, _ in self._poller.poll(timeout):
            client = self._clients[descriptor]
            data = client.unread + receive(client.socket)
            if len(data) == len(client.unread):
                client = self._replace(descriptor)
            else:
                end = end_of_answer(data)
                if end is None or len(data) < end:
                    client.unread = data
                    continue
                client.unread = b""
                now = time.perf_counter()
                tally.latencies.append(now - client.sent_at)
                status = data[9:12]
                tally.statuses[status] += 1
                if status == b"201":
                    tally.created.append(client.key)
                elif status >= b"400":
                    tally.refusals[_reason(status, data)] += 1
            self._waiting -= 1
            now = time.perf_counter()
            if now < deadline:
                self._send(client, now)

    def _replace(self, descriptor: int) -> _Client:
        """Open another connection for one that the server has closed."""
        self._tally.refusals["connection lost"] += 1
        self._clients.pop(descriptor).socket.close()
        return self._connect()


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(LARGEST_READ)
    except ConnectionResetError:
        return b""


def end_of_answer(data: bytes) -> int | None:
    """Return the length of head and body; None: the end cannot be told yet."""
    head_end = data.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    at = data.find(_LENGTH, 0, head_end)
    if at >= 0:
        at += len(_LENGTH)
        return head_end + 4 + int(data[at : data.index(b"\r", at)])
    if data.find(_CHUNKED, 0, head_end) >= 0:
        # JSON escapes line breaks, so the last chunk cannot be mistaken.
        at = data.find(_LAST_CHUNK, head_end)
        return None if at < 0 else at + len(_LAST_CHUNK)
    return head_end + 4  # 304 has no body


def _reason(status: bytes, data: bytes) -> str:
    code = _CODE.search(data)
    return f"{status.decode()} {code[1].decode() if code else ''}".strip()
