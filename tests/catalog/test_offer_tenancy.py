"""The database itself refuses a row of one organisation that points at a row of another."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from kassa.catalog.domain.products import create_product
from kassa.catalog.domain.tax_rules import create_tax_rule
from kassa.catalog.errors import refusal_of
from kassa.catalog.models import Event, Product, TicketType, TicketTypeQuota
from kassa.core.command_context import CommandContext
from kassa.coupons.models import Coupon, CouponEvent
from kassa.inventory.domain.quotas import create_quota
from tests.api.shop import NOW, Shop, make_event, open_shop, types_of

pytestmark = pytest.mark.django_db


def event_on_their_quota(ours: Shop, theirs: Shop) -> None:
    quota = create_quota(theirs.organization_id, name="Room", capacity=3, now=NOW)
    Event.objects.of(ours.organization_id).update(capacity_quota_id=quota.id)


def ticket_type_of_their_event(ours: Shop, theirs: Shop) -> None:
    event = make_event(theirs.organization_id)
    TicketType.objects.of(ours.organization_id).update(event_id=event.id)


def ticket_type_on_their_quota(ours: Shop, theirs: Shop) -> None:
    quota = create_quota(theirs.organization_id, name="Room", capacity=3, now=NOW)
    TicketType.objects.of(ours.organization_id).update(quota_id=quota.id)


def ticket_type_with_their_tax_rule(ours: Shop, theirs: Shop) -> None:
    rule = create_tax_rule(
        CommandContext.system(theirs.organization_id, now=NOW), name="VAT", rate=Decimal(19)
    )
    TicketType.objects.of(ours.organization_id).update(tax_rule_id=rule.id)


def sharing_their_quota(ours: Shop, theirs: Shop) -> None:
    quota = create_quota(theirs.organization_id, name="Room", capacity=3, now=NOW)
    TicketTypeQuota.unscoped.create(
        organization_id=ours.organization_id,
        ticket_type_id=TicketType.objects.of(ours.organization_id).get().id,
        quota_id=quota.id,
    )


def product_beside_their_event(ours: Shop, theirs: Shop) -> None:
    event = make_event(theirs.organization_id)
    product = create_product(
        CommandContext.system(ours.organization_id, now=NOW),
        fields={"sku": "A", "name": "A", "price": Decimal(1)},
    )
    Product.objects.of(ours.organization_id).filter(id=product.id).update(event_id=event.id)


@pytest.mark.parametrize(
    "cross",
    [
        event_on_their_quota,
        ticket_type_of_their_event,
        ticket_type_on_their_quota,
        ticket_type_with_their_tax_rule,
        sharing_their_quota,
        product_beside_their_event,
    ],
)
def test_a_crossed_reference_is_refused_and_named(cross: Callable[[Shop, Shop], None]) -> None:
    ours, theirs = open_shop(), open_shop()
    make_event(ours.organization_id)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        cross(ours, theirs)
    assert refusal_of(caught.value).status == 422


def test_a_coupon_for_their_event_is_refused() -> None:
    ours, theirs = open_shop(), open_shop()
    coupon = Coupon.unscoped.create(
        organization_id=ours.organization_id, code="A", discount_type="percentage", discount_value=10
    )
    event = make_event(theirs.organization_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        CouponEvent.unscoped.create(
            organization_id=ours.organization_id, coupon_id=coupon.id, event_id=event.id
        )


def test_the_control_of_the_same_organisation_passes() -> None:
    ours = open_shop()
    event = make_event(ours.organization_id)
    quota = create_quota(ours.organization_id, name="Room", capacity=3, now=NOW)
    TicketTypeQuota.unscoped.create(
        organization_id=ours.organization_id, ticket_type_id=types_of(event)[0].id, quota_id=quota.id
    )
