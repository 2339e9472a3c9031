"""What the application answers, handed to granian."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kassa.runtime.front.rsgi import Headers, HTTPProtocol

WITHOUT_BODY = frozenset({204, 304})
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def answer(application: Application, environ: dict[str, Any], protocol: HTTPProtocol) -> None:
    """Let a WSGI application answer, in this thread."""
    status = 500
    headers: Headers = ()

    def start_response(line: str, given: Headers, _exception: Any = None) -> None:
        nonlocal status, headers
        status, headers = int(line[:3]), given

    result = application(environ, start_response)
    try:
        if status in WITHOUT_BODY or environ["REQUEST_METHOD"] == "HEAD":
            protocol.response_empty(status, headers)
        elif getattr(result, "streaming", False):
            _stream(protocol, status, headers, result)
        else:
            protocol.response_bytes(status, headers, b"".join(result))
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()


def _stream(protocol: HTTPProtocol, status: int, headers: Headers, pieces: Iterable[bytes]) -> None:
    """Send pieces as they are made. granian takes each at once, and keeps what the client is slow to read."""
    transport = protocol.response_stream(status, headers)
    for piece in pieces:
        transport.send_bytes(piece)
