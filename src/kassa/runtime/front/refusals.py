"""What the front answers by itself: that a process is there, and why a request goes no further."""

from __future__ import annotations

import orjson

from kassa.api.problems import MEDIA_TYPE, problem_document
from kassa.core.errors import KassaError
from kassa.runtime.front.rsgi import Headers, HTTPProtocol, Scope
from kassa.security import add_missing_headers
from kassa.storefront.refusal_pages import PAGE_HEADERS, refusal_page

HEALTH = "/healthz"
HEALTH_HEADERS = [("Content-Type", "text/plain"), ("Cache-Control", "no-store")]
FOR_PROGRAMS = ("/api/", "/webhooks/", "/anymail/")


def answer_health(protocol: HTTPProtocol) -> None:
    """Say that this process answers."""
    protocol.response_str(200, _with_security(HEALTH, HEALTH_HEADERS), "ok\n")


def refuse(error: KassaError, scope: Scope, protocol: HTTPProtocol, *, closes: bool) -> None:
    """Say why a request goes no further: on a page to a browser, else as a problem document.

    `closes` says that the connection ends with the answer.
    """
    if "text/html" in (scope.headers.get("accept") or "") and not scope.path.startswith(FOR_PROGRAMS):
        headers = list(PAGE_HEADERS.items())
        body = refusal_page(error.code, accept_language=scope.headers.get("accept-language") or "")
    else:
        headers = [("Content-Type", MEDIA_TYPE)]
        body = orjson.dumps(problem_document(error), default=str)
    headers += error.answer_headers.items()
    if error.status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    if closes:
        headers.append(("Connection", "close"))
    protocol.response_bytes(error.status, _with_security(scope.path, headers), body)


def _with_security(path: str, headers: Headers) -> Headers:
    """Return headers together with those that every answer has."""
    said = {name.lower(): (name, value) for name, value in headers}
    add_missing_headers(path, said)
    return list(said.values())
