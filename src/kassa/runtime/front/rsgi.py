"""granian's RSGI interface, as far as the front uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Any, Protocol

from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]

BROKEN: tuple[type[Exception], ...] = (ProtocolClosed, ProtocolError)
"""Raised when the connection has ended."""
Headers = Sequence[tuple[str, str]]


class Future(Protocol):
    """Something that granian's own threads bring about."""

    def add_done_callback(self, callback: Callable[[Any], None], /, *, context: Context) -> None: ...
    def done(self) -> bool: ...
    def result(self) -> Any: ...
    def cancel(self) -> bool: ...
    def cancelled(self) -> bool: ...


class RequestHeaders(Protocol):
    """The headers of a request; names are in lower case."""

    def get(self, name: str, default: str | None = None, /) -> str | None: ...
    def get_all(self, name: str, /) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """The head of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    """Decoded, without the query."""
    query_string: str
    headers: RequestHeaders


class Transport(Protocol):
    """Where the pieces of an answer go."""

    def send_bytes(self, piece: bytes, /) -> object: ...


class HTTPProtocol(Protocol):
    """Where the body comes from and the answer goes; usable from any thread. Only the first answer counts."""

    def __call__(self) -> Future: ...
    def __aiter__(self) -> HTTPProtocol: ...
    def __anext__(self) -> Future: ...
    def client_disconnect(self) -> Future: ...
    def response_empty(self, status: int, headers: Headers, /) -> None: ...
    def response_str(self, status: int, headers: Headers, body: str, /) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes, /) -> None: ...
    def response_stream(self, status: int, headers: Headers, /) -> Transport: ...
