"""What the frame of pages does around a view, whichever face it belongs to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.translation import get_language

from kassa.core.errors import Busy, Conflict, KassaError, NotFound
from kassa.storefront.links.link_pages import LINKS
from kassa.storefront.shop_pages import SHOPS
from kassa.web.headers import POLICY
from kassa.web.pages import PageFrame

FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://other.example"}


class Plain(PageFrame):
    headers = {POLICY: "default-src 'none'", "X-Robots-Tag": "noindex"}
    layout = "storefront/base.html"


class Private(Plain):
    is_private = True
    remembers_language = True


def answer(
    frame: PageFrame,
    *methods: str,
    raising: Exception | None = None,
    takes_foreign_forms: bool = False,
    **sent: Any,
) -> HttpResponse:
    """Send a request to a view in a frame, which says its language or raises."""

    @frame.page(*methods, takes_foreign_forms=takes_foreign_forms)
    def view(request: HttpRequest) -> HttpResponse:
        if raising is not None:
            raise raising
        return HttpResponse(get_language())

    method = sent.pop("method", "get")
    response = view(getattr(RequestFactory(), method)(sent.pop("path", "/here"), **sent))
    assert isinstance(response, HttpResponse)
    return response


def test_answer_says_what_its_face_says_and_speaks_the_language_of_the_browser() -> None:
    response = answer(Plain(), headers={"Accept-Language": "fr"})

    assert response.content == b"fr"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Vary"] == "Accept-Language"
    assert "Cache-Control" not in response


def test_private_answer_is_kept_by_no_cache_and_a_language_by_the_browser() -> None:
    response = answer(Private(), path="/here?lang=fr")

    assert "no-store" in response["Cache-Control"]
    assert response["Vary"] == "Accept-Language, Cookie"
    assert response.cookies["kassa_language"].value == "fr"


@pytest.mark.parametrize(
    ("raised", "status", "title"),
    [
        (NotFound(), 404, "Page not found"),
        (Conflict("Not now."), 409, "Not possible right now"),
        (Busy("Wait."), 503, "One moment, please"),
        (OperationalError("lock"), 503, "One moment, please"),
    ],
)
@pytest.mark.parametrize("frame", [Plain(), SHOPS], ids=["plain", "shop"])
def test_errors_are_pages_with_the_headers_of_their_face(
    frame: PageFrame, raised: Exception, status: int, title: str
) -> None:
    response = answer(frame, raising=raised)

    assert response.status_code == status
    assert f"<h1>{title}</h1>" in response.content.decode()
    assert response[POLICY] == frame.headers[POLICY]
    assert ("Retry-After" in response) is (status == 503)


def test_link_that_opens_nothing_says_so_and_leads_to_where_orders_are_found() -> None:
    page = answer(LINKS, raising=NotFound(), path="/orders/x?lang=fr").content.decode()

    assert "<h1>Ce lien ne fonctionne pas</h1>" in page
    assert 'href="/account/find-order/?lang=fr"' in page


def test_mistake_of_ours_is_no_page_of_the_frame() -> None:
    with pytest.raises(ZeroDivisionError):
        answer(Plain(), raising=ZeroDivisionError())


def test_form_of_another_site_is_refused_unless_the_page_takes_it() -> None:
    refused = answer(Plain(), "POST", method="post", headers=FOREIGN)
    taken = answer(Plain(), "POST", method="post", headers=FOREIGN, takes_foreign_forms=True)
    own = answer(Plain(), "POST", method="post", headers={"Sec-Fetch-Site": "same-origin"})

    assert [refused.status_code, taken.status_code, own.status_code] == [403, 200, 200]


@pytest.mark.parametrize("method", ["post", "put"])
def test_page_that_is_only_looked_at_takes_no_form(method: str) -> None:
    assert answer(Plain(), method=method).status_code == 405


def test_refusal_is_told_in_the_words_of_its_face() -> None:
    class Curt(Plain):
        def describe(self, error: KassaError) -> str:
            return "No."

    assert "<p>No.</p>" in answer(Curt(), raising=Conflict("Not now.")).content.decode()
    assert "<p>Not now.</p>" in answer(Plain(), raising=Conflict("Not now.")).content.decode()
