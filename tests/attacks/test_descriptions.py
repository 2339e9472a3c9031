"""Who asks for the largest documents again and again wants each of them to be made anew."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kassa.api import description_view
from kassa.api.application import api
from kassa.api.description import DescribedAPI
from kassa.runtime import web
from kassa.storefront.shop import platform_pages
from tests.attacks.wire import connections, get, head, read_answer
from tests.support.factories import make_organization
from tests.support.kassa_process import KassaProcess

OPENAPI = "/api/v1/openapi.json"


def count_calls(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[int]:
    """Count how often something is made, and make it all the same."""
    made: list[int] = []
    real: Callable[..., Any] = getattr(owner, name)

    def counted(*args: Any, **named: Any) -> Any:
        made.append(1)
        return real(*args, **named)

    monkeypatch.setattr(owner, name, counted)
    return made


def test_the_description_is_made_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    description_view.get_ready_description.cache_clear()
    description_view._document.cache_clear()
    made = count_calls(monkeypatch, DescribedAPI, "get_openapi_schema")
    first = client.get(OPENAPI)
    for _ in range(20):
        assert client.get(OPENAPI).content == first.content
        assert client.get(OPENAPI, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
        known = client.get(OPENAPI, headers={"If-None-Match": first.headers["ETag"]})
        assert (known.status_code, known.content) == (304, b"")
    assert made == [1]
    assert client.post(OPENAPI).status_code == 405


def test_it_is_there_before_anybody_asks(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is made in a process that serves, everybody else would wait."""
    description_view.get_ready_description.cache_clear()
    description_view._document.cache_clear()
    made = count_calls(monkeypatch, DescribedAPI, "get_openapi_schema")
    web._import_application()
    assert made == [1]
    assert client.get(OPENAPI).status_code == 200
    assert made == [1]


def test_control_it_is_what_would_be_made_anew(client: Client) -> None:
    document = client.get(OPENAPI, headers={"Accept-Encoding": "gzip"}).content
    assert json.loads(gzip.decompress(document)) == json.loads(json.dumps(api.get_openapi_schema()))
    assert len(document) < 150_000


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sitemap.xml", "/{slug}/sitemap.xml"])
def test_sitemaps_are_made_once(client: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    address = path.format(slug=make_organization().slug)
    made = count_calls(monkeypatch, platform_pages, "render_to_string")
    bodies = {client.get(address).content for _ in range(10)}
    assert len(bodies) == 1
    assert made == [1]


def test_a_flood_for_the_description_keeps_nobody_waiting(kassa: KassaProcess) -> None:
    with connections(kassa.port, 140) as attackers:
        for connection in attackers:
            connection.sendall(head(f"GET {OPENAPI}") * 3)
        for _ in range(20):
            assert get(kassa.port, "/healthz") == (200, b"ok\n")
        assert get(kassa.port, "/api/v1/problems")[0] == 200
        for connection in attackers:
            status, document = read_answer(connection)
            assert status in (200, 503)
            assert status == 503 or len(document) > 500_000
