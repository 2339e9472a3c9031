"""Answers under a tag: whose tag they match, who gets them compressed, and what is sent once (RFC 9110)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

import kassa
from kassa.core.cached_response import accepts_gzip, cached_response, is_matched

BODY = b'{"left": 7}'
PACKED = gzip.compress(BODY, mtime=0)
TAG = '"a1"'


def ask(
    method: str = "GET", *, etag: str = TAG, compressed: bytes | None = PACKED, vary: str = "", **headers: str
) -> HttpResponse:
    """Answer a request that has the headers; an underscore stands for a dash."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().generic(method, "/", headers=sent)
    return cached_response(
        request, BODY, etag=etag, cache_control="max-age=1", compressed=compressed, vary=vary
    )


@pytest.mark.parametrize(
    ("if_none_match", "etag", "matches"),
    [
        ('"a1"', '"a1"', True),
        ('W/"a1"', '"a1"', True),
        ('"a1"', 'W/"a1"', True),
        ('W/"a1"', 'W/"a1"', True),
        ('"b2", "a1"', '"a1"', True),
        ('"b2",W/"a1" , "c3"', '"a1"', True),
        ("*", '"a1"', True),
        (" * ", '"a1"', True),
        ('"b2"', '"a1"', False),
        ('"a1-gzip"', '"a1"', False),
        ('"a1"', '"a1-gzip"', False),
        ('"xa1"', '"a1"', False),
        ('"b2", "c3"', '"a1"', False),
        ("a1", '"a1"', False),
        ('w/"a1"', '"a1"', False),
        ('"*"', '"a1"', False),
        ('"b2", *', '"a1"', False),
        ("", '"a1"', False),
        (",,", '"a1"', False),
    ],
)
def test_tags_are_compared_weakly_in_lists(if_none_match: str, etag: str, *, matches: bool) -> None:
    assert is_matched(if_none_match, etag) == matches
    assert ask(etag=etag, compressed=None, If_None_Match=if_none_match).status_code == (
        304 if matches else 200
    )


@pytest.mark.parametrize(
    ("accept_encoding", "takes_gzip"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("deflate;q=0.5,gzip ; q=0.8", True),
        ("gzip;q=1.0", True),
        ("gzip;q=0.001", True),
        ("*", True),
        ("br;q=1.0, *;q=0.1", True),
        ("", False),
        ("br", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*;q=0", False),
        ("*, gzip;q=0", False),
        ("gzipped", False),
        ("notgzip", False),
    ],
)
def test_it_is_compressed_for_those_who_take_it(accept_encoding: str, *, takes_gzip: bool) -> None:
    answer = ask(Accept_Encoding=accept_encoding)

    assert accepts_gzip(accept_encoding) == takes_gzip
    assert answer.content == (PACKED if takes_gzip else BODY)
    assert answer.get("Content-Encoding") == ("gzip" if takes_gzip else None)
    assert answer["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("etag", "plain", "packed"), [('"a1"', '"a1"', '"a1-gzip"'), ('W/"a1"', 'W/"a1"', 'W/"a1"')]
)
def test_strong_tag_names_one_form_and_weak_one_both(etag: str, plain: str, packed: str) -> None:
    assert ask(etag=etag)["ETag"] == plain
    assert ask(etag=etag, Accept_Encoding="gzip")["ETag"] == packed
    assert ask(etag=etag, Accept_Encoding="gzip", If_None_Match=packed).status_code == 304


def test_other_form_s_strong_tag_is_no_match() -> None:
    assert ask(Accept_Encoding="gzip", If_None_Match='"a1"').content == PACKED
    assert ask(If_None_Match='"a1-gzip"').content == BODY


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_not_modified_says_what_the_answer_would_say_to_caches(encoding: str) -> None:
    first = ask(Accept_Encoding=encoding)
    again = ask(Accept_Encoding=encoding, If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.get(name) for name in ("ETag", "Cache-Control", "Vary")} == {
        "ETag": first["ETag"],
        "Cache-Control": "max-age=1",
        "Vary": "Accept-Encoding",
    }
    assert not {"Content-Type", "Content-Encoding", "Content-Length"} & set(again.headers)


def test_head_has_the_length_alone() -> None:
    answer = ask("HEAD")

    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", str(len(BODY)))
    assert ask("HEAD", If_None_Match=TAG).status_code == 304


@pytest.mark.parametrize(
    ("compressed", "vary", "said"),
    [
        (None, "", None),
        (PACKED, "", "Accept-Encoding"),
        (None, "Cookie", "Cookie"),
        (PACKED, "Accept-Encoding, Cookie", "Accept-Encoding, Cookie"),
    ],
)
def test_caches_are_told_what_it_depends_on(compressed: bytes | None, vary: str, said: str | None) -> None:
    assert ask(compressed=compressed, vary=vary).get("Vary") == said


def test_form_that_is_not_sent_is_not_made() -> None:
    made: list[str] = []

    def make(form: str) -> bytes:
        made.append(form)
        return BODY

    for headers in ({}, {"Accept-Encoding": "gzip"}, {"If-None-Match": TAG}):
        request = RequestFactory().get("/", headers=headers)
        cached_response(
            request,
            lambda: make("plain"),
            etag=TAG,
            cache_control="no-cache",
            compressed=lambda: make("packed"),
        )

    assert made == ["plain", "packed"]


def test_nobody_else_negotiates() -> None:
    root = Path(kassa.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for word in ("HTTP_IF_NONE_MATCH", 'get("If-None-Match")', "get_conditional_response")
        if word in path.read_text()
    }
    assert found == {"core/cached_response.py"}
