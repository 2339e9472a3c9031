"""One person who comes as several customers: a coupon for one use each, a course with one place each.

The control is the same with people who have nothing in common, and with sub-addresses where the organisation
tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.identity.known_people import KnownPerson
from kassa.orders.models import CouponUsage, LimitUse, Order
from kassa.payments.domain.manual_status import cancel_order
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer
from tests.sales.carts import HOLD
from tests.sales.people import make_person
from tests.support.books import assert_books_balance
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_organization,
    make_ticket_type,
    order_request,
)
from tests.support.sale_world import World

STRANGER = "somebody@example.net"


@pytest.fixture(autouse=True)
def _books_balance(transactional_db: None) -> Iterator[None]:
    yield
    assert_books_balance()


def guises(person: KnownPerson) -> list[Customer]:
    """Return one person as five customers, and more spellings of them."""
    email, other = person.emails
    return [
        Customer(email=email),
        Customer(email=STRANGER, user_id=person.user_id),
        Customer(email=email, reference="A-1"),
        Customer(email=email.upper(), reference="A-2"),
        Customer(email=email.replace("@", "+x@")),
        Customer(email=email.replace("@", "+news+more@"), reference="A-3"),
        Customer(email=f"{email}.\u200b"),
        Customer(email=other),
        Customer(email=other.replace("@", "+x@")),
        Customer(email=STRANGER, reference=person.references[0]),
    ]


def people() -> list[Customer]:
    """Return as many customers who have nothing in common."""
    return [
        *(Customer(email=f"buyer{nth}@example.com") for nth in range(4)),
        *(Customer(email=f"known{nth}@example.com", reference=f"B-{nth}") for nth in range(3)),
        *(Customer(email=f"user{nth}@example.com", user_id=make_person().user_id) for nth in range(3)),
    ]


def codes(world: World, customers: Sequence[Customer], **wanted: Any) -> list[str]:
    """Let customers order one after the other; return what became of each."""
    found = []
    offered: TicketType = wanted.pop("offered", world.standing)
    for customer in customers:
        request = order_request(world.actor, line(offered), customer=customer, **wanted)
        [outcome] = place_orders(world.organization.id, [request], now=utc_now())
        found.append(outcome.code if isinstance(outcome, KassaError) else "placed")
    return found


def use_coupon(world: World, customers: Sequence[Customer]) -> list[str]:
    coupon = make_coupon(world.organization, max_usage_per_user=1)
    return codes(world, customers, coupon_code=coupon.code)


def book_course(world: World, customers: Sequence[Customer]) -> list[str]:
    course = make_ticket_type(make_event(world.organization, one_per_customer=True), quantity=20)
    return codes(world, customers, offered=course)


ATTACKS: dict[Callable[..., list[str]], str] = {use_coupon: "coupon_used", book_course: "already_booked"}
attacks = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)


@attacks
def test_one_person_gets_one_however_they_come(attack: Callable[..., list[str]]) -> None:
    for first in range(len(guises(make_person()))):
        world, customers = World(), guises(make_person())

        found = attack(world, [customers[first], *customers])

        assert found == ["placed", *[ATTACKS[attack]] * len(customers)]


@attacks
def test_control_as_many_get_one_as_there_are_people(attack: Callable[..., list[str]]) -> None:
    assert attack(World(), people()) == ["placed"] * 10


@attacks
def test_control_sub_addresses_are_told_apart_where_the_organisation_says_so(
    attack: Callable[..., list[str]],
) -> None:
    world = World(make_organization(merge_sub_addresses=False))
    customers = [Customer(email=f"ada{sub}@example.com") for sub in ("", "+1", "+2", "+1")]

    assert attack(world, customers) == ["placed", "placed", "placed", ATTACKS[attack]]


@attacks
def test_gmails_dots_and_names_are_one_mailbox(attack: Callable[..., list[str]]) -> None:
    customers = [
        Customer(email=email) for email in ("ada.b@gmail.com", "adab+1@googlemail.com", "a.d.ab@gmail.com")
    ]

    assert attack(World(), customers) == ["placed", ATTACKS[attack], ATTACKS[attack]]


@attacks
def test_unproven_address_makes_nobody_somebody_else(attack: Callable[..., list[str]]) -> None:
    """Whoever adds another's address to their account, and does not prove it, uses up nothing of theirs."""
    mallory = make_person("mallory")
    EmailAddress.objects.create(user_id=mallory.user_id, email="victim@example.com", verified=False)
    customers = [
        Customer(email=STRANGER, user_id=mallory.user_id),
        Customer(email="victim@example.com"),
    ]

    assert attack(World(), customers) == ["placed", "placed"]


def test_all_keys_of_a_use_are_given_back_together() -> None:
    world, person = World(), make_person()
    coupon = make_coupon(world.organization, max_usage_per_user=1)
    course = make_ticket_type(make_event(world.organization, one_per_customer=True))
    wanted = {"offered": course, "coupon_code": coupon.code}
    first, *others = guises(person)
    for end in (cancel, expire):
        assert codes(world, [first], **wanted) == ["placed"]
        keys = live_keys(world)
        assert len(keys) == len(set(keys)) >= 8

        end(world)

        assert live_keys(world) == []
        coupon.refresh_from_db()
        assert coupon.current_usage_count == 0
    assert codes(world, others, **wanted) == ["placed", *["already_booked"] * (len(others) - 1)]


def cancel(world: World) -> None:
    order = Order.objects.of(world.organization.id).latest("id")
    cancel_order(world.context(), order.id)


def expire(world: World) -> None:
    assert release_overdue(world.organization.id, now=utc_now() + 2 * HOLD) == 1


def live_keys(world: World) -> list[tuple[str, str]]:
    tables: tuple[Any, ...] = (CouponUsage, LimitUse)
    return [
        (model.__name__, key)
        for model in tables
        for key in model.objects.of(world.organization.id)
        .filter(released_at=None)
        .values_list("customer_key", flat=True)
    ]


def test_uses_are_counted_up_to_what_a_coupon_allows_each() -> None:
    world = World()
    coupon = make_coupon(world.organization, max_usage_per_user=3)

    found = codes(world, guises(make_person()), coupon_code=coupon.code)

    assert found == ["placed"] * 3 + ["coupon_used"] * 7
    coupon.refresh_from_db()
    assert coupon.current_usage_count == 3


def test_stranger_uses_up_only_what_is_somebody_s_whose_address_they_type() -> None:
    """What the decision says: an order in another's name counts for that one until it ends."""
    world, victim = World(), make_person("victim")
    coupon = make_coupon(world.organization, max_usage_per_user=1)
    wanted = {"coupon_code": coupon.code}
    by_a_stranger = Customer(email=victim.emails[0])

    assert codes(world, [by_a_stranger], **wanted) == ["placed"]
    assert codes(world, [Customer(email=STRANGER, user_id=victim.user_id)], **wanted) == ["coupon_used"]
    assert codes(world, [Customer(email=STRANGER)], **wanted) == ["placed"]

    release_overdue(world.organization.id, now=utc_now() + 2 * HOLD)
    assert codes(world, [Customer(email=STRANGER, user_id=victim.user_id)], **wanted) == ["placed"]
