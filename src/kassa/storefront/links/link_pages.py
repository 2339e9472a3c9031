"""The frame of the pages that secret links open: orders, tickets, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from kassa.core.errors import KassaError, NotFound
from kassa.storefront.links.links import LinkDead
from kassa.storefront.messages import DEAD_LINK, problem_text
from kassa.web.errors import ErrorPage, Link, Text
from kassa.web.headers import OWN, POLICY, SECRET_ADDRESS, build_policy
from kassa.web.language import requested_language
from kassa.web.pages import PageFrame


class LinkFrame(PageFrame):
    """Nothing is kept by caches, nothing is passed on, and links keep the language that was asked for."""

    headers = {POLICY: build_policy(style_src=OWN, font_src=OWN, img_src=OWN), **SECRET_ADDRESS}
    layout = "storefront/base.html"
    is_private = True
    handled = (KassaError, OperationalError, LinkDead)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what goes on in links."""
        return {"query": language_query(request)}

    def describe(self, error: KassaError) -> Text:
        """Return the sentence for buyers."""
        return problem_text(error)

    def build_error(self, request: HttpRequest, error: Exception) -> ErrorPage:
        """Say of a link that opens nothing why it does not, and where orders are found."""
        find_order = (Link(_("Find my order"), f"/account/find-order/{language_query(request)}"),)
        match error:
            case LinkDead():
                dead = DEAD_LINK[error.reason]
                return ErrorPage(410, dead.title, dead.text, tone=dead.tone, links=find_order)
            case NotFound():
                return ErrorPage(
                    404,
                    _("This link doesn’t work"),
                    _("It may be incomplete or out of date. Open it again from the e-mail it came with."),
                    links=find_order,
                )
        return super().build_error(request, error)


LINKS = LinkFrame()
public_page = LINKS.page


def language_query(request: HttpRequest) -> str:
    """Return what keeps a link in the language that the address names; empty: it names none."""
    language = requested_language(request)
    return f"?lang={language}" if language else ""


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with a page whose links stay in the language that was asked for."""
    return LINKS.render(request, f"storefront/{template}.html", context, status=status)
