"""A fresh organisation for every test, in a database that is emptied once for each document."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from kassa.catalog.models import TicketType
from kassa.coupons.models import Coupon
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from tests.spec.courses import a_course
from tests.spec.shop import Shop
from tests.support.books import assert_books_balance
from tests.support.factories import make_coupon, make_ticket_type


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let what tests write stay: orders are placed by other threads, and organisations share nothing."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)


@pytest.fixture(autouse=True)
def _books(database: None) -> Iterator[None]:
    """End every test with the audit of the whole database."""
    yield
    assert_books_balance()


@pytest.fixture
def shop(_books: None) -> Shop:
    return Shop()


@pytest.fixture
def other(_books: None) -> Shop:
    """Another organisation."""
    return Shop()


@pytest.fixture
def course(shop: Shop) -> TicketType:
    """A place in a course for 99 dollars, made over HTTP."""
    return a_course(shop)


@pytest.fixture
def coach(shop: Shop) -> TicketType:
    """Eight numbered seats at a price of which ten per cent are no round sum."""
    add_seats(shop.event, expand(check_plan(coach_plan(2))))
    return make_ticket_type(
        shop.event, quantity=8, seat_category="standard", name="Seat", price=Decimal("33.33")
    )


@pytest.fixture
def coupon(shop: Shop) -> Coupon:
    return make_coupon(shop.organization, discount_value=Decimal(10))
