"""Tenancy: PostgreSQL itself refuses a row of one organisation that points at a row of another."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from psycopg import errors as postgres

from kassa.catalog.models import TicketTypeQuota
from kassa.core.clock import utc_now
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantReference
from kassa.inventory.enums import QuotaKind
from kassa.orders.models import Order
from kassa.sales.models import Cart, CartItem
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_product,
    make_question,
    make_quota,
    make_ticket_type,
    make_upload,
)
from tests.support.sale_world import World

TENANT_MODELS = sorted(
    (model for model in apps.get_models() if issubclass(model, TenantModel)),
    key=lambda model: model._meta.db_table,
)
REFERENCES = [
    (model, constraint)
    for model in TENANT_MODELS
    for constraint in model._meta.constraints
    if isinstance(constraint, TenantReference)
]
HELD_BY_HAND = {"catalog", "coupons", "orders", "sales", "seating"}
"""The apps whose every reference is crossed by a row; those of others are read from PostgreSQL's catalog."""

CONSTRAINT = """
SELECT c.condeferrable, c.convalidated, c.confdeltype,
       c.confrelid::regclass::text,
       (SELECT array_agg(a.attname::text ORDER BY k.place)
        FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number),
       (SELECT array_agg(a.attname::text ORDER BY k.place)
        FROM unnest(c.confkey) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number)
FROM pg_constraint c WHERE c.conname = %s AND c.conrelid = %s::regclass AND c.contype = 'f'
"""


@pytest.mark.parametrize(("model", "reference"), REFERENCES, ids=lambda value: getattr(value, "name", ""))
def test_reference_carries_the_organisation(
    db: None, model: type[models.Model], reference: TenantReference
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINT, [reference.name, model._meta.db_table])
        found = cursor.fetchone()

    column = model._meta.get_field(reference.field).column  # type: ignore[union-attr]
    assert found == (
        False,
        True,
        "c" if reference.cascade else "n" if reference.set_null else "a",
        reference.to,
        [column, "organization_id"],
        ["id", "organization_id"],
    )


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.db_table)
def test_every_foreign_key_of_a_tenants_row_is_a_tenant_reference(model: type[models.Model]) -> None:
    between_tenants = {
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, TenantModel)
    }

    references = {one.field for one in model._meta.constraints if isinstance(one, TenantReference)}
    to_packages_above = {name for name in references if not model._meta.get_field(name).is_relation}
    clearing = {
        one.field for one in model._meta.constraints if isinstance(one, TenantReference) and one.set_null
    }

    assert references - to_packages_above == between_tenants
    assert to_packages_above <= clearing
    assert all(isinstance(model._meta.get_field(name), TenantForeignKey) for name in between_tenants)


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.db_table)
def test_every_tenants_table_has_the_tenant_key(db: None, model: type[models.Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))"
            " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
            " WHERE i.indrelid = %s::regclass AND i.indisprimary",
            [table],
        )
        [columns] = cursor.fetchone()

    assert columns == ["id", "organization_id"]
    assert any(isinstance(constraint, TenantKey) for constraint in model._meta.constraints)


def test_database_refuses_every_crossed_reference_written_by_hand(db: None) -> None:
    mine, theirs = furnished(), furnished()
    outcomes = {}
    expected = {}
    for model, reference in REFERENCES:
        if model._meta.app_label not in HELD_BY_HAND or reference.set_null:  # those: test_references.py
            continue
        expected[reference.name] = reference.name
        outcomes[reference.name] = cross(mine, theirs, model, reference)

    assert outcomes == expected


def test_database_refuses_to_move_a_referring_row_to_another_organisation(db: None) -> None:
    mine, theirs = furnished(), furnished()
    tables = (
        "orders_ticket",
        "orders_orderitem",
        "orders_couponusage",
        "orders_limituse",
        "orders_orderhistory",
        "sales_cartitem",
    )

    outcomes = {table: moved_to(theirs, mine, table) for table in tables}

    assert outcomes == dict.fromkeys(tables, postgres.ForeignKeyViolation)


def moved_to(theirs: World, mine: World, table: str) -> type[BaseException] | None:
    """Give one of my rows to them; return what the database said to it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET organization_id = %s"
                f" WHERE id = (SELECT id FROM {table} WHERE organization_id = %s LIMIT 1)",
                [theirs.organization.id, mine.organization.id],
            )
    except IntegrityError as error:
        return type(error.__cause__) if error.__cause__ else None
    return None


def test_crossed_reference_cannot_be_inserted_either(db: None) -> None:
    mine, theirs = furnished(), furnished()

    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_orderhistory (id, organization_id, order_id, position, to_status,"
            " to_payment_status, changed_by_kind)"
            " SELECT %s, %s, id, 1, 'draft', 'pending', 'system' FROM orders_order"
            " WHERE organization_id = %s LIMIT 1",
            [uuid4(), mine.organization.id, theirs.organization.id],
        )

    assert isinstance(refused.value.__cause__, postgres.ForeignKeyViolation)
    assert refused.value.__cause__.diag.constraint_name == "orders_orderhistory_order"


def furnished() -> World:
    """Return a world with a row behind every reference there is."""
    world = World()
    organization = world.organization
    rule = apps.get_model("catalog", "TaxRule").unscoped.create(
        organization=organization, name="VAT", rate=19
    )
    world.event.capacity_quota_id = make_quota(organization, 100, QuotaKind.EVENT).id
    world.event.save()
    world.standing.tax_rule = rule
    world.standing.save()
    world.shirt.tax_rule, world.shirt.event = rule, world.event
    world.shirt.save()
    TicketTypeQuota.unscoped.create(
        organization=organization,
        ticket_type=world.standing,
        quota=make_quota(organization, 50, QuotaKind.SHARED),
    )
    make_question(world.event, ticket_types=(world.standing,))
    make_coupon(organization, events=(world.event,))
    seat = world.best_seat
    for wanted in (line(world.standing), line(world.seated, seat_ids=(seat.id,)), line(world.shirt)):
        world.place(wanted, coupon_code=world.coupon.code, email=f"{wanted.item_id}@example.com")
    world.place(line(make_ticket_type(make_event(organization, one_per_customer=True))))
    make_upload(organization, order=Order.objects.of(organization.id).first())
    cart = Cart.unscoped.create(organization=organization, expires_at=utc_now() + timedelta(hours=1))
    CartItem.unscoped.create(organization=organization, cart=cart, ticket_type=world.standing, quantity=1)
    CartItem.unscoped.create(organization=organization, cart=cart, product=world.shirt, quantity=1)
    # Others to point at, so that no unique constraint speaks before the foreign key does.
    other = make_event(organization)
    make_ticket_type(other)
    make_product(organization)
    return world


def cross(mine: World, theirs: World, model: type[models.Model], reference: TenantReference) -> str | None:
    """Let one of my rows point at one of theirs; return the constraint that refused it."""
    table, column = model._meta.db_table, model._meta.get_field(reference.field).column  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {reference.to} WHERE organization_id = %s", [theirs.organization.id])
        [target] = cursor.fetchall()[-1]
        try:
            with transaction.atomic():
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s WHERE organization_id = %s AND id = ("
                    f"SELECT id FROM {table} WHERE organization_id = %s AND {column} IS NOT NULL LIMIT 1)",
                    [target, mine.organization.id, mine.organization.id],
                )
                return f"{cursor.rowcount} row was changed"
        except IntegrityError as error:
            broken = error.__cause__
            return (
                broken.diag.constraint_name
                if isinstance(broken, postgres.ForeignKeyViolation)
                else str(broken)
            )
