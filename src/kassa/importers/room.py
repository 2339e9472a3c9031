"""What is left for imported orders: locked as for a sale, or, for a rehearsal, read and remembered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kassa.core.database import Statements
from kassa.core.ids import new_id
from kassa.coupons.locks import lock_coupons
from kassa.coupons.queries import coupons_of
from kassa.importers.errors import Rejected
from kassa.importers.plan import Plan
from kassa.inventory.locks import lock_quotas, read_quotas
from kassa.orders.domain.record import NewLimitUse, NewOrder, NewTicket
from kassa.orders.models import CouponUsage, LimitUse
from kassa.orders.queries import orders_of
from kassa.sales.domain.numbered_uses import NumberedUses, Numbers
from kassa.sales.domain.offers import CustomerLimit
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import lock_seats
from kassa.seating.models import EventSeat

LARGEST_IN_SERIES = 999_999_999
"""Numbers of the series' own form count on from the highest; beyond, the series would run out."""

_OF_SERIES = re.compile(r"ORD-(\d{4})-(\d{5,})")


def place_in_series(number: str) -> tuple[int, int] | None:
    """Return year and count of a number that the series itself would give; None: it never will."""
    match = _OF_SERIES.fullmatch(number)
    if match is None or number != f"ORD-{match[1]}-{int(match[2]):05d}":
        return None
    return int(match[1]), int(match[2])


@dataclass(frozen=True, slots=True)
class Taken:
    """A planned order that there is room for."""

    plan: Plan
    coupon_use: Numbers | None
    """By key which use of its coupon it is. None: it has no coupon."""
    limit_uses: Sequence[NewLimitUse]

    @property
    def order(self) -> NewOrder:
        return self.plan.order


