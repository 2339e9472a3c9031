"""Uses and bookings from before are counted under every key that their orders show."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

import kassa.orders.migrations
from kassa.identity.models import User
from kassa.orders.models import CouponUsage, LimitUse, Order
from kassa.payments.domain.manual_status import cancel_order
from kassa.sales.domain.request import Customer
from tests.support.factories import line, make_coupon, make_event, make_ticket_type
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db
[FILE] = Path(kassa.orders.migrations.__path__[0]).glob("*_limit_uses.py")
MIGRATION = import_module(f"kassa.orders.migrations.{FILE.stem}")


def keys(model: Any, world: World) -> set[tuple[Any, ...]]:
    rows = model.objects.of(world.organization.id)
    return {
        (row.order_id, row.customer_key, row.released_at is None)
        for row in rows.only("order_id", "customer_key", "released_at")
    }


def test_what_was_used_before_counts_under_all_keys_of_its_order() -> None:
    world = World()
    user = User.objects.create_user("ada@example.com", name="Ada")
    course = make_ticket_type(make_event(world.organization, one_per_customer=True), quantity=9)
    coupon = make_coupon(world.organization, max_usage_per_user=2)
    customers = (
        Customer("Ada+news@example.com", reference="A-1", user_id=user.id),
        Customer("bob@example.com"),
        Customer("eve@example.com", reference="E-1"),
    )
    for customer in customers:
        world.place(line(course), customer=customer, coupon_code=coupon.code)
    world.place(customer=Customer("ada@example.com"), coupon_code=coupon.code)
    ended = Order.objects.of(world.organization.id).get(customer_email="bob@example.com")
    cancel_order(world.context(), ended.id)
    before = [keys(model, world) for model in (CouponUsage, LimitUse)]
    assert len(before[0]) == 4 + 1 + 2 + 1

    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.UNFILL)
        cursor.execute("DELETE FROM orders_limituse")
        assert CouponUsage.objects.of(world.organization.id).count() == 4
        CouponUsage.objects.of(world.organization.id).update(nth=1)
        cursor.execute(MIGRATION.FILL)

    assert [keys(model, world) for model in (CouponUsage, LimitUse)] == before
    of_ada = CouponUsage.objects.of(world.organization.id).filter(customer_key="email:ada@example.com")
    assert sorted(of_ada.values_list("nth", flat=True)) == [1, 2]
