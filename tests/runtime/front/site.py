"""A small WSGI application behind the front, in a process of its own: no database, nothing of Kassa's pages.

``python -m tests.runtime.front.site SETTINGS`` serves it; the settings are JSON, see ``served.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

FILES_LIMIT = 8 * 1024 * 1024


class Pieces:
    """An answer that is made while it is sent."""

    streaming = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __iter__(self) -> Iterator[bytes]:
        for number in range(200):
            yield b"%04d" % number * 1000

    def close(self) -> None:
        (self.folder / "closed").touch()


class Flood(Pieces):
    """An answer of 40 MB, more than the system takes for a client that does not read."""

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(1_000_000)


class Site:
    """Answers by what the path says, and notes each request that reaches it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        with (self.folder / "called").open("a") as log:
            log.write(f"{environ['REQUEST_METHOD']} {path}\n")
        if path == "/stream":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return Pieces(self.folder)
        if path == "/flood":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return Flood(self.folder)
        if path == "/fail":
            raise ValueError("as the test wants")
        if found := re.fullmatch(r"/status/(\d+)", path):
            start_response(f"{found[1]} Whatever", [("X-Tried", "yes")])
            return []
        if path.startswith("/hold"):
            (self.folder / "held").read_text()  # a pipe: waits until the test writes into it
        return self.describe(environ, start_response)

    def describe(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        files = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.exists()]
        told = {
            "environ": {name: value for name, value in environ.items() if isinstance(value, str)},
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "thread": threading.current_thread().name,
            "spooled": sum(name.startswith(str(self.folder)) and "(deleted)" in name for name in files),
        }
        text = json.dumps(told).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
        return [text]


def main() -> None:
    given = json.loads(sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "kassa.settings"
    import django  # noqa: PLC0415 - the settings are read from the environment

    django.setup()
    from kassa import route_classes  # noqa: PLC0415
    from kassa.runtime.front.application import Front  # noqa: PLC0415
    from kassa.runtime.front.bodies import Bodies  # noqa: PLC0415
    from kassa.runtime.front.connections import Connections  # noqa: PLC0415
    from kassa.runtime.front.lanes import Lane  # noqa: PLC0415
    from kassa.runtime.front.waits import Waits  # noqa: PLC0415
    from kassa.runtime.web import serve  # noqa: PLC0415

    folder = Path(given["folder"])
    files = route_classes.RouteClass(
        "files", methods=None, paths=re.compile("/files"), body_limit=FILES_LIMIT
    )
    route_classes.ROUTE_CLASSES = (files, *route_classes.ROUTE_CLASSES)

    def load() -> Front:
        waits = Waits(slow_per_host=given["slow_per_host"])
        lanes = {
            name: Lane(
                name,
                threads=given["threads"],
                max_waiting=given["max_waiting"],
                max_wait_seconds=given["max_wait_seconds"],
            )
            for name in (route_classes.ORDERS, route_classes.PAGES)
        }
        bodies = Bodies(waits, seconds=given["body_seconds"], memory=given["body_memory"], folder=folder)
        connections = Connections(
            given["port"],
            per_host=given["connections_per_host"],
            answer_seconds=given["answer_seconds"],
        )
        return Front(Site(folder), lanes=lanes, waits=waits, bodies=bodies, connections=connections)

    serve(load, host="127.0.0.1", port=given["port"], workers=1)


if __name__ == "__main__":
    main()
