"""``/products``: merchandise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.filters import Several
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import KEPT, ClearableUrl, Count, CountFromOne, LongText, Metadata
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Amount, Currency, Input, NameText, Text, example
from kassa.api.ticket_type_schemas import PerCustomer
from kassa.api.versions import expected_version, show_version
from kassa.catalog.domain.products import change_product, create_product, delete_product
from kassa.catalog.enums import ProductStatus
from kassa.catalog.models import Product
from kassa.catalog.queries import ProductView, product_of, products_of, view_products
from kassa.core.clock import utc_now
from kassa.core.errors import AlreadyExists, ChangedMeanwhile, NotFound, StillInUse
from kassa.core.money import format_amount
from kassa.core.permissions import Permission
from kassa.inventory.errors import CapacityBelowTaken
from kassa.sales.overdue import count_overdue_as_free

router = Router(tags=["Products"])

Sku = Annotated[Text, Field(min_length=1, max_length=100, examples=["TSHIRT-L"])]
ProductName = Annotated[NameText, Field(min_length=1, max_length=255, examples=["T-shirt, L"])]
Stock = Annotated[
    Count | None,
    Field(description="How many there are in all, sold ones included. Null: it never runs out."),
]


class ProductChange(Input):
    model_config = example(price="22.00", stock=120)

    sku: Sku = KEPT
    name: ProductName = KEPT
    description: LongText = KEPT
    price: Amount = KEPT
    currency: Currency = KEPT
    stock: Stock = KEPT
    is_shippable: bool = KEPT
    max_per_order: CountFromOne | None = KEPT
    max_per_customer: PerCustomer = KEPT
    status: ProductStatus = KEPT
    image: ClearableUrl = KEPT
    event: UUID | None = KEPT
    tax_rule: UUID | None = KEPT
    metadata: Metadata = KEPT


class ProductIn(ProductChange):
    model_config = example(sku="TSHIRT-L", name="T-shirt, L", price="25.00", stock=100)

    sku: Sku
    name: ProductName
    price: Amount


class ProductFilters(Schema):
    sku: Text | None = None
    status: Several[ProductStatus]
    event: UUID | None = None


class ProductOut(Schema):
    id: UUID
    sku: str
    name: str
    description: str
    price: str = Field(examples=["25.00"])
    currency: str
    stock: int | None = Field(description="How many there are in all, sold ones included. Null: no limit.")
    reserved: int | None
    sold: int | None
    available: int | None = Field(description="How many can be sold now. Null: no limit.")
    is_shippable: bool
    max_per_order: int | None
    max_per_customer: int | None = Field(
        description="How many each customer may have, over all orders. Null: no limit."
    )
    status: ProductStatus
    image: str
    event: UUID | None = Field(description="The event it is offered beside. Null: sold on its own.")
    tax_rule: UUID | None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@router.post(
    "/products",
    response={201: ProductOut},
    auth=Requires(create_product),
    openapi_extra=writing(AlreadyExists, KeyReused, version_status=201),
    summary="Make a product",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: ProductIn) -> Status[dict[str, Any]]:
    made = create_product(command_context(request), fields=payload.model_dump(exclude_unset=True))
    return Status(201, _show_one(request, made))


@router.get(
    "/products",
    response=Page[ProductOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(),
    summary="List products",
)
def list_all(
    request: ApiRequest, filters: Query[ProductFilters], limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    organization_id, now = request.auth.organization_id, utc_now()
    lookups = {"sku": filters.sku, "status__in": filters.status or None, "event_id": filters.event}
    given = {name: value for name, value in lookups.items() if value is not None}
    return page_of(
        products_of(organization_id).filter(**given),
        limit=limit,
        after=after,
        show=lambda products: _show_all(organization_id, products, now=now),
    )


@router.get(
    "/products/{product_id}",
    response=ProductOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a product",
)
def read(request: ApiRequest, product_id: UUID) -> dict[str, Any]:
    return _show_one(request, product_of(request.auth.organization_id, product_id))


@router.patch(
    "/products/{product_id}",
    response=ProductOut,
    auth=Requires(change_product),
    openapi_extra=writing(NotFound, AlreadyExists, CapacityBelowTaken, StillInUse, ChangedMeanwhile),
    summary="Change a product or its stock",
    description="Orders keep the price they were placed at.",
)
def change(request: ApiRequest, product_id: UUID, payload: ProductChange) -> dict[str, Any]:
    changed = change_product(
        command_context(request),
        product_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show_one(request, changed)


@router.delete(
    "/products/{product_id}",
    response={204: None},
    auth=Requires(delete_product),
    openapi_extra=writing(NotFound, StillInUse),
    summary="Delete a product of which nothing is reserved or sold",
    description="Its sku is free again.",
)
def delete(request: ApiRequest, product_id: UUID) -> Status[None]:
    delete_product(command_context(request), product_id)
    return Status(204, None)


def _show_one(request: ApiRequest, product: Product) -> dict[str, Any]:
    show_version(request, product)
    return _show_all(request.auth.organization_id, [product], now=utc_now())[0]


def _show_all(organization_id: UUID, products: Sequence[Product], *, now: datetime) -> list[dict[str, Any]]:
    views = view_products(organization_id, products)
    count_overdue_as_free(organization_id, (view.quota for view in views), now=now)
    return [_show(view) for view in views]


def _show(view: ProductView) -> dict[str, Any]:
    product, quota = view.product, view.quota
    computed = {"price", "stock", "reserved", "sold", "available", "event", "tax_rule"}
    return {
        **{name: getattr(product, name) for name in ProductOut.model_fields if name not in computed},
        "price": format_amount(product.price, product.currency),
        "stock": view.stock,
        "reserved": quota.reserved if quota else None,
        "sold": quota.sold if quota else None,
        "available": view.available,
        "event": product.event_id,
        "tax_rule": product.tax_rule_id,
    }
