"""What pages say when something is not there, not allowed, or has to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.core.errors import KassaError

Text = str | Promise
BUSY_SECONDS = 2
ONE_MOMENT = _("One moment, please")


@dataclass(frozen=True, slots=True)
class Link:
    """A button that leads on from an error page."""

    label: Text
    address: str
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A title and a sentence; the frame of the face stands around them."""

    status: int
    title: Text
    text: Text = ""
    tone: str = "calm"
    """``good``, ``bad``, ``calm`` or ``wait``: the colour and the sign."""
    links: tuple[Link, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    template: str = "web/error.html"
    """It gets this page as ``error``, and as ``layout`` the template that it stands in."""


def build_not_found() -> ErrorPage:
    """Return what is said at an address that leads nowhere."""
    return ErrorPage(
        404, _("Page not found"), _("The address may be incomplete, or the page no longer exists.")
    )


def build_refused(error: KassaError, text: Text) -> ErrorPage:
    """Return what is said of a refusal, in the words of the face."""
    return ErrorPage(error.status, _("Not possible right now"), text, headers=error.answer_headers)


def build_busy(request: HttpRequest, error: Exception) -> ErrorPage:
    """Return what is said while a lock or the database has to be waited for too long."""
    said = error.answer_headers if isinstance(error, KassaError) else {}
    return ErrorPage(
        503,
        ONE_MOMENT,
        _(
            "Someone else is changing this right now, or too many people are waiting. Nothing was changed. "
            "Please reload the page."
        ),
        tone="wait",
        links=(Link(_("Try again"), request.path),),
        headers={"Retry-After": str(BUSY_SECONDS), **said},
    )
