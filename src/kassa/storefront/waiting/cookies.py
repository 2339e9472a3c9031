"""What a browser keeps: its place in a line, and later the pass that lets it by."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kassa.waiting.domain.entries import Pass
from kassa.waiting.domain.kept import KeptRoom
from kassa.waiting.domain.places import place_token
from kassa.web.cookies import set_cookie

PLACE = "kassa_place"
PASS = "kassa_pass_"  # noqa: S105 - the first part of a name
KEPT_FOR = timedelta(days=7)


def place_in(request: HttpRequest) -> str:
    """Return the place that a browser brings, unchecked; empty: none."""
    return str(request.COOKIES.get(PLACE, ""))


def passes_in(request: HttpRequest) -> list[str]:
    """Return all passes that a browser brings, unchecked."""
    return [value for name, value in request.COOKIES.items() if name.startswith(PASS)]


def keep_place(response: HttpResponseBase, room: KeptRoom, number: int, *, slug: str) -> None:
    """Let the browser keep its place; it shows it to this waiting room alone, and to no script.

    ``slug`` is the one by which it came, so that whoever waits when the slug changes keeps their place.
    """
    set_cookie(
        response,
        PLACE,
        place_token(room.organization_id, room.room_id, number),
        seconds=int(KEPT_FOR.total_seconds()),
        path=f"/waiting/{slug}/{room.event_id}",
    )


def keep_pass(response: HttpResponseBase, event_id: UUID, given: Pass, *, now: datetime) -> None:
    """Let the browser keep a pass for as long as it is good."""
    seconds = max(0, int((given.expires_at - now).total_seconds()))
    set_cookie(response, f"{PASS}{event_id.hex}", given.token, seconds=seconds)
