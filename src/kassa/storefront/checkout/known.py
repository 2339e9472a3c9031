"""What is known of a buyer before they type anything: from their cart, their account, or the order before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kassa.orders.models import Order, Ticket
from kassa.orders.queries import list_order_tickets
from kassa.sales.domain.browser_carts import is_of_another_browser
from kassa.sales.domain.cart_again import order_before
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.checkout.visit import Visit

ASKED_OF_BUYERS = ("email", "first_name", "last_name", "phone")


@dataclass(frozen=True, slots=True)
class Known:
    """What the forms begin with."""

    buyer: Mapping[str, str] = field(default_factory=dict)
    shipping: Mapping[str, str] = field(default_factory=dict)
    invoice: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    attendees: Mapping[UUID, Sequence[Ticket]] = field(default_factory=dict)
    """By ticket type, in the order of the tickets."""
    notes: str = ""


def known_of(visit: Visit, basket: Basket) -> Known:
    """Return what the forms of a checkout begin with; what a cart knows comes before the account.

    A cart that a browser has opened shows it to that one alone: others may have its address, too.
    """
    country = (visit.shop.address or {}).get("country", "")
    is_own = not is_of_another_browser(basket.cart, visit.browser)
    before = order_before(visit.organization_id, basket.cart) if basket.is_open and is_own else None
    if before is not None:
        return _of_order(before, country)
    return Known(
        buyer=_buyer(visit, basket if is_own else None),
        shipping={"country": country},
        invoice={"country": country},
    )


def _buyer(visit: Visit, basket: Basket | None) -> dict[str, str]:
    customer = basket.view.customer if basket else None
    known = {name: getattr(customer, name, None) or "" for name in ASKED_OF_BUYERS}
    if visit.buyer is not None and not known["email"]:
        first_name, _, last_name = visit.buyer.name.partition(" ")
        known |= {"email": visit.buyer.email, "first_name": first_name, "last_name": last_name}
    return known


def _of_order(order: Order, country: str) -> Known:
    attendees: defaultdict[UUID, list[Ticket]] = defaultdict(list)
    for ticket in list_order_tickets(order.organization_id, order.id):
        attendees[ticket.ticket_type_id].append(ticket)
    return Known(
        buyer={name: getattr(order, f"customer_{name}") for name in ASKED_OF_BUYERS},
        shipping={"country": country, **(order.shipping_address or {})},
        invoice={"country": country, **(order.billing_address or {})},
        answers=order.answers,
        attendees=attendees,
        notes=order.notes,
    )
