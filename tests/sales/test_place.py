"""Placing orders: what fits is written whole, what does not is refused whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections

from kassa.catalog.models import TicketTypeQuota
from kassa.core.clock import utc_now
from kassa.core.errors import InvalidInput, Locked
from kassa.inventory.enums import QuotaKind
from kassa.orders.models import Order, Ticket
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import ItemUnknown, SeatTaken, SoldOut
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.models import EventSeat
from tests.support.books import assert_books_balance
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_quota,
    make_ticket_type,
    order_request,
    places,
)

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


def test_batch_gives_places_first_come_first_served() -> None:
    organization = make_organization()
    standing = make_ticket_type(make_event(organization), quantity=100)
    actor = make_actor(organization)
    requests = [order_request(actor, line(standing, 40), email=f"buyer{n}@example.com") for n in range(4)]

    outcomes = place_orders(organization.id, requests, now=utc_now())

    assert kinds(outcomes) == [Placed, Placed, SoldOut, SoldOut]
    assert places(standing.quota_id) == (80, 0)
    assert Order.objects.of(organization.id).count() == 2
    assert Ticket.objects.of(organization.id).count() == 80
    assert_books_balance()


def test_batch_lets_a_smaller_order_have_what_a_larger_one_could_not() -> None:
    organization = make_organization()
    standing = make_ticket_type(make_event(organization), quantity=5)
    actor = make_actor(organization)
    requests = [order_request(actor, line(standing, quantity)) for quantity in (4, 3, 1, 1)]

    outcomes = place_orders(organization.id, requests, now=utc_now())

    assert kinds(outcomes) == [Placed, SoldOut, Placed, SoldOut]
    assert isinstance(outcomes[1], SoldOut)
    assert outcomes[1].details["left"] == 1
    assert places(standing.quota_id) == (5, 0)
    assert_books_balance()


def test_one_short_line_refuses_the_whole_order() -> None:
    organization = make_organization()
    event = make_event(organization)
    plenty, scarce = make_ticket_type(event, quantity=100), make_ticket_type(event, quantity=1)
    request = order_request(make_actor(organization), line(plenty, 3), line(scarce, 2))

    [outcome] = place_orders(organization.id, [request], now=utc_now())

    assert isinstance(outcome, SoldOut)
    assert outcome.details == {"line": 1, "item": str(scarce.id), "left": 1}
    assert (places(plenty.quota_id), places(scarce.quota_id)) == ((0, 0), (0, 0))
    assert not Order.objects.of(organization.id).exists()
    assert_books_balance()


def test_lines_that_share_a_quota_are_counted_together() -> None:
    organization = make_organization()
    room = make_quota(organization, 5, QuotaKind.SHARED)
    event = make_event(organization)
    adult, child = make_ticket_type(event, quantity=10), make_ticket_type(event, quantity=10)
    for ticket_type in (adult, child):
        TicketTypeQuota.unscoped.create(organization=organization, ticket_type=ticket_type, quota=room)
    request = order_request(make_actor(organization), line(adult, 3), line(child, 3))

    [outcome] = place_orders(organization.id, [request], now=utc_now())

    assert isinstance(outcome, SoldOut)
    assert outcome.details == {"line": 1, "item": str(child.id), "left": 2}
    assert places(room.id) == (0, 0)


def test_order_that_the_database_refuses_does_not_harm_its_neighbours() -> None:
    organization = make_organization()
    standing = make_ticket_type(make_event(organization), quantity=10)
    actor = make_actor(organization)
    requests = [
        order_request(actor, line(standing)),
        order_request(actor, line(standing), email="x" * 255),
        order_request(actor, line(standing)),
    ]

    outcomes = place_orders(organization.id, requests, now=utc_now())

    assert kinds(outcomes) == [Placed, InvalidInput, Placed]
    assert places(standing.quota_id) == (2, 0)
    assert_books_balance()


def test_race_for_one_key_is_answered_with_the_winner_though_nothing_is_locked() -> None:
    organization = make_organization()
    endless = make_ticket_type(make_event(organization), quantity=None)
    request = order_request(make_actor(organization), line(endless), key="once")
    racers = 8
    start = threading.Barrier(racers)
    outcomes: list[Outcome] = []

    def race() -> None:
        start.wait(10)
        outcomes.extend(place_orders(organization.id, [request], now=utc_now()))
        connections.close_all()

    run_all([threading.Thread(target=race) for _ in range(racers)])

    assert kinds(outcomes) == [Placed] * racers
    assert len({outcome.document for outcome in outcomes if isinstance(outcome, Placed)}) == 1
    assert Order.objects.of(organization.id).count() == 1
    assert_books_balance()


def test_places_locked_for_long_are_a_conflict_that_may_be_repeated(database_url: str) -> None:
    organization = make_organization()
    standing = make_ticket_type(make_event(organization), quantity=10)
    actor = make_actor(organization)
    requests = [order_request(actor, line(standing)) for _ in range(3)]
    with impatience("50ms"), psycopg.connect(database_url) as other:
        other.execute("SELECT FROM inventory_quota WHERE id = %s FOR UPDATE", (standing.quota_id,))

        together = place_orders(organization.id, requests, now=utc_now())
        [alone] = place_orders(organization.id, requests[:1], now=utc_now())

    assert kinds([*together, alone]) == [Locked] * 4
    assert [outcome.retry_after for outcome in [*together, alone] if isinstance(outcome, Locked)] == [1] * 4
    assert places(standing.quota_id) == (0, 0)
    assert kinds(place_orders(organization.id, requests, now=utc_now())) == [Placed] * 3


def test_busy_overdue_hold_does_not_undo_what_was_placed(database_url: str) -> None:
    organization = make_organization()
    event = make_event(organization)
    standing, scarce = make_ticket_type(event, quantity=10), make_ticket_type(event, quantity=1)
    actor = make_actor(organization)
    [held] = place_orders(organization.id, [order_request(actor, line(scarce))], now=utc_now())
    assert isinstance(held, Placed)
    Order.objects.of(organization.id).update(expires_at=utc_now())
    requests = [order_request(actor, line(standing)), order_request(actor, line(scarce))]
    with impatience("50ms"), psycopg.connect(database_url) as other:
        other.execute("SELECT FROM orders_order WHERE id = %s FOR UPDATE", (held.order_id,))

        outcomes = place_orders(organization.id, requests, now=utc_now())

    assert kinds(outcomes) == [Placed, SoldOut]
    assert_books_balance()


def test_seat_named_twice_in_one_batch_goes_to_the_first() -> None:
    organization = make_organization()
    event = make_event(organization)
    add_seats(event, expand(check_plan(coach_plan(1))))
    seat = EventSeat.objects.of(organization.id).order_by("rank")[0]
    seated = make_ticket_type(event, quantity=None, seat_category=seat.category)
    actor = make_actor(organization)
    requests = [order_request(actor, line(seated, seat_ids=(seat.id,))) for _ in range(2)]

    outcomes = place_orders(organization.id, requests, now=utc_now())

    assert kinds(outcomes) == [Placed, SeatTaken]
    assert EventSeat.objects.of(organization.id).get(id=seat.id).status == "held"
    assert_books_balance()


def test_best_seats_of_one_batch_are_all_different() -> None:
    organization = make_organization()
    event = make_event(organization)
    add_seats(event, expand(check_plan(coach_plan(2))))
    count = EventSeat.objects.of(organization.id).count()
    seated = make_ticket_type(event, quantity=None, seat_category="standard")
    actor = make_actor(organization)
    requests = [order_request(actor, line(seated, 2, best_available=True)) for _ in range(count // 2 + 1)]

    outcomes = place_orders(organization.id, requests, now=utc_now())

    assert kinds(outcomes) == [Placed] * (count // 2) + [SoldOut]
    assert Ticket.objects.of(organization.id).values("seat_id").distinct().count() == count // 2 * 2
    assert_books_balance()


def test_order_in_an_organisation_that_does_not_exist_is_refused() -> None:
    organization = make_organization()
    standing = make_ticket_type(make_event(organization))
    request = order_request(make_actor(organization), line(standing))

    [outcome] = place_orders(UUID(int=7), [request], now=utc_now())

    assert isinstance(outcome, ItemUnknown)
    assert not Order.unscoped.exists()


def test_discount_taxes_and_fees_are_written_as_they_were_priced() -> None:
    organization = make_organization(service_fee_percentage=Decimal("2.5"), service_fee_fixed=Decimal("0.99"))
    standing = make_ticket_type(make_event(organization), price=Decimal("33.33"))
    request = order_request(make_actor(organization), line(standing, 3))

    place_orders(organization.id, [request], now=utc_now())

    order = Order.objects.of(organization.id).get()
    assert (order.subtotal, order.fees, order.total) == (
        Decimal("99.990"),
        Decimal("3.490"),
        Decimal("103.480"),
    )
    assert_books_balance()


@contextmanager
def impatience(timeout: str) -> Iterator[None]:
    """Let this connection wait for locks for a shorter time than the settings say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [timeout])
        yield
        cursor.execute("RESET lock_timeout")


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
