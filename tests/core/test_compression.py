"""Pages are sent compressed, with a length that tells nothing; all else as it is."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpRequest, HttpResponse

from kassa.core.compression import CompressPages

TEXT = b"<p>Seats and courses.</p>" * 50


def answer(kind: str, content: bytes = TEXT, *, accepted: str = "gzip", **headers: str) -> HttpResponse:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepted
    response = HttpResponse(content, content_type=kind, headers=headers)
    sent = CompressPages(lambda _: response)(request)
    assert isinstance(sent, HttpResponse)
    return sent


@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "text/calendar", "application/xml", "image/svg+xml"]
)
def test_pages_are_compressed(kind: str) -> None:
    sent = answer(kind)

    assert gzip.decompress(sent.content) == TEXT
    assert sent["Content-Encoding"] == "gzip"
    assert sent["Content-Length"] == str(len(sent.content))
    assert sent["Vary"] == "Accept-Encoding"


def test_the_length_tells_nothing_of_what_is_inside() -> None:
    lengths = {len(answer("text/html").content) for _ in range(50)}

    assert len(lengths) > 10


@pytest.mark.parametrize("kind", ["application/json", "application/pdf", "application/problem+json"])
def test_other_answers_stay_as_they_are(kind: str) -> None:
    sent = answer(kind)

    assert sent.content == TEXT
    assert not sent.has_header("Content-Encoding")
    assert not sent.has_header("Vary")


def test_who_reads_nothing_compressed_gets_the_page_as_it_is() -> None:
    sent = answer("text/html", accepted="identity")

    assert sent.content == TEXT
    assert sent["Vary"] == "Accept-Encoding"


def test_what_is_compressed_already_is_left_alone() -> None:
    sent = answer("text/html", gzip.compress(TEXT * 10), **{"Content-Encoding": "gzip"})

    assert gzip.decompress(sent.content) == TEXT * 10
