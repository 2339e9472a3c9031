"""How many of something limited a customer has: of an event, a ticket type or a product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.core.errors import KassaError
from kassa.sales.domain.numbered_uses import NumberedUses, Numbers
from kassa.sales.domain.offers import CustomerLimit
from kassa.sales.domain.quote import Quote
from kassa.sales.errors import AlreadyBooked, LimitPerCustomer

LIVE_LIMIT_USES = """
SELECT limited_id, customer_key, nth FROM orders_limituse
WHERE organization_id = %s AND limited_id = ANY(%s::uuid[]) AND customer_key = ANY(%s::text[])
  AND released_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class LimitedLine:
    """All that an order asks for of one limited thing, at the first line that is about it."""

    limit: CustomerLimit
    line: int
    quantity: int


def list_limited(quote: Quote) -> list[LimitedLine]:
    """Return what of an order is limited for each customer, and how many of it are asked for."""
    wanted: Counter[UUID] = Counter()
    first: dict[UUID, tuple[CustomerLimit, int]] = {}
    for index, (line, offer) in enumerate(zip(quote.request.lines, quote.offers, strict=True)):
        for limit in offer.customer_limits:
            wanted[limit.limited_id] += line.quantity
            first.setdefault(limit.limited_id, (limit, index))
    return [LimitedLine(limit, index, wanted[limited_id]) for limited_id, (limit, index) in first.items()]


def refuse_limited(limited: LimitedLine, item_id: UUID, *, left: int) -> KassaError:
    """Return the refusal of an order that asks for more than its customer may have."""
    limit = limited.limit
    if limit.is_booking:
        return AlreadyBooked(line=limited.line, item=item_id, name=limit.name)
    return LimitPerCustomer(
        line=limited.line, item=item_id, name=limit.name, maximum=limit.maximum, left=max(left, 0)
    )


class LimitUses:
    """What customers have of limited things, while a batch is placed."""

    def __init__(self, live: Iterable[Any] = ()) -> None:
        """Take rows of :data:`LIVE_LIMIT_USES`."""
        self._uses = NumberedUses(live)

    def next_numbers(self, quote: Quote) -> Mapping[UUID, Numbers] | KassaError:
        """Return by limited thing the numbers of an order's uses, or why it would have too many."""
        given: dict[UUID, Numbers] = {}
        for limited in list_limited(quote):
            limit = limited.limit
            left = limit.maximum - self._uses.count(limit.limited_id, quote.customer_keys)
            if limited.quantity > left:
                return refuse_limited(limited, quote.offers[limited.line].id, left=left)
            given[limit.limited_id] = self._uses.next_numbers(
                limit.limited_id, quote.customer_keys, count=limited.quantity
            )
        return given

    def take(self, given: Mapping[UUID, Numbers]) -> None:
        """Count the uses that an order was given."""
        for limited_id, numbers in given.items():
            self._uses.take(limited_id, numbers)


def queue_live_limit_uses(
    database: Statements, organization_id: UUID, quotes: Sequence[Quote]
) -> Iterable[Any]:
    """Look up what the customers of quotes have of limited things."""
    limited = {
        limit.limited_id for quote in quotes for offer in quote.offers for limit in offer.customer_limits
    }
    if not limited:
        return ()
    keys = {key for quote in quotes for key in quote.customer_keys}
    return database.queue(LIVE_LIMIT_USES, (organization_id, plain_array(limited), sorted(keys)))
