"""Answers kept as ready bytes: compressed for those who take it, and sent once."""

from __future__ import annotations

import gzip

import pytest
from django.test import RequestFactory

from kassa.core.ready_response import make_ready

TEXT = b"the same for everybody " * 100


def test_it_is_sent_compressed_to_those_who_take_it(rf: RequestFactory) -> None:
    ready = make_ready(TEXT, content_type="text/plain")
    plain = ready.answer(rf.get("/"), cache_control="public, max-age=60")
    packed = ready.answer(rf.get("/", headers={"Accept-Encoding": "br, gzip"}), cache_control="public")

    assert plain.content == TEXT
    assert plain.headers["Cache-Control"] == "public, max-age=60"
    assert gzip.decompress(packed.content) == TEXT
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_it_is_sent_once(rf: RequestFactory, encoding: str) -> None:
    ready = make_ready(TEXT, content_type="text/plain")
    headers = {"Accept-Encoding": encoding}
    first = ready.answer(rf.get("/", headers=headers), cache_control="public")
    again = rf.get("/", headers={**headers, "If-None-Match": first.headers["ETag"]})
    second = ready.answer(again, cache_control="public")

    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["ETag"] == first.headers["ETag"]


def test_head_has_the_length_alone(rf: RequestFactory) -> None:
    answer = make_ready(TEXT, content_type="text/plain").answer(rf.head("/"), cache_control="public")
    assert answer.content == b""
    assert answer.headers["Content-Length"] == str(len(TEXT))


def test_what_gets_no_smaller_stays_as_it_is(rf: RequestFactory) -> None:
    ready = make_ready(b"x", content_type="text/plain")
    assert ready.compressed is None
    answer = ready.answer(rf.get("/", headers={"Accept-Encoding": "gzip"}), cache_control="public")
    assert not answer.has_header("Content-Encoding")
