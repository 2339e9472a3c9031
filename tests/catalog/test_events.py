from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from kassa.catalog.domain.events import change_event, create_event
from kassa.catalog.models import Event, TicketType
from kassa.catalog.queries import event_of, view_events
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, NotFound, StillInUse
from kassa.inventory.enums import QuotaKind
from kassa.inventory.errors import CapacityBelowTaken
from kassa.inventory.models import Quota
from tests.api.shop import NOW, fields, make_event, open_shop, take, ticket_type, types_of

pytestmark = pytest.mark.django_db


def refused(field: str, *types: dict[str, Any], capacity: int | None = None, **more: Any) -> None:
    """Prove that an event is refused for one field, and that nothing was written."""
    organization_id = open_shop().organization_id
    with pytest.raises(InvalidInput) as caught:
        make_event(organization_id, *types, capacity=capacity, **more)
    assert caught.value.details["errors"][0]["field"] == field
    assert not Event.objects.of(organization_id).exists()
    assert not TicketType.objects.of(organization_id).exists()
    assert not Quota.objects.of(organization_id).exists()


def test_an_event_takes_the_organisations_currency() -> None:
    event = make_event(open_shop(currency="JPY").organization_id, ticket_type(price=Decimal(1500)))
    assert event.currency == "JPY"


def test_an_event_is_written_with_its_ticket_types_and_quotas() -> None:
    organization_id = open_shop().organization_id
    event = make_event(
        organization_id,
        ticket_type("Seat", quantity=4, sort_order=1),
        ticket_type("Free", is_free=True, price=Decimal(0), sort_order=2),
        capacity=6,
    )
    seat, free = types_of(event)
    assert (seat.name, free.name, free.quota_id) == ("Seat", "Free", None)
    quotas = Quota.objects.of(organization_id).order_by("id").values_list("kind", "capacity")
    assert sorted(quotas) == [(QuotaKind.EVENT, 6), (QuotaKind.TICKET_TYPE, 4)]


def test_what_is_free_needs_no_price() -> None:
    event = make_event(open_shop().organization_id, {"name": "Free", "is_free": True})
    assert types_of(event)[0].price == 0


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("title", {"title": "  "}),
        ("title", {"title": "x" * 201}),
        ("time_zone", {"time_zone": "Europe/Atlantis"}),
        ("time_zone", {"time_zone": "../UTC"}),
        ("currency", {"currency": "XYZ"}),
        ("kind", {"kind": "party"}),
        ("starts_at", {"starts_at": None}),
        ("ends_at", {"ends_at": NOW}),
        ("sales_end_at", {"sales_start_at": NOW, "sales_end_at": NOW}),
        ("origin", {"kind": "trip", "destination": "York"}),
        ("destination", {"kind": "trip", "origin": "Leeds"}),
        ("ends_at", {"kind": "trip", "origin": "Leeds", "destination": "York", "ends_at": None}),
        ("starts_at", {"kind": "course", "starts_at": NOW, "ends_at": None}),
        ("ends_at", {"kind": "course", "starts_at": None}),
        ("colour", {"colour": "red"}),
    ],
)
def test_an_event_is_refused(field: str, more: dict[str, Any]) -> None:
    refused(field, **more)


