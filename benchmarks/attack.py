"""Attacks of one address by slow bodies, large bodies and large answers, and how long others wait then."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkFailed
from benchmarks.plan import Plan
from benchmarks.server import Stage

SLOW = (140, 1_000)
"""Connections whose bodies do not come."""
READERS, ASKED_EACH = 140, 3
"""Connections that ask for the API's description, and how often each does."""
LARGE = 200_000_000
PATHS = ("/tickets/x", "/orders/x/return", "/transfers/x", "/account/login/", "/demo-bank/pay/x")
PROBE_PAUSE = 0.05
PATIENCE = 30.0


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Attack, and ask `/healthz` again and again meanwhile."""
    probes = {"nothing": _probe(stage.port, plan.seconds)}
    for count in SLOW:
        with _connections(stage.port, count) as attackers:
            for attacker in attackers:
                attacker.sendall(_head("POST /account/login/", "Content-Length: 1000") + b"a")
            probes[f"{count:,} slow bodies"] = _probe(stage.port, plan.seconds)
    with _connections(stage.port, READERS) as attackers:
        for attacker in attackers:
            attacker.sendall(_head("GET /api/v1/openapi.json") * ASKED_EACH)
        probes[f"{READERS} that ask for {ASKED_EACH} API descriptions"] = _probe(stage.port, plan.seconds)
    before = _written(stage.clock.web_pid)
    large = [_send_large(stage.port, path, is_chunked=each) for path in PATHS for each in (False, True)]
    written = _written(stage.clock.web_pid) - before
    plan.say(f"attack: {probes}; large bodies {large}, {written:,} bytes written")
    return {"probes": probes, "large_ms": max(large), "large_bytes": LARGE, "written": written}


def _probe(port: int, seconds: float) -> dict[str, float]:
    """Ask `/healthz` on new connections, and return the median and the longest time in milliseconds."""
    times, ends = [], time.monotonic() + max(seconds, 2.0)
    while time.monotonic() < ends:
        started = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/healthz")
        if connection.getresponse().read() != b"ok\n":
            raise BenchmarkFailed("/healthz did not answer.")
        connection.close()
        times.append(1000 * (time.perf_counter() - started))
        time.sleep(PROBE_PAUSE)
    times.sort()
    return {"p50_ms": times[len(times) // 2], "max_ms": times[-1]}


def _send_large(port: int, path: str, *, is_chunked: bool) -> float:
    """Send a body that is far too large until it is refused; return after how many milliseconds it was."""
    how = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {LARGE}"
    piece = bytes(65_536)
    with _connections(port, 1) as [attacker]:
        started, sent = time.perf_counter(), 0
        attacker.sendall(_head(f"POST {path}", "Content-Type: multipart/form-data; boundary=x", how))
        with contextlib.suppress(ConnectionError):
            while sent < LARGE and not select.select([attacker], [], [], 0)[0]:
                attacker.sendall(b"10000\r\n" + piece + b"\r\n" if is_chunked else piece)
                sent += len(piece)
        with HTTPResponse(attacker) as response:
            response.begin()
            if response.status != 413:
                raise BenchmarkFailed(f"{path} answered {response.status} to {LARGE:,} bytes.")
        return 1000 * (time.perf_counter() - started)


@contextlib.contextmanager
def _connections(port: int, count: int) -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    try:
        while len(opened) < count:
            opened.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        yield opened
    finally:
        for each in opened:
            each.close()


def _head(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def _written(pid: int) -> int:
    """Return how many bytes a process and its children have handed to storage."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    counts = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(counts["write_bytes"]) + sum(_written(int(child)) for child in children)
