"""What the shop's pages call: whoever has not been let in goes to the waiting room, and comes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from kassa.storefront.waiting.cookies import keep_pass, passes_in
from kassa.waiting.domain.kept import kept_room
from kassa.waiting.domain.passes import extend_pass, require_pass
from kassa.waiting.domain.places import read_pass
from kassa.waiting.errors import PassOver, WaitingRoomClosed


def send_to_wait(
    request: HttpRequest, organization_id: UUID, event_ids: Iterable[UUID], *, now: datetime
) -> HttpResponse | None:
    """Return the way to the waiting room, with this very page as the way back. None: nothing holds them up.

    For pages that are read; a form that is sent asks :func:`kassa.waiting.domain.passes.require_pass`, and
    shows what was typed again when it raises.
    """
    try:
        require_pass(organization_id, event_ids=event_ids, tokens=passes_in(request), now=now)
    except WaitingRoomClosed as closed:
        back = quote(request.get_full_path(), safe="/")
        response = HttpResponseRedirect(f"{wait_path(closed)}?next={back}")
        response["Cache-Control"] = "no-store"
        return response
    return None


def wait_path(closed: WaitingRoomClosed) -> str:
    """Return where to wait, on the host that one is on: passes and carts are kept for a host."""
    return urlsplit(closed.wait_at).path


def stay_in(
    request: HttpRequest,
    response: HttpResponseBase,
    organization_id: UUID,
    event_ids: Iterable[UUID],
    *,
    now: datetime,
) -> None:
    """Extend the passes of a buyer who goes on, if they end soon; for the pages of the checkout."""
    rooms = {
        room.room_id: room.event_id
        for event_id in event_ids
        if (room := kept_room(organization_id, event_id, now=now).room)
    }
    for token in passes_in(request):
        known = read_pass(organization_id, token)
        if known is None or known[0] not in rooms:
            continue
        try:
            longer = extend_pass(organization_id, token=token, now=now)
        except PassOver:
            continue
        if longer is not None:
            keep_pass(response, rooms[known[0]], longer, now=now)