class Room:
    """Places, seats, coupon uses, limited things and numbers that imported orders may take.

    For a real import there is one for each transaction, and what it reads is locked. For a
    rehearsal one serves the whole file, locks nothing and remembers what it has given out.
    """

    def __init__(self, organization_id: UUID, *, is_rehearsal: bool) -> None:
        self._organization_id = organization_id
        self._is_rehearsal = is_rehearsal
        self._available: dict[UUID, int] = {}
        self._seats: dict[UUID, str] = {}
        self._coupons: dict[UUID, list[Any]] = {}
        self._uses = NumberedUses()
        self._limits = NumberedUses()
        self._numbers: set[str] = set()

    def open_for(self, database: Statements, plans: Sequence[Plan]) -> None:
        """Read what is left of all that the plans need: quotas, seats, coupons, in the order of locks."""
        organization_id = self._organization_id
        quotas = {quota for plan in plans for quota in plan.needs} - self._available.keys()
        seats = {t.seat_id for plan in plans for t in plan.live_tickets if t.seat_id} - self._seats.keys()
        coupons = {plan.coupon.id for plan in plans if plan.coupon} - self._coupons.keys()
        if quotas:
            read = read_quotas if self._is_rehearsal else lock_quotas
            self._available.update(read(database, organization_id, quotas).fetchall())
        if seats:
            self._seats.update(self._read_seats(database, seats))
        if coupons:
            rows = self._read_coupons(database, coupons)
            self._coupons.update({row[0]: list(row) for row in rows})
        self._read_uses(plans)
        self._read_limits(plans)
        numbers = {plan.old.number for plan in plans if plan.old.number}
        if numbers:
            taken = orders_of(organization_id).filter(number__in=numbers)
            self._numbers.update(taken.values_list("number", flat=True))

    def take(self, plan: Plan) -> Taken:
        """Give an order what it needs, all or nothing.

        Raises:
            Rejected: something of it is not left.
        """
        self._check_number(plan)
        self._check_places(plan)
        self._check_seats(plan)
        limit_uses = self._next_limit_uses(plan)
        coupon_use = self._next_use(plan)
        for quota_id, count in plan.needs.items():
            self._available[quota_id] -= count
        for ticket in plan.live_tickets:
            if ticket.seat_id is not None:
                self._seats[ticket.seat_id] = SeatStatus.SOLD
        for use in limit_uses:
            self._limits.take(use.limited_id, {use.customer_key: (use.nth,)})
        if plan.old.number:
            self._numbers.add(plan.old.number)
        if plan.coupon is not None and coupon_use is not None and not plan.is_given_back:
            self._coupons[plan.coupon.id][1] += 1
            self._uses.take(plan.coupon.id, coupon_use)
        return Taken(plan, coupon_use, limit_uses)

    def _read_seats(self, database: Statements, seat_ids: Iterable[UUID]) -> dict[UUID, str]:
        if self._is_rehearsal:
            rows = EventSeat.objects.of(self._organization_id).filter(id__in=list(seat_ids))
            return dict(rows.values_list("id", "status"))
        return {seat.id: seat.status for seat in lock_seats(database, self._organization_id, seat_ids)}

    def _read_coupons(self, database: Statements, coupon_ids: Iterable[UUID]) -> Iterable[Any]:
        if not self._is_rehearsal:
            return lock_coupons(database, self._organization_id, coupon_ids)
        rows = coupons_of(self._organization_id).filter(id__in=list(coupon_ids))
        return rows.values_list("id", "current_usage_count", "max_usage_total", "max_usage_per_user")

    def _read_uses(self, plans: Sequence[Plan]) -> None:
        with_coupon = [plan for plan in plans if plan.coupon]
        if with_coupon:
            rows = CouponUsage.objects.of(self._organization_id).filter(
                coupon_id__in={plan.coupon.id for plan in with_coupon if plan.coupon},
                customer_key__in={key for plan in with_coupon for key in plan.customer_keys},
                released_at=None,
            )
            self._uses.add(rows.values_list("coupon_id", "customer_key", "nth"))

    def _read_limits(self, plans: Sequence[Plan]) -> None:
        limited = {limit.limited_id for plan in plans for _, limit in plan.limited}
        if limited:
            rows = LimitUse.objects.of(self._organization_id).filter(
                limited_id__in=limited,
                customer_key__in={key for plan in plans for key in plan.customer_keys},
                released_at=None,
            )
            self._limits.add(rows.values_list("limited_id", "customer_key", "nth"))

    def _check_number(self, plan: Plan) -> None:
        number = plan.old.number
        if number is None:
            return
        if number in self._numbers:
            raise Rejected(f"Another order has the number {number} already.")
        place = place_in_series(number)
        if place is not None and place[1] > LARGEST_IN_SERIES:
            raise Rejected(f"After the number {number} the series of order numbers could not go on.")

    def _check_places(self, plan: Plan) -> None:
        for quota_id, count in plan.needs.items():
            left = self._available.get(quota_id, 0)
            if left < count:
                raise Rejected(
                    f"Of '{plan.names[quota_id]}' {max(left, 0)} are left, and this order needs {count}. "
                    "Raise the capacity, or leave the order out."
                )

    def _check_seats(self, plan: Plan) -> None:
        chosen: set[UUID] = set()
        for ticket in plan.live_tickets:
            if ticket.seat_id is None:
                continue
            status = self._seats.get(ticket.seat_id)
            if ticket.seat_id in chosen:
                raise Rejected(f"Two live tickets of this purchase have the seat {ticket.seat_label}.")
            if status != SeatStatus.AVAILABLE:
                raise Rejected(f"The seat {ticket.seat_label} is {status or 'gone'}.")
            chosen.add(ticket.seat_id)

    def _next_limit_uses(self, plan: Plan) -> list[NewLimitUse]:
        """Return a row for each limited ticket under each key of the customer."""
        by_limit: defaultdict[CustomerLimit, list[NewTicket]] = defaultdict(list)
        for ticket, limit in plan.limited:
            by_limit[limit].append(ticket)
        rows: list[NewLimitUse] = []
        for limit, tickets in by_limit.items():
            had = self._limits.count(limit.limited_id, plan.customer_keys)
            if had + len(tickets) > limit.maximum:
                raise Rejected(_too_many(limit.maximum))
            numbers = self._limits.next_numbers(limit.limited_id, plan.customer_keys, count=len(tickets))
            rows += [
                NewLimitUse(
                    id=new_id(),
                    order_id=plan.order.id,
                    item_id=ticket.item_id,
                    ticket_id=ticket.id,
                    limited_id=limit.limited_id,
                    customer_key=key,
                    nth=nth,
                    limit_at_use=limit.maximum,
                )
                for key, taken in numbers.items()
                for ticket, nth in zip(tickets, taken, strict=True)
            ]
        return rows

    def _next_use(self, plan: Plan) -> Numbers | None:
        """Return by key which use of its coupon an order's is; None: it has no coupon."""
        if plan.coupon is None:
            return None
        if plan.is_given_back:
            return dict.fromkeys(plan.customer_keys, (1,))
        _, count, total, each = self._coupons[plan.coupon.id]
        if self._uses.count(plan.coupon.id, plan.customer_keys) >= each:
            raise Rejected(
                f"This customer has used the coupon {plan.coupon.code} as often as it allows ({each}). "
                "Let it allow more, or leave 'coupon' empty."
            )
        if total is not None and count >= total:
            raise Rejected(f"The coupon {plan.coupon.code} may be used {total} times in all, and has been.")
        return self._uses.next_numbers(plan.coupon.id, plan.customer_keys)


def _too_many(maximum: int) -> str:
    if maximum == 1:
        return "This customer has booked already, and the event allows one booking each."
    return f"This customer would have more than the {maximum} that each may have."
