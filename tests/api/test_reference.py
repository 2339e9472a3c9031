"""The reference for people: every operation, from our own files, readable without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.text import slugify

from kassa.api.reference import format_prose
from kassa.api.tags import TAGS
from tests.contract.document import described, document

HREF = re.compile(r'(?:href|src)="([^"]*)"')
CHAPTERS = [f"/api/v1/docs/{slugify(name)}" for name in TAGS]
PAGES = ["/api/v1/docs", "/api/v1/problems", *CHAPTERS]


def look(path: str, **headers: Any) -> Any:
    return Client().get(path, **headers)


@pytest.mark.parametrize("path", PAGES)
def test_page_stands_by_itself(path: str) -> None:
    answer = look(path)
    html = answer.content.decode()

    assert answer.status_code == 200
    assert '<html lang="en">' in html
    assert len(re.findall("<h1", html)) == 1
    assert '<main id="content"' in html
    assert not re.search(r"<script|<style|style=|<img", html)
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "http" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    for address in HREF.findall(html):
        assert address.startswith(("/api/v1/", "/static/", "#")), address
    assert len(answer.content) < 400_000


def test_style_sheet_is_ours_and_loads_nothing() -> None:
    found = finders.find("api/reference.css")
    assert isinstance(found, str)
    assert "url(" not in Path(found).read_text()
    assert "api/reference.css" in look("/api/v1/docs").content.decode()


def test_each_operation_is_on_the_overview_and_in_its_chapter() -> None:
    pages = {path: look(path).content.decode() for path in PAGES}
    for _, _, operation in described():
        chapter = f"/api/v1/docs/{slugify(operation['tags'][0])}"
        assert f'href="{chapter}#{operation["operationId"]}"' in pages["/api/v1/docs"]
        assert f'<h2 id="{operation["operationId"]}">' in pages[chapter]
        for response in operation["responses"].values():
            for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {}):
                assert f'href="/api/v1/problems#{code}"' in pages[chapter]
                assert f'id="{code}"' in pages["/api/v1/problems"]


@pytest.mark.parametrize("path", CHAPTERS)
def test_links_within_a_chapter_lead_somewhere(path: str) -> None:
    html = look(path).content.decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in HREF.findall(html) if link.startswith("#")} <= set(ids)


def test_operation_shows_an_example_and_what_it_needs() -> None:
    html = look("/api/v1/docs/orders").content.decode()
    section = html.partition('<h2 id="orders_place_order">')[2].partition("</section>")[0]
    assert "&quot;email&quot;: &quot;ada@example.com&quot;" in section
    assert "Needs a key with the permission <code>order:place</code>." in section
    assert '<a href="#OrderIn">OrderIn</a>' in section


def test_page_that_a_browser_has_is_not_sent_again() -> None:
    first = look("/api/v1/docs/orders")
    again = look("/api/v1/docs/orders", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_chapter_there_is_none() -> None:
    assert look("/api/v1/docs/nothing", HTTP_ACCEPT="application/json").status_code == 404


def test_texts_of_the_description_are_not_run() -> None:
    shown = "<p>a &lt;b&gt;<code>&lt;i&gt;</code>&lt;/b&gt;</p><p>c &amp; d</p>"
    assert format_prose("a <b>`<i>`</b>\n\nc & d") == shown


def test_description_declares_its_tags_and_servers() -> None:
    tags = {tag["name"]: tag["description"] for tag in document()["tags"]}
    used = {tag for _, _, operation in described() for tag in operation["tags"]}
    assert used == tags.keys()
    assert all(tags.values())
    assert [server["url"] for server in document()["servers"]] == ["http://127.0.0.1:8000"]
