"""The page of one event, course or trip: the same for everybody, and ready before anybody asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.shop.context import event_context
from kassa.storefront.shop.kept_page import KEPT_SECONDS, KeptPage, keep_page, send_page, to_its_address
from kassa.storefront.shop.offer import EventOffer, event_offer
from kassa.storefront.shop_pages import HEADERS, SOURCES, shop_page
from kassa.storefront.shops import Shop
from kassa.storefront.waiting.gate import send_to_wait
from kassa.web.headers import POLICY, build_policy

DEFAULT_LANGUAGE = "en"

Chosen = Mapping[str, str | list[str]]

_pages: TTLCache[tuple[UUID, UUID, str, str, bool, UUID | None], KeptPage] = TTLCache(
    "pages of events", ttl=KEPT_SECONDS, maxsize=500, wait=2.0
)


@shop_page()
def event_page(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Show an event."""
    return show_event(request, shop, event_id)


def show_event(
    request: HttpRequest,
    shop: Shop,
    event_id: UUID,
    *,
    chosen: Chosen | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with an event's page; after a form with what was chosen, and what is wrong with it.

    Raises:
        NotFound: the shop has no such event, or it is a draft or private.
        Busy: the database is slow to answer.
    """
    language = get_language() or DEFAULT_LANGUAGE
    if chosen is None:
        return answer_event(request, shop, event_id, language=language)
    now = utc_now()
    offer = event_offer(shop, event_id, language=language, now=now)
    embed = request.POST.get("embed") == "1"
    unlocked = _unlocked(offer, request.POST.get("ticket", ""))
    body = _write(shop, offer, embed=embed, unlocked=unlocked, chosen=chosen, problems=problems or {})
    return HttpResponse(body, status=status, headers=headers_of(shop, embed=embed))


def answer_event(request: HttpRequest, shop: Shop, event_id: UUID, *, language: str) -> HttpResponse:
    """Answer with what is kept of an event's page, or send to the waiting room.

    Raises:
        NotFound: the shop has no such event, or it is a draft or private.
        Busy: the database is slow to answer.
    """
    now = utc_now()
    embed, ticket = False, ""
    if request.META.get("QUERY_STRING"):
        embed, ticket = request.GET.get("embed") == "1", request.GET.get("ticket", "")
    wait = send_to_wait(request, shop.organization_id, [event_id], now=now)
    if wait is not None:
        return _wait_outside(request, shop, wait["Location"], language=language) if embed else wait
    unlocked = None
    if ticket:
        # Only what it unlocks makes a page of its own; anything else would fill the memory with copies.
        unlocked = _unlocked(event_offer(shop, event_id, language=language, now=now), ticket)

    def keep() -> KeptPage:
        offer = event_offer(shop, event_id, language=language, now=now)

        def write() -> str:
            with translation.override(language):
                return _write(shop, offer, embed=embed, unlocked=unlocked, chosen={}, problems={})

        return keep_page(offer.address, write, headers=headers_of(shop, embed=embed))

    page = _pages.get((shop.organization_id, event_id, language, shop.at, embed, unlocked), keep)
    return to_its_address(request, page.path) or send_page(request, page)


def headers_of(shop: Shop, *, embed: bool) -> dict[str, str]:
    """Return what a browser is told of a page; inside a frame it may be on the organisation's websites."""
    if not embed:
        return HEADERS
    frames = " ".join(shop.embed_origins) or "'none'"
    return {**HEADERS, POLICY: build_policy(**SOURCES, frame_ancestors=frames)}


def _wait_outside(request: HttpRequest, shop: Shop, location: str, *, language: str) -> HttpResponse:
    """Lead out of a frame: the waiting room is in none, and its cookies would not be kept there."""
    address = f"{location.partition('?')[0]}?next={quote(request.path, safe='/')}"
    with translation.override(language):
        body = render_to_string("shop/wait.html", {"shop": shop, "embed": True, "address": address})
    response = HttpResponse(body, headers=headers_of(shop, embed=True))
    response["Cache-Control"] = "no-store"
    return response


def _unlocked(offer: EventOffer, ticket: str) -> UUID | None:
    """Return the hidden ticket type that an address names; None: none of this event."""
    return next((one.id for one in offer.hidden if str(one.id) == ticket.lower()), None)


def _write(
    shop: Shop,
    offer: EventOffer,
    *,
    embed: bool,
    unlocked: UUID | None,
    chosen: Chosen,
    problems: Mapping[str, str],
) -> str:
    context: dict[str, Any] = event_context(shop, offer, unlocked=unlocked)
    context |= {"shop": shop, "embed": embed, "chosen": chosen, "problems": problems}
    return render_to_string("shop/event.html", context)
