"""The races themselves: what is scarce, who wants it, and what the tables say afterwards.

Each runs twice: over several processes with every guard in place, and once more without guards, where
it has to go wrong; else it would prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from kassa.catalog.models import TicketTypeQuota
from kassa.inventory.enums import QuotaKind
from kassa.orders.models import CouponUsage, Order, Ticket
from kassa.sales.domain.request import Customer, OrderRequest
from kassa.seating.models import EventSeat
from tests.concurrency.buyers import Answer, codes
from tests.sales.people import make_person
from tests.support.books import assert_books_balance
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_quota,
    make_ticket_type,
    order_request,
    places,
)
from tests.support.sale_world import World

Run = Callable[[list[OrderRequest]], list[Answer]]


@dataclass(frozen=True)
class Finish:
    """How a race ended: what the buyers were told, and what the tables say."""

    codes: dict[str, int]
    taken: int
    """How much of what is scarce the tables say was given away."""
    equal_answers: bool
    """Everybody who was placed got the very same answer."""
    imbalance: str
    """What the audit of the books found wrong; empty: nothing."""


def finish(world: World, answers: Sequence[Answer], taken: int) -> Finish:
    placed = [answer for answer in answers if answer.code == "placed"]
    return Finish(
        codes=codes(answers),
        taken=taken,
        equal_answers=len({(answer.order_id, answer.document) for answer in placed}) == 1,
        imbalance=imbalance(world.organization.id),
    )


def imbalance(organization_id: UUID) -> str:
    try:
        assert_books_balance(organization_id)
    except AssertionError as wrong:
        return str(wrong)
    return ""


def seats_of(world: World) -> list[EventSeat]:
    """Return the seats of the world's coach, which is made if need be."""
    assert world.best_seat
    return world.seats


def race_for_places(run: Run, *, buyers: int, scarce: int) -> Finish:
    """Single tickets of one ticket type with so many places."""
    world = World()
    event = make_event(world.organization)
    standing = make_ticket_type(event, quantity=scarce)
    answers = run(
        [order_request(world.actor, line(standing), email=f"buyer{n}@example.com") for n in range(buyers)]
    )
    tickets = Ticket.objects.of(world.organization.id).filter(status="reserved").count()
    assert places(standing.quota_id) == (tickets, 0)
    return finish(world, answers, tickets)


def race_for_shared_places(run: Run, *, buyers: int, scarce: int) -> Finish:
    """Two ticket types draw on one room; half of the buyers name them in the opposite order."""
    world = World()
    room = make_quota(world.organization, scarce * 2, QuotaKind.SHARED)
    event = make_event(world.organization)
    types = [make_ticket_type(event, quantity=buyers * 2, name=name) for name in ("Adult", "Child")]
    for ticket_type in types:
        TicketTypeQuota.unscoped.create(organization=world.organization, ticket_type=ticket_type, quota=room)
    answers = run(
        [
            order_request(world.actor, *(line(one) for one in (types if n % 2 else types[::-1])))
            for n in range(buyers)
        ]
    )
    reserved, _ = places(room.id)
    assert reserved == Ticket.objects.of(world.organization.id).filter(status="reserved").count()
    return finish(world, answers, reserved // 2)


def race_for_a_seat(run: Run, *, buyers: int, scarce: int) -> Finish:
    """So many seats by name, each wanted by everybody."""
    world = World()
    seats = seats_of(world)[:scarce]
    answers = run(
        [
            order_request(world.actor, line(world.seated, seat_ids=(seats[n % scarce].id,)))
            for n in range(buyers)
        ]
    )
    live = Ticket.objects.of(world.organization.id).filter(status="reserved").count()
    return finish(world, answers, live)


def race_for_the_best_seats(run: Run, *, buyers: int, scarce: int) -> Finish:
    """The best seat for everybody, where only so many are left."""
    world = World()
    seats = [seat.id for seat in seats_of(world)]
    type(world.seats[0]).unscoped.filter(id__in=seats[scarce:]).update(status="blocked")
    answers = run(
        [order_request(world.actor, line(world.seated, best_available=True)) for _ in range(buyers)]
    )
    live = Ticket.objects.of(world.organization.id).filter(status="reserved").count()
    return finish(world, answers, live)


def race_for_a_coupon(run: Run, *, buyers: int, scarce: int) -> Finish:
    """One person, who comes as several customers, with a coupon for so many uses each, all at once."""
    world = World()
    coupon = make_coupon(world.organization, max_usage_per_user=scarce)
    return _use_coupon(run, world, coupon, _as_several(buyers))


def race_for_the_last_uses(run: Run, *, buyers: int, scarce: int) -> Finish:
    """Many customers with a coupon for so many uses in all."""
    world = World()
    coupon = make_coupon(world.organization, max_usage_total=scarce)
    return _use_coupon(run, world, coupon, [Customer(f"buyer{n}@example.com") for n in range(buyers)])


def _as_several(count: int) -> list[Customer]:
    """Return one person as a guest, a user, under references, and with a sub-address, in turn."""
    person = make_person()
    email, other = person.emails
    guises = (
        Customer(email),
        Customer("somebody@example.net", user_id=person.user_id),
        Customer(email.upper(), reference="A-1"),
        Customer(email.replace("@", "+x@")),
        Customer(other),
        Customer("somebody@example.net", reference=person.references[0]),
    )
    return list(islice(cycle(guises), count))


def _use_coupon(run: Run, world: World, coupon: Any, customers: Sequence[Customer]) -> Finish:
    # Nothing else is scarce, and no quota's lock stands in for the coupon's.
    endless = make_ticket_type(make_event(world.organization), quantity=None)
    answers = run(
        [
            order_request(world.actor, line(endless), customer=customer, coupon_code=coupon.code)
            for customer in customers
        ]
    )
    live = (
        CouponUsage.objects.of(world.organization.id)
        .filter(released_at=None)
        .values("order")
        .distinct()
        .count()
    )
    coupon.refresh_from_db()
    assert coupon.current_usage_count == live
    return finish(world, answers, live)


def race_for_a_booking(run: Run, *, buyers: int, scarce: int) -> Finish:
    """One person, who comes as several customers, books a course with one place each, many times at once."""
    world = World()
    assert scarce == 1
    course = make_ticket_type(make_event(world.organization, one_per_customer=True), quantity=None)
    answers = run([order_request(world.actor, line(course), customer=each) for each in _as_several(buyers)])
    live = Ticket.objects.of(world.organization.id).filter(status="reserved").count()
    return finish(world, answers, live)


def race_for_a_limit(run: Run, *, buyers: int, scarce: int) -> Finish:
    """One person, who comes as several customers, buys what each may have so many of, one at a time."""
    world = World()
    limited = make_ticket_type(world.event, quantity=None, max_per_customer=scarce)
    answers = run([order_request(world.actor, line(limited), customer=each) for each in _as_several(buyers)])
    live = Ticket.objects.of(world.organization.id).filter(status="reserved").count()
    return finish(world, answers, live)


def race_for_a_key(run: Run, *, buyers: int, scarce: int) -> Finish:
    """The same request with the same idempotency key, many times at once."""
    world = World()
    assert scarce == 1
    endless = make_ticket_type(make_event(world.organization), quantity=None)
    request = order_request(world.actor, line(endless), key="one")
    answers = run([request] * buyers)
    return finish(world, answers, Order.objects.of(world.organization.id).count())
