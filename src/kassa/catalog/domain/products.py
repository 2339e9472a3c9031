"""Products are made, changed and deleted here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.catalog.domain.event_rules import check_per_customer
from kassa.catalog.domain.price_rules import check_price
from kassa.catalog.domain.sold import is_product_taken
from kassa.catalog.domain.ticket_type_rows import check_tax_rules
from kassa.catalog.enums import ProductStatus
from kassa.catalog.errors import refusal_of
from kassa.catalog.models import Product
from kassa.catalog.queries import events_of, locked_product, products_of
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, StillInUse
from kassa.core.money import is_currency
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.inventory.domain.quotas import change_capacity, create_quota, locked_quotas
from kassa.inventory.enums import QuotaKind
from kassa.organizations.queries import organization_settings

PRODUCT_FIELDS = frozenset(
    [
        "sku",
        "name",
        "description",
        "price",
        "currency",
        "is_shippable",
        "max_per_order",
        "max_per_customer",
        "status",
        "image",
        "metadata",
    ]
)
"""The columns a client may set; ``stock``, ``event`` and ``tax_rule`` are kept elsewhere."""
_ALSO_GIVEN = frozenset({"stock", "event", "tax_rule"})


@command(Permission.OFFER_WRITE)
def create_product(context: CommandContext, *, fields: Mapping[str, Any]) -> Product:
    """Make a product. ``stock`` counts all there are, sold ones included; null never runs out.

    Raises:
        InvalidInput: a value is not valid, or names an event or tax rule that does not exist.
        AlreadyExists: another product has the sku.
    """
    organization_id, now = context.organization_id, context.now
    given = dict(fields)
    if given.get("currency") is None:
        given["currency"] = organization_settings(organization_id).default_currency
    columns = _columns(organization_id, given)
    check_product(columns)
    try:
        with transaction.atomic():
            product = Product(organization_id=organization_id, created_at=now, updated_at=now, **columns)
            if given.get("stock") is not None:
                product.quota_id = _new_stock(product, given["stock"], now)
            product.save(force_insert=True)
            product.refresh_from_db(from_queryset=products_of(organization_id))
            after = {**snapshot(product), "stock": given.get("stock")}
            record_activity(context, "product.created", product, after=after)
    except IntegrityError as error:
        raise refusal_of(error) from error
    return product


@command(Permission.OFFER_WRITE)
def change_product(
    context: CommandContext,
    product_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> Product:
    """Change a product; what is not named stays. Orders keep the price they were placed at.

    Raises:
        NotFound: the organisation has no such product.
        InvalidInput: the values are not valid together, or name what does not exist.
        AlreadyExists: another product has the sku.
        CapacityBelowTaken: more are reserved or sold than the new ``stock``.
        StillInUse: some are reserved or sold, so a limit can neither come nor go.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    columns = _columns(organization_id, changes)
    try:
        with transaction.atomic():
            product = locked_product(organization_id, product_id)
            require_version(product, expected)
            before = snapshot(product)
            check_product({**{field: getattr(product, field) for field in PRODUCT_FIELDS}, **columns})
            if "stock" in changes:
                before["stock"] = product.quota.capacity if product.quota else None
                columns["quota_id"] = _changed_stock(product, changes["stock"], now)
            rows = products_of(organization_id).filter(id=product_id)
            rows.update(**columns, updated_at=now)
            product.refresh_from_db(from_queryset=rows)
            after = {**snapshot(product), **({"stock": changes["stock"]} if "stock" in changes else {})}
            record_activity(context, "product.changed", product, before=before, after=after)
    except IntegrityError as error:
        raise refusal_of(error) from error
    return product


@command(Permission.OFFER_WRITE)
def delete_product(context: CommandContext, product_id: UUID) -> None:
    """Take a product out of sight; its row stays for the records and its sku is free again.

    Raises:
        NotFound: the organisation has no such product.
        StillInUse: some of it are reserved or sold.
    """
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        product = locked_product(organization_id, product_id)
        _require_untouched(product, "Make it inactive instead")
        products_of(organization_id).filter(id=product_id).update(deleted_at=now, updated_at=now)
        record_activity(context, "product.deleted", product)


def check_product(values: Mapping[str, Any]) -> None:
    """Let the values of a whole product pass if they belong together.

    Raises:
        InvalidInput: they do not; the field says where.
    """
    for field, longest in (("sku", 100), ("name", 255)):
        text = values.get(field) or ""
        if not text.strip() or len(text) > longest:
            raise InvalidInput(f"A product's {field} has 1 to {longest} characters.", field=field)
    if not is_currency(values["currency"]):
        raise InvalidInput(f"'{values['currency']}' is not a currency in use.", field="currency")
    if values.get("price") is None:
        raise InvalidInput("Give a price.", field="price")
    check_price(values["price"], values["currency"])
    if values.get("status", ProductStatus.ACTIVE) not in ProductStatus.values:
        raise InvalidInput(f"Choose status from {', '.join(ProductStatus.values)}.", field="status")
    most = values.get("max_per_order")
    if most is not None and most < 1:
        raise InvalidInput("Let max_per_order be at least 1.", field="max_per_order")
    check_per_customer(values)


def _columns(organization_id: UUID, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written to the product's own row, references checked."""
    unknown = sorted(set(given) - PRODUCT_FIELDS - _ALSO_GIVEN)
    if unknown:
        raise InvalidInput(f"A product has no field '{unknown[0]}'.", field=unknown[0])
    columns = {field: value for field, value in given.items() if field in PRODUCT_FIELDS}
    if "event" in given:
        event_id = given["event"]
        if event_id is not None and not events_of(organization_id).filter(id=event_id).exists():
            raise InvalidInput("There is no such event in your organisation.", field="event")
        columns["event_id"] = event_id
    if "tax_rule" in given:
        check_tax_rules(organization_id, [given["tax_rule"]])
        columns["tax_rule_id"] = given["tax_rule"]
    return columns


def _changed_stock(product: Product, stock: int | None, now: datetime) -> UUID | None:
    """Return the quota a product has after its stock was changed."""
    if stock is None:
        if product.quota_id is not None:
            _require_untouched(product, "Choose a large stock instead")
        return None
    if product.quota_id is not None:
        change_capacity(product.organization_id, product.quota_id, capacity=stock, now=now)
        return product.quota_id
    _require_untouched(product, "Make another product with a stock")
    return _new_stock(product, stock, now)


def _new_stock(product: Product, stock: int, now: datetime) -> UUID:
    return create_quota(
        product.organization_id, name=product.name, capacity=stock, kind=QuotaKind.PRODUCT, now=now
    ).id


def _require_untouched(product: Product, instead: str) -> None:
    quotas = locked_quotas(product.organization_id, [product.quota_id])
    taken = sum(quota.reserved + quota.sold for quota in quotas)
    if taken:
        raise StillInUse(f"Some of it are reserved or sold. {instead}.", taken=taken)
    if is_product_taken(product.organization_id, product.id):
        raise StillInUse(f"Some of it are reserved or sold. {instead}.")
