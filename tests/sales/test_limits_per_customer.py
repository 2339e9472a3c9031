"""How many of an event, a ticket type or a product each customer may have, over all their orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.orders.models import LimitUse, OrderItem
from kassa.payments.domain.receipts.incoming_payment import PaymentOutcome
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.sales.domain.cart_items import NewItem
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer, RequestedLine
from kassa.sales.errors import LimitPerCustomer, LimitPerOrder
from tests.payments.money import receipt_for, receive
from tests.payments.till import Till
from tests.sales.people import make_person
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_event, make_product, make_ticket_type, order_request


@pytest.fixture
def till(transactional_db: None) -> Iterator[Till]:
    yield Till()
    assert_books_balance()


def order(till: Till, *lines: RequestedLine, email: str = "ada@example.com", **fields: Any) -> Any:
    """Place an order; return it, or the refusal."""
    request = order_request(till.actor, *lines, email=email, **fields)
    [outcome] = place_orders(till.id, [request], now=till.now)
    return till.order(outcome.order_id) if isinstance(outcome, Placed) else outcome


def limited_type(till: Till, maximum: int = 3, **fields: Any) -> TicketType:
    return make_ticket_type(till.event, quantity=None, max_per_customer=maximum, **fields)


def refused(outcome: Any) -> tuple[str, int, int]:
    assert isinstance(outcome, LimitPerCustomer), outcome
    return outcome.details["item"], outcome.details["maximum"], outcome.details["left"]


def test_ticket_type_is_limited_over_all_orders_of_a_customer(till: Till) -> None:
    kind = limited_type(till)
    person = make_person()

    order(till, line(kind, 2), customer=Customer(person.emails[0]))
    again = order(till, line(kind, 2), customer=Customer("x@example.net", user_id=person.user_id))
    last = order(till, line(kind), customer=Customer(person.emails[1]))
    after = order(till, line(kind), customer=Customer(person.emails[0].replace("@", "+1@")))
    other = order(till, line(kind, 3), email="bob@example.com")

    assert refused(again) == (str(kind.id), 3, 1)
    assert (last.status, other.status) == ("draft", "draft")
    assert refused(after) == (str(kind.id), 3, 0)


def test_event_is_limited_over_all_its_tickets_but_add_ons(till: Till) -> None:
    event = make_event(till.organization, max_per_customer=3)
    adult, child = (make_ticket_type(event, name=name, quantity=None) for name in ("Adult", "Child"))
    bicycle = make_ticket_type(event, name="Bicycle", quantity=None, is_addon=True)

    order(till, line(adult), line(child), line(bicycle, 5))

    refusal = order(till, line(adult), line(child))
    assert refused(refusal) == (str(adult.id), 3, 1)
    assert "at most 3 of 'Night of Strings'" in refusal.detail
    assert order(till, line(child), line(bicycle, 5)).status == "draft"


def test_product_is_limited_by_the_piece(till: Till) -> None:
    poster = make_product(till.organization, stock=None, max_per_customer=3)

    order(till, line(poster, 2))

    assert refused(order(till, line(poster, 2))) == (str(poster.id), 3, 1)
    assert order(till, line(poster)).status == "draft"


def test_one_order_alone_is_refused_before_anything_is_looked_at(till: Till) -> None:
    kind = limited_type(till)

    assert refused(order(till, line(kind, 2), line(kind, 2))) == (str(kind.id), 3, 3)
    course = make_ticket_type(make_event(till.organization, one_per_customer=True))
    assert isinstance(order(till, line(course, 2)), LimitPerOrder)


def test_control_without_a_limit_everything_is_sold(till: Till) -> None:
    kind = make_ticket_type(till.event, quantity=None)

    assert [order(till, line(kind, 3)).status for _ in range(3)] == ["draft"] * 3


def test_units_come_back_when_an_order_ends(till: Till) -> None:
    kind, poster = limited_type(till, 2), make_product(till.organization, stock=None, max_per_customer=2)
    wanted = line(kind, 2), line(poster, 2)
    first = order(till, *wanted)
    assert isinstance(order(till, *wanted), LimitPerCustomer)

    till.cancel_order(first)
    second = order(till, *wanted)
    till.pass_time(minutes=31)
    till.expire()
    third = till.paid(order(till, *wanted))
    till.refund_all(third)

    assert [till.order(one.id).status for one in (first, second, third)] == [
        "cancelled",
        "expired",
        "refunded",
    ]
    assert not LimitUse.objects.of(till.id).filter(released_at=None).exists()
    assert order(till, *wanted).status == "draft"


def test_overdue_hold_is_released_for_the_customer_s_next_order(till: Till) -> None:
    kind = limited_type(till, 1)
    order(till, line(kind))
    till.pass_time(minutes=31)

    assert order(till, line(kind)).status == "draft"


def test_partial_refund_gives_back_its_units_alone(till: Till) -> None:
    kind = limited_type(till, 3)
    paid = till.paid(order(till, line(kind, 3)))

    till.refund_some(paid, 0b011)

    assert refused(order(till, line(kind, 3))) == (str(kind.id), 3, 2)
    assert order(till, line(kind, 2)).status == "draft"
    till.refund(paid, RefundSelection(everything=True))
    assert refused(order(till, line(kind, 2))) == (str(kind.id), 3, 1)


def test_goods_that_went_back_count_no_more(till: Till) -> None:
    poster = make_product(till.organization, stock=None, max_per_customer=5)
    bought = order(till, line(poster, 4))
    item = OrderItem.objects.of(till.id).filter(order_id=bought.id)

    item.update(refunded_quantity=3)

    assert refused(order(till, line(poster, 5))) == (str(poster.id), 5, 4)
    item.update(refunded_quantity=0)
    LimitUse.objects.of(till.id).update(released_at=None)


def test_late_payment_takes_units_again_if_they_are_free_and_else_goes_back(till: Till) -> None:
    kind = limited_type(till, 3)
    _, late, too_late = (order(till, line(kind)) for _ in range(3))
    till.pass_time(minutes=31)
    till.expire()
    assert order(till, line(kind, 2)).status == "draft"

    outcomes = receive(till, *map(receipt_for, (late, too_late)), now=till.now)

    assert outcomes == [PaymentOutcome.TAKEN_BACK, PaymentOutcome.LATE_REFUNDED]
    assert [till.order(one.id).status for one in (late, too_late)] == ["confirmed", "expired"]
    numbers = LimitUse.objects.of(till.id).filter(released_at=None, customer_key="email:ada@example.com")
    assert sorted(numbers.values_list("nth", flat=True)) == [1, 2, 3]


def test_limit_counts_from_when_it_is_set_and_may_be_lowered(till: Till) -> None:
    kind = make_ticket_type(till.event, quantity=None)
    order(till, line(kind, 5))
    kinds = TicketType.objects.of(till.id).filter(id=kind.id)

    kinds.update(max_per_customer=3)
    assert order(till, line(kind, 2)).status == "draft"
    kinds.update(max_per_customer=1)
    assert refused(order(till, line(kind))) == (str(kind.id), 1, 0)
    kinds.update(max_per_customer=None)
    assert order(till, line(kind, 9)).status == "draft"


def test_cart_of_a_customer_who_is_known_is_told_at_once(till: Till) -> None:
    kind = limited_type(till, 2)
    order(till, line(kind))
    wanted = NewCart(items=[NewItem(line(kind, 2))], customer=Customer("ada@example.com"))

    with pytest.raises(LimitPerCustomer):
        open_cart(CommandContext.system(till.id, now=utc_now()), wanted)


@pytest.mark.parametrize("model", [Event, TicketType, Product])
def test_limit_is_at_least_one(till: Till, model: Any) -> None:
    paths = {
        Event: f"/api/v1/events/{till.event.id}",
        TicketType: f"/api/v1/ticket-types/{till.standing.id}",
        Product: f"/api/v1/products/{till.shirt.id}",
    }

    assert till.api.patch(paths[model], {"max_per_customer": 0}).status_code == 422
    changed = till.api.patch(paths[model], {"max_per_customer": 4})
    assert (changed.status_code, changed.json()["max_per_customer"]) == (200, 4)
    assert till.api.patch(paths[model], {"max_per_customer": None}).json()["max_per_customer"] is None


def test_limit_is_not_below_what_one_order_takes(till: Till) -> None:
    kind = make_ticket_type(till.event, min_per_order=3)

    answer = till.api.patch(f"/api/v1/ticket-types/{kind.id}", {"max_per_customer": 2})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "max_per_customer"


def test_refusal_is_an_outcome_and_harms_no_neighbour(till: Till) -> None:
    kind = limited_type(till, 1)
    requests = [
        order_request(till.actor, line(kind), email=email)
        for email in ("ada@example.com", "ADA@example.com", "bob@example.com")
    ]

    outcomes = place_orders(till.id, requests, now=till.now)

    assert [isinstance(outcome, KassaError) for outcome in outcomes] == [False, True, False]
