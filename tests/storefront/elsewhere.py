"""Another host, to which pages of Kassa lead: a sign-in provider that sends visitors on once more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

PAGE = """<!doctype html><html lang="en"><title>Elsewhere</title><main><h1>Elsewhere</h1>
<a id="back" href="{back}">Back</a></main></html>"""


@dataclass
class Elsewhere:
    """A host at an address of its own.

    ``asked`` are the queries of those who were sent there, ``referrers`` the pages that visitors came from.
    """

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    referrers: list[str | None] = field(default_factory=list)

    @property
    def authorize_url(self) -> str:
        """Where visitors are sent; from there they are redirected to yet another host."""
        return f"http://127.0.0.1:{self.port}/authorize"

    @property
    def consent_url(self) -> str:
        return f"http://127.0.0.2:{self.port}/consent"


@contextmanager
def elsewhere_running() -> Iterator[Elsewhere]:
    """Serve the host until the end of the block."""
    elsewhere = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/authorize":
                elsewhere.asked.append(query)
                self.send_response(302)
                self.send_header("Location", f"{elsewhere.consent_url}?{urlencode(query)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if address.path == "/visited":
                elsewhere.referrers.append(self.headers["Referer"])
            answer = urlencode({"code": "c", "state": query.get("state", "")})
            body = PAGE.format(
                back=f"{query.get('redirect_uri', '')}?{answer}".replace("&", "&amp;")
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104 - two addresses of this machine
    elsewhere.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield elsewhere
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
