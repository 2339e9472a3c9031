"""A Kassa with its demo that lives as long as the pictures are taken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_SECONDS = 600
STOP_SECONDS = 60

HALL, COACHES, SCHOOL, SHOP = (
    "lindenhof-concert-hall",
    "heronway-coaches",
    "foxglove-school-of-code",
    "copper-lane-electronics",
)


@contextmanager
def website(html: str) -> Iterator[str]:
    """Serve one page as somebody else's website would, and say where."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()


class House:
    """`kassa serve` in a temporary folder, and what its demo sells."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="kassa-screens-", ignore_cleanup_errors=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment = {
            **inherited,
            "KASSA_DATA_DIR": self._folder.name,
            "KASSA_PORT": str(port),
            "KASSA_DEMO": "1",
        }
        self._log = (Path(self._folder.name) / "serve.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kassa", "serve"],
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait()
            told = subprocess.run(
                [sys.executable, "-m", "kassa", "demo", "--json"],
                env=environment,
                capture_output=True,
                check=True,
            )
            self.demo = json.loads(told.stdout)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()
        # Where root starts it, the database lies elsewhere and the folder only points at it.
        shutil.rmtree((Path(self._folder.name) / "postgres").resolve(), ignore_errors=True)
        self._folder.cleanup()

    @property
    def words(self) -> str:
        """What `make run` says at the terminal, at the address that it has there."""
        said = (Path(self._folder.name) / "serve.log").read_text().strip()
        return said.replace(self.address, "http://127.0.0.1:8000")

    def organization(self, slug: str) -> dict[str, Any]:
        return next(one for one in self.demo["organizations"] if one["slug"] == slug)

    def event(self, slug: str, title: str) -> dict[str, Any]:
        """Return the first event of a shop whose title begins like this."""
        return next(one for one in self.organization(slug)["events"] if one["title"].startswith(title))

    def event_path(self, slug: str, title: str) -> str:
        return f"/{slug}/events/{self.event(slug, title)['id']}"

    def product_path(self, slug: str, sku: str) -> str:
        product = next(one for one in self.organization(slug)["products"] if one["sku"] == sku)
        return f"/{slug}/products/{product['id']}"

    def call(self, slug: str, method: str, path: str, body: Any) -> None:
        """Change something as the organisation's own program does."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.address}/api/v1{path}",
            method=method,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.organization(slug)['api_key']}",
                "Content-Type": "application/json",
            },
        )
        urllib.request.urlopen(request).close()  # noqa: S310

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.address}/{HALL}/").close()  # noqa: S310
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)
            else:
                return
        raise SystemExit((Path(self._folder.name) / "serve.log").read_text())