def test_a_capacity_of_none_is_refused() -> None:
    refused("capacity", capacity=0)


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("name", {"name": ""}),
        ("price", {"price": Decimal(-1)}),
        ("price", {"price": Decimal("1.001")}),
        ("price", {"price": None}),
        ("price", {"price": Decimal(1), "is_free": True}),
        ("min_per_order", {"min_per_order": 0}),
        ("max_per_order", {"min_per_order": 3, "max_per_order": 2}),
        ("quantity", {"quantity": -1}),
        ("quantity", {"quantity": 2**31}),
        ("sales_end_at", {"sales_start_at": NOW, "sales_end_at": NOW}),
        ("tax_rule", {"tax_rule": uuid4()}),
        ("shared_quotas", {"shared_quotas": [uuid4()]}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_ticket_type_is_refused_together_with_its_event(field: str, more: dict[str, Any]) -> None:
    found_together = field in {"tax_rule", "shared_quotas"}
    refused(field if found_together else f"ticket_types.0.{field}", {**ticket_type(), **more})


@pytest.mark.parametrize(
    ("currency", "price", "is_exact"),
    [
        ("JPY", "1500", True),
        ("JPY", "1500.5", False),
        ("EUR", "0.01", True),
        ("EUR", "0.001", False),
        ("KWD", "0.001", True),
    ],
)
def test_prices_are_exact_in_their_currency(currency: str, price: str, is_exact: bool) -> None:
    if not is_exact:
        refused("ticket_types.0.price", ticket_type(price=Decimal(price)), currency=currency)
        return
    event = make_event(open_shop().organization_id, ticket_type(price=Decimal(price)), currency=currency)
    assert types_of(event)[0].price == Decimal(price)


def test_a_course_may_have_no_date_and_is_booked_once_by_each() -> None:
    course = make_event(open_shop().organization_id, kind="course", starts_at=None, ends_at=None)
    assert (course.starts_at, course.one_per_customer) == (None, True)


def test_a_course_may_be_booked_more_than_once_if_it_says_so() -> None:
    assert not make_event(open_shop().organization_id, kind="course", one_per_customer=False).one_per_customer


def test_a_course_costs_something_or_says_that_it_is_free() -> None:
    refused("ticket_types.0.price", ticket_type(price=Decimal(0)), kind="course")
    make_event(open_shop().organization_id, {"name": "Free", "is_free": True}, kind="course")


def test_a_change_leaves_what_it_does_not_name() -> None:
    event = make_event(open_shop().organization_id, city="York")
    changed = change_event(
        CommandContext.system(event.organization_id, now=NOW), event.id, changes={"title": "Hamlet"}
    )
    assert (changed.title, changed.city) == ("Hamlet", "York")
    assert event_of(event.organization_id, event.id).title == "Hamlet"


def change(event: Event, **changes: Any) -> Event:
    return change_event(CommandContext.system(event.organization_id, now=NOW), event.id, changes=changes)


def test_a_change_is_checked_against_what_stays() -> None:
    event = make_event(open_shop().organization_id)
    with pytest.raises(InvalidInput):
        change(event, ends_at=NOW)
    assert event_of(event.organization_id, event.id).ends_at == event.ends_at


@pytest.mark.parametrize("field", ["kind", "status", "organization_id", "capacity_quota_id"])
def test_some_fields_are_for_good(field: str) -> None:
    event = make_event(open_shop().organization_id)
    with pytest.raises(InvalidInput):
        change(event, **{field: "trip"})


def test_the_capacity_changes_down_to_what_is_taken() -> None:
    event = make_event(open_shop().organization_id, capacity=10)
    take(event.capacity_quota_id, reserved=2, sold=3)
    change(event, capacity=5)
    with pytest.raises(CapacityBelowTaken) as caught:
        change(event, capacity=4)
    assert (caught.value.details["taken"], caught.value.details["sold"]) == (5, 3)
    assert view_events(event.organization_id, [event])[0].capacity == 5


def test_a_limit_comes_and_goes_only_while_nothing_is_taken() -> None:
    event = make_event(open_shop().organization_id, ticket_type(quantity=5))
    event = change(event, capacity=3)
    assert view_events(event.organization_id, [event])[0].capacity == 3
    assert change(event, capacity=None).capacity_quota_id is None
    take(types_of(event)[0].quota_id, reserved=1)
    with pytest.raises(StillInUse):
        change(event, capacity=3)


def test_the_currency_changes_only_while_nothing_is_taken() -> None:
    event = make_event(open_shop().organization_id, ticket_type(quantity=5))
    assert change(event, currency="USD").currency == "USD"
    take(types_of(event)[0].quota_id, sold=1)
    with pytest.raises(StillInUse):
        change(event, currency="EUR")
    assert event_of(event.organization_id, event.id).currency == "USD"


def test_the_new_currency_can_hold_the_prices() -> None:
    event = make_event(open_shop().organization_id, ticket_type(price=Decimal("1.50")))
    with pytest.raises(InvalidInput):
        change(event, currency="JPY")


def test_another_organisations_event_is_not_found() -> None:
    event = make_event(open_shop().organization_id)
    with pytest.raises(NotFound):
        change_event(
            CommandContext.system(open_shop().organization_id, now=NOW), event.id, changes={"title": "x"}
        )


def test_there_is_no_event_without_its_organisation() -> None:
    with pytest.raises(NotFound):
        create_event(CommandContext.system(uuid4(), now=NOW), fields=fields(), ticket_types=[], capacity=None)


def test_available_is_the_least_of_all_quotas() -> None:
    event = make_event(open_shop().organization_id, ticket_type(quantity=10), capacity=8)
    take(event.capacity_quota_id, reserved=1, sold=4)
    take(types_of(event)[0].quota_id, sold=4)
    view = view_events(event.organization_id, [event])[0]
    assert (view.capacity, view.sold, view.available) == (8, 4, 3)
    assert (view.ticket_types[0].quantity, view.ticket_types[0].available) == (10, 3)


def test_an_event_may_end_when_it_starts() -> None:
    starts_at = NOW + timedelta(days=1)
    assert make_event(open_shop().organization_id, starts_at=starts_at, ends_at=starts_at).id
