"""Every reason to refuse an order, over HTTP, with its details; a refusal writes nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from kassa.core.clock import format_moment, utc_now
from kassa.sales.errors import REFUSALS
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_question,
    make_ticket_type,
)
from tests.support.sale_world import World, sale_state

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """An order that must be refused, and the facts that the refusal must name."""

    lines: list[dict[str, Any]]
    details: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)


CASES: dict[str, Callable[[World], Case]] = {}


def case(build: Callable[[World], Case]) -> Callable[[World], Case]:
    """Register how the refusal with the function's own name comes about."""
    CASES[build.__name__] = build
    return build


def of(item: Any, quantity: int = 1, **more: Any) -> dict[str, Any]:
    kind = "product" if hasattr(item, "sku") else "ticket_type"
    return {kind: str(item.id), "quantity": quantity, **more}


def at(item: Any, line: int = 0, **more: Any) -> dict[str, Any]:
    return {"line": line, "item": str(item.id), **more}


@case
def sold_out(world: World) -> Case:
    world.place(line(world.standing, 7))
    return Case([of(world.shirt), of(world.standing, 4)], at(world.standing, line=1, left=3))


@case
def seat_taken(world: World) -> Case:
    first, second = (world.best_seat, world.seats[1])
    world.place(line(world.seated, seat_ids=(second.id,)))
    seats = [str(first.id), str(second.id)]
    return Case([of(world.seated, 2, seats=seats)], at(world.seated, seats=seats[1:]))


@case
def seat_unknown(world: World) -> Case:
    seats = [str(uuid4()), str(world.best_seat.id)]
    return Case([of(world.seated, 2, seats=seats)], at(world.seated, seats=seats[:1]))


@case
def seats_not_chosen(world: World) -> Case:
    return Case([of(world.seated)], at(world.seated))


@case
def seats_not_numbered(world: World) -> Case:
    return Case([of(world.standing, best_available=True)], at(world.standing))


@case
def item_unknown(world: World) -> Case:
    theirs = World().standing
    return Case([of(world.standing), of(theirs)], at(theirs, line=1))


@case
def sales_closed(world: World) -> Case:
    later = make_ticket_type(make_event(world.organization, status="draft"))
    return Case([of(later)], at(later, event_status="draft"))


@case
def sales_not_started(world: World) -> Case:
    start = utc_now() + DAY
    early = make_ticket_type(world.event, sales_start_at=start)
    return Case([of(early)], at(early, starts_at=format_moment(start)))


@case
def sales_ended(world: World) -> Case:
    end = utc_now() - DAY
    late = make_ticket_type(world.event, sales_end_at=end)
    return Case([of(late)], at(late, ended_at=format_moment(end)))


@case
def limit_per_order(world: World) -> Case:
    few = make_ticket_type(world.event, min_per_order=2, max_per_order=4)
    # Two lines of one ticket type count together.
    return Case([of(few, 3), of(few, 2)], at(few, minimum=2, maximum=4))


@case
def addon_alone(world: World) -> Case:
    bicycle = make_ticket_type(world.event, is_addon=True)
    return Case([of(bicycle)], at(bicycle))


@case
def already_booked(world: World) -> Case:
    course = make_ticket_type(make_event(world.organization, one_per_customer=True))
    world.place(line(course), email="Ada@example.com ")
    return Case([of(course)], at(course, left=0))


@case
def limit_per_customer(world: World) -> Case:
    few = make_ticket_type(world.event, max_per_customer=3)
    world.place(line(few, 2), email="ada@example.com")
    return Case([of(few, 2)], at(few, maximum=3, left=1), {"customer": {"email": "ada@example.com"}})


@case
def mixed_currencies(world: World) -> Case:
    pounds = make_product(world.organization, currency="GBP")
    return Case([of(world.standing), of(pounds)], {"currencies": ["EUR", "GBP"]})


@case
def amount_too_large(world: World) -> Case:
    diamond = make_product(world.organization, price=Decimal(99_999_999_999), stock=None)
    return Case([of(diamond)], {})


@case
def guest_checkout_not_allowed(world: World) -> Case:
    world.organization = make_organization(allow_guest_checkout=False)
    return Case([of(world.standing)], {})


@case
def customer_unknown(world: World) -> Case:
    nobody = {"email": "ada@example.com", "user": str(uuid4())}
    return Case([of(world.standing)], {}, {"customer": nobody})


@case
def shipping_address_missing(world: World) -> Case:
    parcel = make_product(world.organization, is_shippable=True)
    return Case([of(parcel)], {})


def with_coupon(world: World, details: dict[str, Any], **fields: Any) -> Case:
    coupon = make_coupon(world.organization, **fields)
    return Case([of(world.standing)], {"coupon": coupon.code, **details}, {"coupon": coupon.code})


