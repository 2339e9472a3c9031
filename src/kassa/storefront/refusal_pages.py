"""Plain pages for requests that are refused before anything is known about them."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.core.languages import parse_accept_language
from kassa.storefront.links.link_pages import LINKS
from kassa.storefront.shop_pages import HEADERS
from kassa.web.errors import ONE_MOMENT, ErrorPage

MANY_VISITORS = _("Very many people are here just now. Nothing was done; try again in a moment.")
TEXTS: dict[str, tuple[Promise, Promise]] = {
    "body_too_large": (
        _("Too large"),
        _("What you sent is too large. Send less at once, or smaller files."),
    ),
    "body_too_slow": (
        _("That took too long"),
        _("The connection was too slow for what you sent. Try again, if possible with a better one."),
    ),
    "busy": (ONE_MOMENT, MANY_VISITORS),
    "desk_busy": (ONE_MOMENT, MANY_VISITORS),
    "too_many_requests": (
        ONE_MOMENT,
        _("That was done too often in a short time. Wait a moment, then try again."),
    ),
    "upgrade_under_way": (
        _("We’ll be back in a moment"),
        _("This site is being updated. Nothing was done; load the page again in a minute."),
    ),
    "not_found": (
        _("Page not found"),
        _("There is no page at this address. It may have moved or been removed."),
    ),
}
"""Title and sentence, by the code of the error."""
OTHERS = (_("That was not understood"), _("We cannot read what your browser sent. Open the page again."))
PAGE_HEADERS = {**HEADERS, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "private, no-store"}


def refusal_page(code: str, *, accept_language: str) -> bytes:
    """Return the page that says why a request was refused, in the language that the browser prefers."""
    return _render(
        code if code in TEXTS else "", parse_accept_language(accept_language) or settings.LANGUAGE_CODE
    )


@lru_cache(maxsize=64)
def _render(code: str, language: str) -> bytes:
    title, text = TEXTS.get(code, OTHERS)
    with translation.override(language):
        page = ErrorPage(0, title, text, tone="wait")
        return render_to_string(page.template, {"error": page, "layout": LINKS.layout}).encode()
