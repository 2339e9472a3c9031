"""Addresses from before are brought into their form, but never two into one where one is all there may be."""

from __future__ import annotations

import pytest
from django.db import connection

from kassa.core.migrations._rewrite_addresses import rewrite_addresses
from kassa.identity.models import User
from kassa.orders.models import Order
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db
TAKEN = "EXISTS (SELECT FROM identity_user o WHERE o.email = %(new)s)"


def test_addresses_of_orders_are_rewritten_and_others_left() -> None:
    world = World()
    typed = ["Ada@example.com", "ada@bücher.example", "Bob@EXAMPLE.com.", "no address", "eve@example.org"]
    orders = [world.place() for _ in typed]
    for order, email in zip(orders, typed, strict=True):
        Order.unscoped.filter(id=order.id).update(customer_email=email)

    with connection.cursor() as cursor:
        changed = rewrite_addresses(cursor, "orders_order", "customer_email")
        again = rewrite_addresses(cursor, "orders_order", "customer_email")

    kept = [Order.unscoped.get(id=order.id).customer_email for order in orders]
    assert kept == [
        "Ada@example.com",
        "ada@xn--bcher-kva.example",
        "Bob@example.com",
        "no address",
        "eve@example.org",
    ]
    assert (changed, again) == (2, 0)


def test_two_people_stay_two() -> None:
    for email in ("ada@bücher.example", "ada@xn--bcher-kva.example", "ben@bücher.example"):
        User.objects.bulk_create([User(email=email, name="Somebody")])

    with connection.cursor() as cursor:
        rewrite_addresses(cursor, "identity_user", "email", is_key=True, unless=TAKEN)

    assert sorted(User.objects.values_list("email", flat=True)) == [
        "ada@bücher.example",
        "ada@xn--bcher-kva.example",
        "ben@xn--bcher-kva.example",
    ]
