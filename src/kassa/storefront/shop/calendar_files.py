"""Events for people's own calendars: one alone, and all that a shop has on, to subscribe to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.catalog.queries import coming, listed_events_of
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.shop.addresses import event_address
from kassa.storefront.shop.context import public_address
from kassa.storefront.shop.kept_page import KeptPage, keep_page, send_page
from kassa.storefront.shop.offer import event_offer
from kassa.storefront.shop_pages import HEADERS, shop_page
from kassa.storefront.shops import Shop
from kassa.tickets.domain.calendar import event_entry, write_calendar

TYPE = "text/calendar; charset=utf-8"
TTL_SECONDS = 60.0
"""Calendars ask every few minutes at most, and a long file is slow to write."""
STAYS = timedelta(days=30)
"""How long what is over stays in a subscription."""
MOST_EVENTS = 500


_feeds: TTLCache[tuple[UUID, str], KeptPage] = TTLCache("calendars", ttl=TTL_SECONDS, maxsize=200, wait=5.0)


@shop_page()
def event_file(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Send an event as an iCalendar file.

    Raises:
        NotFound: the shop has no such event that everybody may see, or it has no date yet.
    """
    now, language = utc_now(), get_language() or "en"
    event = event_offer(shop, event_id, language=language, now=now).event
    if event.starts_at is None:
        raise NotFound("There is nothing at this address.")
    response = HttpResponse(_write(shop, [event], language), content_type=TYPE, headers=HEADERS)
    response["Content-Disposition"] = 'attachment; filename="event.ics"'
    return response


@shop_page()
def calendar_feed(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Send what a shop has on as a calendar to subscribe to, but for trips, of which there are too many."""
    language = get_language() or "en"
    feed = _feeds.get((shop.organization_id, language), lambda: _read(shop, request.path, language))
    response = send_page(request, feed)
    response["Content-Disposition"] = f'inline; filename="{shop.slug}.ics"'
    return response


def _read(shop: Shop, path: str, language: str) -> KeptPage:
    now = utc_now()
    recent = coming(now=now) | Q(starts_at__gt=now - STAYS)
    events = listed_events_of(shop.organization_id).exclude(kind=EventKind.TRIP).exclude(starts_at=None)
    shown = list(events.filter(recent).order_by("starts_at", "id")[:MOST_EVENTS])
    headers = {**HEADERS, "Content-Type": TYPE}
    return keep_page(path, lambda: _write(shop, shown, language).decode(), headers=headers)


def _write(shop: Shop, events: list[Event], language: str) -> bytes:
    # Where something is watched online is told to those who have a ticket; a calendar leads to its page.
    entries = [
        event_entry(
            event,
            shop,
            online_at=public_address(shop, event_address(shop, event)),
            language=language,
            # The file stays the same as long as the event does, so that calendars need not read it again.
            now=max(event.updated_at, event.created_at),
        )
        for event in events
    ]
    return write_calendar(entries, name=shop.name)
