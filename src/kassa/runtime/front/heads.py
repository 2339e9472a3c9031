"""Heads of requests: what of them reaches the application, and what is refused."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

from kassa.api.problems import BadRequest
from kassa.core.client_address import countable_address_in
from kassa.runtime.front.rsgi import Scope

JOINED_BY = {"cookie": "; "}
"""How values of a header that occurs several times are joined, where that is not by a comma."""
REMEMBERED = 1_024
ONCE = frozenset({"host", "content-length", "content-type", "authorization"})
WITHOUT_PREFIX = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def body_length(scope: Scope) -> int | None:
    """Return how long the body is that a request announces; None: it comes in chunks, and ends somewhere.

    Raises:
        BadRequest: the head says two things, which two servers might understand in two ways.
    """
    headers = scope.headers
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if coding is None:
        if length is None:
            return 0
        if length.isdecimal() and len(length) < 16 and len(headers.get_all("content-length")) == 1:
            return int(length)
    elif length is None and coding.strip().lower() == "chunked":
        return None
    raise BadRequest("Say once how long the body is: in Content-Length, or by chunks.")


def build_environ(scope: Scope, body: Any, length: int) -> dict[str, Any]:
    """Return a request as WSGI has it.

    Headers with an underscore in their names are left out: WSGI could not tell ``X_Forwarded_For`` from
    ``X-Forwarded-For``, which only proxies may say.

    Raises:
        BadRequest: a header that decides something occurs twice.
    """
    environ = _build_connection(scope.http_version, scope.scheme, scope.server).copy()
    path = scope.path
    environ["REQUEST_METHOD"] = scope.method
    # WSGI has bytes here, in the guise of Latin-1.
    environ["PATH_INFO"] = path if path.isascii() else path.encode().decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["REMOTE_ADDR"] = _split_address(scope.client)[0]
    environ["wsgi.input"] = body
    for name, value in scope.headers.items():
        key = _name_in_wsgi(name)
        if key is None:
            continue
        if key not in environ:
            environ[key] = value
        elif name in ONCE:
            raise BadRequest(f"Send the header {name.title()} once.")
        else:
            environ[key] += JOINED_BY.get(name, ",") + value
    if environ.pop("HTTP_TRANSFER_ENCODING", None):
        environ["CONTENT_LENGTH"] = str(length)
    return environ


@lru_cache(maxsize=REMEMBERED)
def _build_connection(http_version: str, scheme: str, server: str) -> dict[str, Any]:
    """Return what all requests over alike connections have in common."""
    name, port = _split_address(server)
    return {
        "SCRIPT_NAME": "",
        "SERVER_PROTOCOL": f"HTTP/{http_version}",
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _split_address(text: str) -> tuple[str, str]:
    """Return the address and the port of an end of a connection."""
    address, _, port = text.rpartition(":")
    return address.strip("[]"), port


@lru_cache(maxsize=REMEMBERED)
def _name_in_wsgi(header: str) -> str | None:
    """Return under which name WSGI has a header. None: it could be taken for another."""
    if "_" in header:
        return None
    return WITHOUT_PREFIX.get(header) or "HTTP_" + header.replace("-", "_").upper()


def find_host(scope: Scope) -> str | None:
    """Return the host that a request comes from, as it is counted. None: hosts cannot be told apart."""
    environ = {"REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]")}
    forwarded = scope.headers.get_all("x-forwarded-for")
    if forwarded:
        environ["HTTP_X_FORWARDED_FOR"] = ",".join(forwarded)
    address = countable_address_in(environ)
    return None if address is None else address.host