@case
def coupon_unknown(world: World) -> Case:
    theirs = World().coupon.code
    return Case([of(world.standing)], {"coupon": theirs}, {"coupon": theirs})


@case
def coupon_inactive(world: World) -> Case:
    return with_coupon(world, {}, is_active=False)


@case
def coupon_not_started(world: World) -> Case:
    start = utc_now() + DAY
    return with_coupon(world, {"starts_at": format_moment(start)}, starts_at=start)


@case
def coupon_expired(world: World) -> Case:
    end: datetime = utc_now()
    return with_coupon(world, {"ended_at": format_moment(end)}, ends_at=end)


@case
def coupon_used(world: World) -> Case:
    refused = with_coupon(world, {"limit": 2, "left": 0}, max_usage_per_user=2)
    for _ in range(2):
        world.place(line(world.standing), coupon_code=refused.fields["coupon"].lower())
    return refused


@case
def coupon_exhausted(world: World) -> Case:
    refused = with_coupon(world, {"limit": 2, "left": 0}, max_usage_total=2)
    for buyer in ("bob@example.com", "eve@example.com"):
        world.place(line(world.standing), coupon_code=refused.fields["coupon"], email=buyer)
    return refused


@case
def coupon_minimum(world: World) -> Case:
    return with_coupon(world, {"minimum": "45.01", "currency": "EUR"}, min_purchase_amount=Decimal("45.01"))


@case
def coupon_not_applicable(world: World) -> Case:
    return with_coupon(world, {}, events=(make_event(world.organization),))


def ask(world: World, **fields: Any) -> None:
    make_question(world.event, "born", label="Date of birth", kind="date", **fields)


@case
def attendee_name_missing(world: World) -> Case:
    named = make_ticket_type(world.event, names_required=True)
    ada = {"first_name": "Ada", "last_name": "Lovelace"}
    return Case(
        [of(world.shirt), of(named, 2, attendees=[ada, {"first_name": "Grace"}])],
        {"line": 1, "attendee": 1, "missing": "last_name"},
    )


@case
def answer_missing(world: World) -> Case:
    ask(world, is_required=True)
    named = [{"fields": {"born": "1985-04-12"}}]
    return Case(
        [of(world.shirt), of(world.standing, 2, attendees=named)],
        {"line": 1, "attendee": 1, "question": "born", "label": "Date of birth"},
    )


@case
def answer_invalid(world: World) -> Case:
    ask(world, scope="order")
    return Case([of(world.standing)], {"question": "born"}, {"answers": {"born": "yesterday"}})


def test_every_refusal_has_a_case() -> None:
    assert set(CASES) == {refusal.code for refusal in REFUSALS}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_refusal_names_its_facts_and_writes_nothing(world: World, refusal: type[Any]) -> None:
    wanted = CASES[refusal.code](world)
    assert world.api.secret  # The key is made before the proof begins.
    before = sale_state()

    answer = world.api.order(*wanted.lines, key="refused", **wanted.fields)

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert {name: problem.pop(name) for name in ("type", "title", "status", "code")} == {
        "type": f"/api/v1/problems#{refusal.code}",
        "title": refusal.title,
        "status": 409,
        "code": refusal.code,
    }
    assert problem.pop("detail").endswith(".")
    assert problem == wanted.details
    assert sale_state() == before


def test_first_reason_is_told_though_there_are_several(world: World) -> None:
    late = make_ticket_type(world.event, sales_end_at=utc_now() - DAY, quantity=1)

    answer = world.api.order(of(late, 2), coupon="NONE")

    assert answer.json()["code"] == "sales_ended"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": []},
        {"lines": [{}]},
        {"lines": [{"ticket_type": "x"}]},
        {"lines": [{"ticket_type": str(uuid4()), "product": str(uuid4())}]},
        {"lines": [{"ticket_type": str(uuid4()), "quantity": 0}]},
        {"lines": [{"ticket_type": str(uuid4()), "quantity": 1001}]},
        {"lines": [{"ticket_type": str(uuid4()), "quantity": "2.5"}]},
        {"lines": [{"product": str(uuid4()), "attendees": [{}]}]},
        {"lines": [{"ticket_type": str(uuid4()), "attendees": [{}, {}]}]},
        {"lines": [{"ticket_type": str(uuid4())}], "customer": {"email": "nobody"}},
        {"lines": [{"ticket_type": str(uuid4())}], "price": "0.01"},
    ],
)
def test_order_of_a_wrong_shape_is_invalid_and_writes_nothing(world: World, body: dict[str, Any]) -> None:
    customer = {"customer": {"email": "ada@example.com"}} if body else {}
    assert world.api.secret
    before = sale_state()

    answer = world.api.post("/api/v1/orders", {**customer, **body}, key="shape")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["errors"]
    assert sale_state() == before
