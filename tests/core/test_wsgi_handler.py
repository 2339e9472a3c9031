"""Our handler: responses as Django's own gives them, addresses without parameters looked for once."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished

from kassa.core.wsgi_handler import Handler


def build_environ(path: str, *, method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        **headers,
    }


def serve(handler: WSGIHandler, environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        started.append((status, dict(headers)))

    response = handler(environ, start_response)
    body = b"".join(response)
    response.close()
    (status, headers) = started[0]
    return status, headers, body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/healthz", ""),
        ("/api/v1/problems", ""),
        ("/api/v1/orders", ""),
        ("/api/v1/nothing", ""),
        ("/api/orders", "limit=0"),
        ("/no-shop/events/", ""),
        ("/static/nothing.css", ""),
    ],
)
def test_responses_are_those_of_django(path: str, query: str) -> None:
    ours, theirs = Handler(), WSGIHandler()

    for _ in range(2):  # the second time its view is remembered
        status, headers, body = serve(ours, build_environ(path, query=query))
        expected = serve(theirs, build_environ(path, query=query))

        assert (status, headers.keys(), body) == (expected[0], expected[1].keys(), expected[2])


@pytest.mark.django_db(transaction=True)
def test_cookies_are_sent() -> None:
    status, headers, _ = serve(Handler(), build_environ("/account/login/"))

    assert (status, headers["Set-Cookie"].strip().partition("=")[0]) == ("200 OK", "kassa_csrf")


def test_addresses_with_parameters_are_not_remembered() -> None:
    handler = Handler()

    for path in ("/healthz", "/healthz", "/api/v1/docs/orders", "/api/v1/docs/tickets"):
        serve(handler, build_environ(path))

    assert handler.remembered == {"/healthz"}


def test_response_closes_its_request() -> None:
    closed: list[Any] = []

    def note(sender: Any, **_signal: Any) -> None:
        closed.append(sender)

    request_finished.connect(note)
    try:
        serve(Handler(), build_environ("/healthz"))
    finally:
        request_finished.disconnect(note)

    assert closed == [Handler]
