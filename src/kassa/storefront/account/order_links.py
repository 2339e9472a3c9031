"""The links to somebody's orders, sent to the e-mail address that was used for them.

Whether an address has any orders is found out by the worker alone: a page that asks for the links does the
same whatever the address is, so that neither its answer nor its duration tells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from kassa.core.budgets import Rate
from kassa.core.client_address import countable_address_in
from kassa.core.errors import NotFound
from kassa.core.personal_data import NOBODY
from kassa.core.rate_limits import RateLimit, require
from kassa.core.secrets import SecretUnreadable, decrypt, encrypt
from kassa.identity.domain.account_mail import AccountLetter, write_account_mail
from kassa.notifications.jobs import defer_account_mail
from kassa.orders.enums import LIVE_TICKETS
from kassa.privacy.whose import find_orders_by_email, find_tickets_by_email
from kassa.storefront.account.mailbox_budgets import MailboxBudget
from kassa.storefront.account.purchases import EventLine, OrderLine, list_event_lines, list_order_lines
from kassa.storefront.account.queue_letter import render_letter
from kassa.storefront.shops import Shop, shop_of

SEND_ORDER_LINKS = "kassa.send_order_links"
REQUESTS = RateLimit("order_links", per="address", default=Rate(10, 60, 10), is_shared=True)
MAILS_TO = MailboxBudget(
    of_network=RateLimit(
        "order_links_to", per="mailbox and network", default=Rate(6, 3600, 3), is_shared=True
    ),
    of_all=RateLimit("order_links_to_all", per="mailbox", default=Rate(30, 3600, 20), is_shared=True),
)
MOST_ORDERS = 20
"""Who has more finds the older ones by signing in."""
MOST_TICKETS = 50


@dataclass(frozen=True, slots=True)
class FoundPurchases:
    """What was bought with an address, or is made out to it."""

    orders: list[OrderLine]
    events: list[EventLine]
    has_more: bool
    """Whether there are older orders."""


def request_order_links(request: HttpRequest, email: str, *, shop: Shop | None, now: datetime) -> None:
    """Have the links to the orders of an address sent to it, in the present language.

    Of an address that was written to too often, nothing more is sent; that looks the same from outside.

    Raises:
        TooManyRequests: the client has asked too often, whatever the addresses.
    """
    address = countable_address_in(request.META)
    if address is not None:
        require(REQUESTS, address.host, now=now)
    asked = {
        "email": email,
        "is_within": MAILS_TO.spend(request, email),
        "organization_id": str(shop.organization_id) if shop else None,
        "language": translation.get_language(),
    }
    sealed = encrypt(json.dumps(asked))
    transaction.on_commit(lambda: app.configure_task(SEND_ORDER_LINKS).defer(sealed=sealed))


def send_order_links(sealed: str, *, now: datetime) -> None:
    """Write the mail with the links to all orders of an address, or that there are none."""
    try:
        asked = json.loads(decrypt(sealed))
    except SecretUnreadable:
        return
    email = asked["email"]
    if not asked["is_within"] or email == NOBODY:
        return
    organization_id = UUID(asked["organization_id"]) if asked["organization_id"] else None
    try:
        shop = shop_of(organization_id) if organization_id else None
    except NotFound:
        return
    with translation.override(asked["language"]):
        found = _find_purchases(email, organization_id=organization_id, now=now)
        write_account_mail(_build_letter(email, found, shop=shop), now=now)
    defer_account_mail()


def _find_purchases(email: str, *, organization_id: UUID | None, now: datetime) -> FoundPurchases:
    orders = find_orders_by_email(email, organization_id=organization_id).order_by("-created_at", "-id")
    newest = list(orders[: MOST_ORDERS + 1])
    live = LIVE_TICKETS
    tickets = find_tickets_by_email(email, organization_id=organization_id).filter(status__in=live)
    held = list(tickets.select_related("order").order_by("-id")[:MOST_TICKETS])
    return FoundPurchases(
        list_order_lines(newest[:MOST_ORDERS], now=now),
        list_event_lines(held, now=now),
        has_more=len(newest) > MOST_ORDERS,
    )


def _build_letter(email: str, found: FoundPurchases, *, shop: Shop | None) -> AccountLetter:
    is_empty = not found.orders and not found.events
    subject = _("We found no orders") if is_empty else _("Your orders")
    if shop:
        named = _("We found no orders at %(shop)s") if is_empty else _("Your orders at %(shop)s")
        subject = named % {"shop": shop.name}
    context = {
        "subject": subject,
        "preview": subject,
        "email": email,
        "orders": [_describe(line) for line in found.orders],
        "tickets": [
            {
                "title": event.facts.title,
                "name": line.type_name,
                "url": f"{settings.BASE_URL}/tickets/{line.token}",
            }
            for event in found.events
            for line in event.lines
            if line.token
        ],
        "has_more": found.has_more,
        "search_url": f"{shop.home}/find-order"
        if shop
        else settings.BASE_URL + reverse("account_find_order"),
        "code_url": settings.BASE_URL + reverse("account_request_login_code"),
    }
    return AccountLetter(
        recipient=email,
        subject=subject,
        text=render_letter("accounts/order_links_mail.txt", context, shop=shop).strip() + "\n",
        html=render_letter("accounts/order_links_mail.html", context, shop=shop),
        sender_name=shop.name if shop else "",
        reply_to=shop.email if shop else "",
    )


def _describe(line: OrderLine) -> dict[str, object]:
    return {
        "seller": line.organization.name,
        "events": line.events,
        "number": line.order.number,
        "day": line.placed_on,
        "what": line.what,
        "total": line.total,
        "url": f"{settings.BASE_URL}/orders/{line.token}",
    }
