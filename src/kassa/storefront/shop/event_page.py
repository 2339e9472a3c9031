"""The page of one event, course or trip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import get_language

from kassa.core.clock import utc_now
from kassa.storefront.shop.offer import event_offer
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop
from kassa.storefront.waiting.gate import send_to_wait

Chosen = Mapping[str, str | list[str]]


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
    """Answer with an event's page, with what was chosen and what is wrong with it.

    Raises:
        NotFound: the shop has no such event, or it is a draft or private.
        Busy: the database is slow to answer.
    """
    now = utc_now()
    if chosen is None:
        wait = send_to_wait(request, shop.organization_id, [event_id], now=now)
        if wait is not None:
            return wait
    offer = event_offer(shop, event_id, language=get_language() or "en", now=now)
    if chosen is None and request.path != offer.address:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{offer.address}?{query}" if query else offer.address)
    context: dict[str, Any] = {
        "offer": offer,
        "chosen": chosen or {},
        "problems": problems or {},
        "embed": "embed" in request.GET or "embed" in request.POST,
    }
    return show_page(request, "shop/event.html", context, shop=shop, status=status)
