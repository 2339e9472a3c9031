"""Static files: small on the way, kept for good under the address of their version, never under another."""

from __future__ import annotations

import gzip
import re

import pytest
from django.templatetags.static import static
from django.test import Client

from kassa.core.static_files import FOR_A_MINUTE, FOR_GOOD, files, version

BROWSER = Client()
STYLES = "checkin/page.css"
TEXT = files()[STYLES].read_bytes()
OLD = "0123456789abcdef"


def test_addresses_have_the_version_of_their_app() -> None:
    assert re.fullmatch("[0-9a-f]{16}", version("checkin"))
    assert static(STYLES) == f"/static/{version('checkin')}/{STYLES}"
    assert static("mailbox/mailbox.css") == f"/static/{version('mailbox')}/mailbox/mailbox.css"
    assert version("mailbox") != version("checkin")


def test_a_file_comes_compressed_and_is_kept_for_good() -> None:
    answer = BROWSER.get(static(STYLES), headers={"Accept-Encoding": "gzip, br"})

    assert gzip.decompress(answer.content) == TEXT
    assert len(answer.content) < len(TEXT) / 2
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["Cache-Control"] == FOR_GOOD
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_comes_as_it_is_to_who_reads_nothing_else() -> None:
    answer = BROWSER.get(static(STYLES))

    assert answer.content == TEXT
    assert not answer.has_header("Content-Encoding")
    assert answer["Cache-Control"] == FOR_GOOD


@pytest.mark.parametrize("address", [f"/static/{STYLES}", f"/static/{OLD}/{STYLES}"])
def test_without_the_present_version_it_is_kept_for_a_minute_only(address: str) -> None:
    answer = BROWSER.get(address)

    assert answer.content == TEXT
    assert answer["Cache-Control"] == FOR_A_MINUTE


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_a_browser_has_already_is_not_sent_again(encoding: str) -> None:
    first = BROWSER.get(f"/static/{STYLES}", headers={"Accept-Encoding": encoding})
    again = BROWSER.get(
        f"/static/{STYLES}", headers={"Accept-Encoding": encoding, "If-None-Match": first["ETag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == FOR_A_MINUTE
    assert again["ETag"] == first["ETag"]


def test_compressed_and_plain_have_different_tags() -> None:
    tags = {BROWSER.get(static(STYLES), headers={"Accept-Encoding": one})["ETag"] for one in ("gzip", "x")}

    assert len(tags) == 2


def test_a_picture_is_not_compressed_again() -> None:
    name = "checkin/icon-192.png"
    answer = BROWSER.get(static(name), headers={"Accept-Encoding": "gzip"})

    assert answer.content == files()[name].read_bytes()
    assert answer["Content-Type"] == "image/png"
    assert not answer.has_header("Content-Encoding")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("checkin/app.js", "text/javascript; charset=utf-8"),
        ("checkin/icon.svg", "image/svg+xml; charset=utf-8"),
        ("checkin/vendor/zxing-wasm/zxing_reader.wasm", "application/wasm"),
    ],
)
def test_types_are_those_that_browsers_insist_on(name: str, kind: str) -> None:
    answer = BROWSER.get(static(name), headers={"Accept-Encoding": "gzip"})

    assert answer["Content-Type"] == kind
    assert answer["Content-Encoding"] == "gzip"


def test_only_the_head_is_sent_to_who_asks_for_it() -> None:
    answer = BROWSER.head(static(STYLES))

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Length"] == str(len(TEXT))


@pytest.mark.parametrize(
    "address",
    [
        "/static/checkin/nothing.css",
        f"/static/{OLD}/",
        "/static/../settings.py",
        "/static/%2e%2e/x",
        "/static/",
    ],
)
def test_there_is_nothing_else(address: str) -> None:
    assert BROWSER.get(address).status_code == 404


def test_files_cannot_be_sent_to() -> None:
    answer = BROWSER.post(static(STYLES))

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
