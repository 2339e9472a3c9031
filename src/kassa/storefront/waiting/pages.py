"""The waiting room's two pages: the same one for all who have scripts, and one of one's own for others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache

from kassa.catalog.enums import EventStatus
from kassa.catalog.queries import event_of
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError, NotFound
from kassa.storefront.formatting import moment_text
from kassa.storefront.messages import problem_text
from kassa.storefront.shops import shop_named
from kassa.storefront.waiting.addresses import next_address
from kassa.storefront.waiting.cookies import place_in
from kassa.storefront.waiting.find import organization_of, room_at
from kassa.storefront.waiting.words import WORDS, Words, ahead_text, number_text, wait_text
from kassa.waiting.domain.entries import number_in
from kassa.waiting.domain.kept import KeptRoom
from kassa.waiting.domain.line import rank_of, seconds_until, serving, state_of
from kassa.waiting.enums import RoomState
from kassa.waiting.errors import PlaceUnknown
from kassa.web.errors import Text
from kassa.web.headers import OWN, POLICY, SECRET_ADDRESS, build_policy
from kassa.web.language import requested_language, resolve_language
from kassa.web.pages import PageFrame

PAGE_CACHE = "public, max-age=5, stale-while-revalidate=30, stale-if-error=60"
"""It is the same for everybody: who stands where, the browser works out from its own place."""
REFRESH_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody without scripts stands in the line."""

    state: str
    """One of the room's states, or ``called``, or ``outside`` for who has no place yet."""
    ahead: str = ""
    wait: str = ""
    rank: int = 0
    rank_text: str = ""
    served: int = 0


class WaitingFrame(PageFrame):
    """A page that is the same for everybody: no cookie has a say in its language."""

    headers = {
        POLICY: build_policy(script_src=OWN, connect_src=OWN, style_src=OWN, font_src=OWN, img_src=OWN),
        **SECRET_ADDRESS,
    }
    layout = "storefront/base.html"

    def describe(self, error: KassaError) -> Text:
        """Return the sentence for buyers."""
        return problem_text(error)


WAITING = WaitingFrame()


@WAITING.page()
def show_room(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """Show the page of a waiting room, which is the same for everybody."""
    room = room_at(slug, event_id).room
    context = _context(request, slug, event_id, room, resolve_language(request))
    response = WAITING.render(request, "storefront/waiting/room.html", context)
    response["Cache-Control"] = PAGE_CACHE
    return response


@never_cache
@WAITING.page()
def show_line(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """Show one's own place to those without scripts; the page comes again by itself."""
    return _own_page(request, slug, event_id, room_at(slug, event_id).room)


def show_used_place(request: HttpRequest, room: KeptRoom) -> HttpResponse:
    """Say that a place has been used, and offer another one."""
    return _own_page(request, room.slug, room.event_id, room, standing=Standing("used"), status=409)


def standing_of(room: KeptRoom | None, token: str, words: Words, now: datetime) -> Standing:
    """Work out how somebody stands who shows a place, which may be none."""
    state = RoomState.OVER if room is None else state_of(room.line, now)
    if room is None or state in (RoomState.OVER, RoomState.EARLY):
        return Standing(state.value)
    try:
        number = number_in(room, token)
    except PlaceUnknown:
        return Standing("outside")
    rank = rank_of(room.line, room.seed, number)
    if rank is None:
        return Standing(RoomState.GATHERING.value, ahead=_together(words, room.line.joined - 1))
    called = serving(room.line, now)
    if rank <= called:
        return Standing("called")
    wait = seconds_until(room.line, rank, now)
    return Standing(
        state.value,
        ahead=ahead_text(words, rank - called - 1),
        wait="" if wait is None else wait_text(words, wait),
        rank=rank,
        rank_text=number_text(words, rank),
        served=called,
    )


def _together(words: Words, others: int) -> str:
    return words["many_wait"].format(n=number_text(words, others)) if others > 0 else words["one_waits"]


def _own_page(
    request: HttpRequest,
    slug: str,
    event_id: UUID,
    room: KeptRoom | None,
    *,
    standing: Standing | None = None,
    status: int = 200,
) -> HttpResponse:
    language = resolve_language(request)
    with translation.override(language):
        context = _context(request, slug, event_id, room, language)
        found = standing or standing_of(room, place_in(request), WORDS[language], utc_now())
        context |= {"standing": found, "refresh": REFRESH_SECONDS}
        response = WAITING.render(request, "storefront/waiting/line.html", context, status=status)
    return WAITING.finish(request, response)


def _context(
    request: HttpRequest, slug: str, event_id: UUID, room: KeptRoom | None, language: str
) -> dict[str, object]:
    wanted = next_address(request)
    query = f"?next={quote(wanted, safe='/')}"
    asked = requested_language(request)
    words = WORDS[language]
    return {
        "shop": shop_named(slug),
        "title": room.title if room else _title(slug, event_id),
        "opens_text": words["early_text"].format(opens=moment_text(room.line.opens_at, room.time_zone))
        if room
        else "",
        "starts": moment_text(room.line.starts_at, room.time_zone) if room else "",
        "base": f"/waiting/{slug}/{event_id}",
        "next": wanted,
        "query": f"{query}&lang={asked}" if asked else query,
        "other_language": f"{query}&lang={'en' if language == 'fr' else 'fr'}",
        "language": language,
        "words": words,
        "refresh_text": words["refresh"].format(n=REFRESH_SECONDS),
    }


def _title(slug: str, event_id: UUID) -> str:
    """Return the title of an event without a waiting room, if everybody may know it."""
    event = event_of(organization_of(slug), event_id)
    if event.status == EventStatus.DRAFT:
        raise NotFound("There is nothing at this address.")
    return event.title
