"""Order numbers: counted per organisation and year, without gaps."""

from __future__ import annotations

from datetime import UTC, datetime

from kassa.core.clock import utc_now
from kassa.orders.models import Order, OrderNumberSeries
from kassa.sales.domain.place import place_orders
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_event, make_ticket_type, order_request
from tests.support.sale_world import World


def numbers(world: World) -> list[str]:
    return list(Order.objects.of(world.organization.id).order_by("id").values_list("number", flat=True))


def test_numbers_have_no_gaps_where_orders_were_refused(world: World) -> None:
    requests = [
        order_request(world.actor, line(world.standing, quantity)) for quantity in (4, 20, 4, 20, 2, 1)
    ]

    place_orders(world.organization.id, requests, now=utc_now())
    world.place(line(world.shirt))

    year = utc_now().year
    assert numbers(world) == [f"ORD-{year}-{nth:05d}" for nth in (1, 2, 3, 4)]
    assert_books_balance()


def test_numbers_have_no_gap_where_the_database_refused_an_order(world: World) -> None:
    requests = [
        order_request(world.actor, line(world.standing), email=email) for email in ("a@b", "x" * 255, "c@d")
    ]

    place_orders(world.organization.id, requests, now=utc_now())

    assert [number[-5:] for number in numbers(world)] == ["00001", "00002"]


def test_numbers_are_each_organisations_own(world: World) -> None:
    other = World()

    orders = [world.place(), other.place(), world.place(), other.place()]

    assert [order.number[-5:] for order in orders] == ["00001", "00001", "00002", "00002"]


def test_numbers_begin_anew_each_year_by_utc(world: World) -> None:
    event = make_event(world.organization, starts_at=datetime(2031, 6, 1, tzinfo=UTC))
    standing = make_ticket_type(event)
    moments = [
        datetime(2030, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2031, 1, 1, tzinfo=UTC),
        datetime(2030, 12, 31, 12, tzinfo=UTC),
    ]

    orders = [world.place(line(standing), now=now) for now in moments]

    assert [order.number for order in orders] == ["ORD-2030-00001", "ORD-2031-00001", "ORD-2030-00002"]
    assert_books_balance()


def test_numbers_grow_past_five_digits(world: World) -> None:
    year = utc_now().year
    OrderNumberSeries.unscoped.create(organization=world.organization, year=year, last=99_999)

    order = world.place()

    assert order.number == f"ORD-{year}-100000"
