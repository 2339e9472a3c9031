"""A page is written in the language that its address names, was chosen before, or the browser likes."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation

from kassa.web.language import (
    LANGUAGE_COOKIE,
    activate_language,
    remember_requested_language,
    requested_language,
    resolve_language,
)
from kassa.web.redirects import see_other, see_other_page


def asking(path: str = "/", *, accept: str = "", cookie: str = "") -> HttpRequest:
    request = RequestFactory().get(path, headers={"Accept-Language": accept} if accept else {})
    if cookie:
        request.COOKIES[LANGUAGE_COOKIE] = cookie
    return request


@pytest.mark.parametrize(
    ("request_", "remembered", "default", "spoken"),
    [
        (asking("/?lang=fr", accept="en", cookie="en"), True, None, "fr"),
        (asking("/?lang=xx", accept="fr"), True, None, "fr"),
        (asking(accept="en", cookie="fr"), True, None, "fr"),
        (asking(accept="en", cookie="fr"), False, None, "en"),
        (asking(accept="en", cookie="xx"), True, None, "en"),
        (asking(accept="de, fr;q=0.5"), False, None, "fr"),
        (asking(accept="de"), False, "fr", "fr"),
        (asking(accept="de"), False, None, "en"),
    ],
)
def test_language_of_a_page(
    request_: HttpRequest, remembered: bool, default: str | None, spoken: str
) -> None:
    assert resolve_language(request_, is_remembered=remembered, default=default) == spoken


def test_address_has_the_last_word_over_the_language_of_an_order() -> None:
    with translation.override("en"):
        activate_language(asking(), None)
        assert translation.get_language() == "en"
        activate_language(asking(), "fr")
        assert translation.get_language() == "fr"
        activate_language(asking("/?lang=en"), "fr")
        assert translation.get_language() == "en"


@pytest.mark.parametrize(
    ("path", "kept", "is_set"), [("/?lang=fr", "", True), ("/?lang=fr", "fr", False), ("/", "", False)]
)
def test_browser_keeps_a_language_that_it_has_not_kept_yet(path: str, kept: str, is_set: bool) -> None:
    response = HttpResponse()

    remember_requested_language(asking(path, cookie=kept), response)

    assert (LANGUAGE_COOKIE in response.cookies) is is_set


def test_redirect_after_a_form_stays_in_the_language_of_its_address() -> None:
    there = see_other_page(asking("/a?lang=fr"), "/b", done="changed")

    assert (there.status_code, there["Location"]) == (303, "/b?done=changed&lang=fr")
    assert see_other_page(asking("/a"), "/b")["Location"] == "/b"
    assert see_other_page(asking("/a"), "/b", next="/c/d&e")["Location"] == "/b?next=/c/d%26e"
    assert requested_language(asking("/a?lang=de")) is None
    assert see_other("https://bank.example/?a=b")["Location"] == "https://bank.example/?a=b"
