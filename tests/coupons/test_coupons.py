from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from kassa.core.command_context import CommandContext
from kassa.core.errors import AlreadyExists, InvalidInput, NotFound
from kassa.coupons.domain.manage import change_coupon, create_coupon, delete_coupon
from kassa.coupons.errors import UsageBelowCount, refusal_of
from kassa.coupons.models import Coupon
from kassa.coupons.queries import coupon_of, coupons_of, coupons_with_code, view_coupons
from tests.api.shop import NOW, make_event, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization_id(db: None) -> UUID:
    return open_shop().organization_id


def make(organization_id: UUID, events: tuple[UUID, ...] = (), **more: Any) -> Coupon:
    given = {"code": "SPRING", "discount_type": "percentage", "discount_value": Decimal(10), **more}
    return create_coupon(CommandContext.system(organization_id, now=NOW), fields=given, events=events)


def change(coupon: Coupon, **changes: Any) -> Coupon:
    return change_coupon(CommandContext.system(coupon.organization_id, now=NOW), coupon.id, changes=changes)


def test_a_coupon_is_good_for_everything_unless_it_names_events(organization_id: UUID) -> None:
    assert view_coupons(organization_id, [make(organization_id)])[0].events == ()
    events = tuple(make_event(organization_id).id for _ in range(2))
    coupon = make(organization_id, (*events, events[0]), code="TWO")
    assert view_coupons(organization_id, [coupon])[0].events == events
    change(coupon, events=[events[1]])
    assert view_coupons(organization_id, [coupon])[0].events == (events[1],)


def test_an_amount_is_in_the_organisations_currency(organization_id: UUID) -> None:
    assert make(organization_id, discount_type="amount").currency == "EUR"
    assert make(organization_id, code="YEN", discount_type="amount", currency="JPY").currency == "JPY"


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("code", {"code": ""}),
        ("code", {"code": "TWO WORDS"}),
        ("code", {"code": "x" * 61}),
        ("discount_type", {"discount_type": "gift"}),
        ("discount_value", {"discount_value": Decimal(0)}),
        ("discount_value", {"discount_value": Decimal("100.001")}),
        ("discount_value", {"discount_type": "amount", "discount_value": Decimal("0.001")}),
        ("currency", {"currency": "XYZ"}),
        ("max_usage_per_user", {"max_usage_per_user": 0}),
        ("max_usage_total", {"max_usage_total": -1}),
        ("min_purchase_amount", {"min_purchase_amount": Decimal(-1)}),
        ("min_purchase_amount", {"min_purchase_amount": Decimal("0.5"), "currency": "JPY"}),
        ("ends_at", {"starts_at": NOW, "ends_at": NOW}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_coupon_is_refused(organization_id: UUID, field: str, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        make(organization_id, **more)
    assert caught.value.details["errors"][0]["field"] == field
    assert not coupons_of(organization_id).exists()


def test_a_code_is_there_once_however_it_is_capitalised(organization_id: UUID) -> None:
    first = make(organization_id)
    with pytest.raises(AlreadyExists):
        make(organization_id, code="spring")
    other = make(organization_id, code="SUMMER")
    with pytest.raises(AlreadyExists):
        change(other, code="Spring")
    delete_coupon(CommandContext.system(organization_id, now=NOW), first.id)
    again = make(organization_id, code="spring")
    assert list(coupons_with_code(organization_id, "sPring")) == [again]


def test_the_limit_goes_down_to_the_uses(organization_id: UUID) -> None:
    coupon = make(organization_id, max_usage_total=5)
    Coupon.objects.of(organization_id).update(current_usage_count=3)
    assert change(coupon, max_usage_total=3).max_usage_total == 3
    with pytest.raises(UsageBelowCount) as caught:
        change(coupon, max_usage_total=2, description="less")
    assert caught.value.details == {"used": 3}
    unchanged = coupon_of(organization_id, coupon.id)
    assert (unchanged.max_usage_total, unchanged.description) == (3, "")
    assert change(coupon, max_usage_total=None).max_usage_total is None


def test_a_change_leaves_the_uses_alone(organization_id: UUID) -> None:
    coupon = make(organization_id)
    Coupon.objects.of(organization_id).update(current_usage_count=3)
    assert not change(coupon, is_active=False).is_active
    assert coupon_of(organization_id, coupon.id).current_usage_count == 3


def test_a_change_is_checked_against_what_stays(organization_id: UUID) -> None:
    coupon = make(organization_id, starts_at=NOW, ends_at=NOW + timedelta(days=1))
    for changes in ({"ends_at": NOW}, {"discount_type": "amount"}, {"discount_value": Decimal(101)}):
        with pytest.raises(InvalidInput):
            change(coupon, **changes)
    assert coupon_of(organization_id, coupon.id).ends_at == NOW + timedelta(days=1)


def test_another_organisations_things_are_refused(organization_id: UUID) -> None:
    theirs = open_shop().organization_id
    event, coupon = make_event(theirs), make(theirs)
    for event_id in (event.id, uuid4()):
        with pytest.raises(InvalidInput):
            make(organization_id, (event_id,))
    assert not coupons_of(organization_id).exists()
    with pytest.raises(NotFound):
        change_coupon(
            CommandContext.system(organization_id, now=NOW), coupon.id, changes={"is_active": False}
        )
    with pytest.raises(NotFound):
        delete_coupon(CommandContext.system(organization_id, now=NOW), coupon.id)
    assert coupon_of(theirs, coupon.id).is_active


@pytest.mark.parametrize(
    "columns",
    [
        {"discount_type": "gift"},
        {"discount_value": 0},
        {"discount_value": 101},
        {"discount_type": "amount", "currency": None},
        {"max_usage_per_user": 0},
        {"min_purchase_amount": -1},
        {"starts_at": NOW, "ends_at": NOW},
        {"max_usage_total": 1, "current_usage_count": 2},
    ],
)
def test_the_database_has_the_last_word(organization_id: UUID, columns: dict[str, Any]) -> None:
    make(organization_id)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Coupon.objects.of(organization_id).update(**columns)
    assert refusal_of(caught.value).status in {409, 422}
