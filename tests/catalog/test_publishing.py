"""What goes on sale has something to buy, and a course lies in the future."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.domain.events import change_event
from kassa.catalog.domain.products import create_product
from kassa.catalog.domain.publishing import check_publishing
from kassa.catalog.domain.ticket_types import create_ticket_type, delete_ticket_type
from kassa.catalog.enums import EventStatus
from kassa.catalog.errors import CourseInThePast, EventMoveNotAllowed, NothingToBuy
from kassa.catalog.models import Event
from kassa.catalog.queries import event_of, locked_event
from kassa.core.clock import format_moment
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput
from kassa.inventory.domain.quotas import change_capacity, create_quota
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from tests.api.shop import NOW, make_event, open_shop, ticket_type, types_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def publish(event: Event, *, now: datetime = NOW) -> Event:
    return move_event(
        CommandContext.system(event.organization_id, now=now), event.id, to=EventStatus.PUBLISHED
    )


def empty_event(**more: Any) -> Event:
    event = make_event(open_shop().organization_id, **more)
    delete_ticket_type(CommandContext.system(event.organization_id, now=NOW), types_of(event)[0].id)
    return event


def status_of(event: Event) -> str:
    return event_of(event.organization_id, event.id).status


def test_event_with_nothing_to_buy_is_not_published() -> None:
    event = empty_event()

    with pytest.raises(NothingToBuy):
        publish(event)

    assert status_of(event) == EventStatus.DRAFT
    create_ticket_type(CommandContext.system(event.organization_id, now=NOW), event.id, fields=ticket_type())
    assert publish(event).status == EventStatus.PUBLISHED


def test_addon_alone_is_nothing_to_buy() -> None:
    event = make_event(open_shop().organization_id, ticket_type("Bicycle", is_addon=True))

    with pytest.raises(NothingToBuy):
        publish(event)

    create_ticket_type(CommandContext.system(event.organization_id, now=NOW), event.id, fields=ticket_type())
    assert publish(event).status == EventStatus.PUBLISHED


@pytest.mark.parametrize(("status", "is_enough"), [("active", True), ("inactive", False)])
def test_goods_beside_an_event_are_something_to_buy(status: str, is_enough: bool) -> None:
    event = empty_event()
    goods = {
        "sku": "A",
        "name": "Shirt",
        "price": Decimal(5),
        "currency": "EUR",
        "status": status,
        "event": event.id,
    }
    create_product(CommandContext.system(event.organization_id, now=NOW), fields=goods)

    if is_enough:
        assert publish(event).status == EventStatus.PUBLISHED
        return
    with pytest.raises(NothingToBuy):
        publish(event)


def test_event_that_cannot_be_published_says_so_first() -> None:
    event = empty_event()
    move_event(CommandContext.system(event.organization_id, now=NOW), event.id, to=EventStatus.CANCELLED)

    with pytest.raises(EventMoveNotAllowed):
        publish(event)


def course(starts_at: datetime | None = NOW + DAY) -> Event:
    return make_event(open_shop().organization_id, kind="course", starts_at=starts_at, ends_at=None)


def change(event: Event, **changes: Any) -> Event:
    return change_event(
        CommandContext.system(event.organization_id, now=NOW + 2 * DAY), event.id, changes=changes
    )


@pytest.mark.parametrize("starts_at", [NOW + 2 * DAY, NOW])
def test_course_is_not_moved_into_the_past(starts_at: datetime) -> None:
    event = course(NOW + 3 * DAY)

    with pytest.raises(InvalidInput) as caught:
        change(event, starts_at=starts_at)

    assert [error["field"] for error in caught.value.details["errors"]] == ["starts_at"]
    assert event_of(event.organization_id, event.id).starts_at == NOW + 3 * DAY
    assert change(event, starts_at=NOW + 4 * DAY).starts_at == NOW + 4 * DAY
    assert change(event, starts_at=None).starts_at is None


def test_course_that_has_begun_is_still_changed_in_other_ways() -> None:
    event = course()

    changed = change(event, title="Typing", starts_at=event.starts_at)

    assert (changed.title, changed.starts_at) == ("Typing", NOW + DAY)


def test_event_that_is_no_course_moves_where_it_likes() -> None:
    event = make_event(open_shop().organization_id)

    assert change(event, starts_at=NOW - DAY, ends_at=None).starts_at == NOW - DAY


def test_course_that_has_begun_is_not_published() -> None:
    event = course()

    with pytest.raises(CourseInThePast) as caught:
        publish(event, now=NOW + DAY)

    assert caught.value.details["starts_at"] == format_moment(NOW + DAY)
    assert status_of(event) == EventStatus.DRAFT
    assert publish(event, now=NOW + DAY - timedelta(seconds=1)).status == EventStatus.PUBLISHED


def test_course_without_a_date_is_published() -> None:
    assert publish(course(None)).status == EventStatus.PUBLISHED


def test_course_completed_by_mistake_goes_on() -> None:
    event = course()
    publish(event)
    move_event(CommandContext.system(event.organization_id, now=NOW), event.id, to=EventStatus.COMPLETED)

    assert publish(event, now=NOW + 2 * DAY).status == EventStatus.PUBLISHED


@pytest.mark.parametrize("kind", [kind for kind in QuotaKind if kind != QuotaKind.PRODUCT])
def test_there_is_at_least_one_place(kind: QuotaKind) -> None:
    organization_id = open_shop().organization_id
    quota = create_quota(organization_id, name="Room", capacity=1, kind=kind, now=NOW)

    with pytest.raises(InvalidInput):
        create_quota(organization_id, name="Room", capacity=0, kind=kind, now=NOW)
    with pytest.raises(InvalidInput):
        change_capacity(organization_id, quota_id=quota.id, capacity=0, now=NOW)
    with pytest.raises(IntegrityError, match="inventory_quota_capacity"), transaction.atomic():
        Quota.unscoped.filter(id=quota.id).update(capacity=0)
    quota.refresh_from_db()
    assert quota.capacity == 1


def test_goods_may_be_out_of_stock() -> None:
    organization_id = open_shop().organization_id
    stock = create_quota(organization_id, name="Shirt", capacity=0, kind=QuotaKind.PRODUCT, now=NOW)

    assert change_capacity(organization_id, quota_id=stock.id, capacity=0, now=NOW).capacity == 0


def check(event: Event, *, now: datetime = NOW) -> None:
    with transaction.atomic():
        check_publishing(locked_event(event.organization_id, event.id), now=now)


@pytest.mark.parametrize("status", [EventStatus.PUBLISHED, EventStatus.CANCELLED])
def test_only_what_may_go_on_sale_is_looked_at(status: EventStatus) -> None:
    event = empty_event()
    with pytest.raises(NothingToBuy):
        check(event)

    Event.unscoped.filter(id=event.id).update(status=status)

    check(event)


def test_completed_course_without_an_offer_does_not_go_on() -> None:
    event = course()
    Event.unscoped.filter(id=event.id).update(status=EventStatus.COMPLETED)
    check(event, now=NOW + 9 * DAY)

    delete_ticket_type(CommandContext.system(event.organization_id, now=NOW), types_of(event)[0].id)

    with pytest.raises(NothingToBuy):
        check(event, now=NOW + 9 * DAY)


def test_past_is_said_before_that_there_is_nothing_to_buy() -> None:
    event = empty_event(kind="course", starts_at=NOW + DAY, ends_at=None)

    with pytest.raises(CourseInThePast):
        check(event, now=NOW + DAY)


def test_other_kinds_go_on_sale_after_they_have_begun() -> None:
    check(make_event(open_shop().organization_id, starts_at=NOW - DAY, ends_at=None))


def test_offers_of_other_events_do_not_count() -> None:
    event = empty_event()
    make_event(event.organization_id)

    with pytest.raises(NothingToBuy):
        check(event)
