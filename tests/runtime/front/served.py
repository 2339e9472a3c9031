"""Serving the small site, and talking to it over plain sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from tests.support.conditions import wait_until

PATIENCE = 30.0


@dataclass
class Answer:
    """One answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """What the site says about the request."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


class Connection:
    """A connection on which a test says byte by byte what it sends."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(host, 0))

    def send(self, *parts: str | bytes) -> Connection:
        for part in parts:
            self.socket.sendall(part if isinstance(part, bytes) else part.encode("latin-1"))
        return self

    def head(self, line: str, *headers: str) -> Connection:
        return self.send("\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, "", ""]))

    def answer(self, method: str = "GET") -> Answer:
        """Read the next answer; only the last one of a connection may be read by this."""
        response = HTTPResponse(self.socket, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, response.read())
        response.close()
        return answer

    def rest(self) -> bytes:
        """Read until the server closes the connection."""
        pieces = []
        while piece := self.socket.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        self.socket.close()


@dataclass
class Served:
    """The small site in a process of its own."""

    folder: Path
    threads: int = 2
    max_waiting: int = 1000
    max_wait_seconds: float = 30.0
    body_seconds: float = 30.0
    body_memory: int = 64 * 1024 * 1024
    slow_per_host: int = 100
    connections_per_host: int = 1000
    answer_seconds: float = 30.0
    request_rate: str = "off"
    """How often one address may ask, as its setting is written."""
    port: int = 0
    connections: list[Connection] = field(default_factory=list, repr=False)
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, response.read())
        connection.close()
        return answer

    def connect(self, host: str = "127.0.0.1") -> Connection:
        """Open a connection from a host, which is closed after the test at the latest."""
        self.connections.append(Connection(self.port, host))
        return self.connections[-1]

    def close_connections(self) -> None:
        while self.connections:
            self.connections.pop().close()

    def called(self) -> list[str]:
        """Return the requests that have reached the application."""
        log = self.folder / "called"
        return log.read_text().splitlines() if log.exists() else []

    def log(self) -> str:
        """Return what the process has logged."""
        return (self.folder / "log").read_text()

    def let_go(self) -> None:
        """Let one request to ``/hold`` go on."""
        with (self.folder / "held").open("w"):
            pass

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status == 200
        except OSError:
            return False


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[Served]:
    """Serve the site until the test is over."""
    site = Served(folder, **settings)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        site.port = probe.getsockname()[1]
    os.mkfifo(folder / "held")
    told = {name: value for name, value in vars(site).items() if name not in ("process", "connections")} | {
        "folder": str(folder)
    }
    log = (folder / "log").open("wb")
    site.process = subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.front.site", json.dumps(told)],
        env={
            **os.environ,
            "KASSA_DATA_DIR": str(folder),
            "TMPDIR": str(folder / "nowhere"),
            "KASSA_RATE_REQUESTS": site.request_rate,
            "KASSA_LOG_LEVEL": "DEBUG",
        },
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        wait_until(lambda: site.answers() or site.process.poll() is not None, seconds=60)  # type: ignore[union-attr]
        assert site.process.poll() is None, (folder / "log").read_text()
        yield site
    finally:
        site.close_connections()
        log.close()
        with suppress(ProcessLookupError):  # the test has stopped it
            os.killpg(site.process.pid, signal.SIGKILL)
        site.process.wait()
