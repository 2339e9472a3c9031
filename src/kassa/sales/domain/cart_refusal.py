"""A refusal of what a whole cart would hold, told to the one who changed a part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from kassa.catalog.errors import AboutLine
from kassa.core.errors import KassaError
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.request import RequestedLine
from kassa.sales.errors import SoldOut


class Lines(Protocol):
    """An item of a cart, as the lines that make it up."""

    @property
    def id(self) -> UUID: ...

    @property
    def lines(self) -> tuple[RequestedLine, ...]: ...

    @property
    def asked_as(self) -> int | None: ...


def tell_refusal(refusal: KassaError, items: Sequence[Lines], *, known: frozenset[UUID]) -> KassaError:
    """Return a refusal whose `line` counts the lines that are being put in.

    One that is about an item the cart has already says `cart_item` instead.
    """
    owners = [item for item in items for _ in item.lines]
    if isinstance(refusal, AboutLine) and refusal.line is not None:
        owner = owners[refusal.line]
        if owner.asked_as is not None:
            refusal.set_line(owner.asked_as)
        elif owner.id in known:
            refusal.set_cart_item(owner.id)
    return refusal


def name_the_short(
    refusal: SoldOut,
    items: Sequence[Lines],
    quote: Quote,
    free: Mapping[UUID, int],
    *,
    changed: frozenset[UUID],
) -> SoldOut:
    """Return the refusal of the last new or changed item that is too many beside all the others.

    ``free`` is what this cart could have of each quota, its own places included. What is left for
    an item is what the others leave. If seats are short and not places, the refusal stays as it is.
    """
    index = len(quote.offers)
    for item in reversed(items):
        index -= len(item.lines)
        if item.id not in changed:
            continue
        offer, quantity = quote.offers[index], sum(line.quantity for line in item.lines)
        left = [free.get(quota, 0) - quote.needs[quota] + quantity for quota in offer.quota_ids]
        if left and min(left) < quantity:
            # Who adds to an item is told how many more of it there are.
            held = sum(line.quantity for line in item.lines[1:]) if item.asked_as is not None else 0
            return SoldOut(line=index, item=offer.id, name=offer.name, left=max(min(left) - held, 0))
    return refusal
