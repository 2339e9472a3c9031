"""``/carts``: places held while a buyer makes up their mind."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.cart_schemas import (
    CartCouponIn,
    CartIn,
    CartItemIn,
    CartLineIn,
    CartLinesIn,
    CartOrderIn,
    CartOut,
)
from kassa.api.filters import Several
from kassa.api.idempotency import KeyReused, read_key, repeatable
from kassa.api.order_schemas import CustomerIn, OrderOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import problem_response, reading, writing
from kassa.api.rate_limits import coupon_limits, require_order
from kassa.api.requests import ApiRequest, command_context
from kassa.api.routes.orders import customer_of
from kassa.api.schemas import Text
from kassa.api.serialize_cart import serialize_cart
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError, NotFound
from kassa.core.permissions import Permission
from kassa.sales.domain.cart_details import extend_cart, remove_coupon, set_coupon, set_customer
from kassa.sales.domain.cart_errors import CartFull, HoldExtended
from kassa.sales.domain.cart_items import ItemChange, NewItem, change_item, put_items, remove_item
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.cart_order import Checkout, order_cart
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.domain.coupon_tries import limit_coupon_tries
from kassa.sales.domain.request import RequestedLine
from kassa.sales.enums import CartStatus
from kassa.sales.errors import (
    REFUSALS,
    CartClosed,
    CartEmpty,
    CustomerUnknown,
    DeskBusy,
    HoldLimitReached,
    OrderKeyReused,
    TotalChanged,
)
from kassa.sales.queries import filter_carts, get_cart_view, list_cart_views

router = Router(tags=["Carts"])


@router.post(
    "/carts",
    response={201: CartOut},
    auth=Requires(open_cart),
    openapi_extra=writing(KeyReused, CartEmpty, CartFull, *REFUSALS),
    summary="Open a cart",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: CartIn) -> Status[dict[str, Any]]:
    """Open a cart, with lines or empty. It holds its places until `expires_at`."""
    new = NewCart(
        session_id=payload.session_id,
        user_id=payload.user,
        customer=customer_of(payload.customer.model_dump()) if payload.customer else None,
        coupon_code=payload.coupon,
        items=[_new_item(line) for line in payload.lines],
    )
    now = utc_now()
    counted = coupon_limits(request.auth) if payload.coupon else ()
    with limit_coupon_tries(counted, now=now):
        cart_id = open_cart(command_context(request), new)
    return Status(201, _show(request, cart_id))


class CartFilters(Schema):
    status: Several[CartStatus]
    session_id: Text | None = Field(None, max_length=120)


@router.get(
    "/carts",
    response=Page[CartOut],
    auth=Requires(Permission.ORDER_PLACE),
    openapi_extra=reading(),
    summary="List carts",
)
def list_carts(
    request: ApiRequest, filters: Query[CartFilters], limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    """List carts, newest first. One whose time is over counts and shows as expired."""
    now, organization_id = utc_now(), request.auth.organization_id
    carts = filter_carts(organization_id, now=now, statuses=filters.status, session_id=filters.session_id)
    return page_of(
        carts,
        limit=limit,
        after=after,
        show=lambda page: [serialize_cart(view) for view in list_cart_views(organization_id, page, now=now)],
    )


@router.get(
    "/carts/{cart_id}",
    response=CartOut,
    auth=Requires(Permission.ORDER_PLACE),
    openapi_extra=reading(NotFound),
    summary="Read a cart",
)
def read(request: ApiRequest, cart_id: UUID) -> dict[str, Any]:
    """A cart at present prices; `problem` and `coupon_problem` say what stands in the way of ordering it."""
    return _show(request, cart_id)


@router.post(
    "/carts/{cart_id}/items",
    response={201: CartOut},
    auth=Requires(put_items),
    openapi_extra=writing(NotFound, KeyReused, CartClosed, CartFull, HoldLimitReached, *REFUSALS),
    summary="Put lines into a cart",
)
@decorate_view(repeatable)
def put(request: ApiRequest, cart_id: UUID, payload: CartLinesIn) -> Status[dict[str, Any]]:
    """Put lines into a cart and hold their places: all of them or none."""
    items = [_new_item(line) for line in payload.lines]
    put_items(command_context(request), cart_id, items)
    return Status(201, _show(request, cart_id))


@router.patch(
    "/carts/{cart_id}/items/{item_id}",
    response=CartOut,
    auth=Requires(change_item),
    openapi_extra=writing(NotFound, CartClosed, HoldLimitReached, *REFUSALS),
    summary="Change an item of a cart",
)
def change(request: ApiRequest, cart_id: UUID, item_id: UUID, payload: CartItemIn) -> dict[str, Any]:
    """Change how many an item holds, or which seats; what it keeps it never gives up in between."""
    wanted = ItemChange(
        quantity=payload.quantity,
        seat_ids=None if payload.seats is None else tuple(payload.seats),
        best_available=payload.best_available,
        metadata=payload.metadata,
    )
    change_item(command_context(request), cart_id, item_id, wanted)
    return _show(request, cart_id)


@router.delete(
    "/carts/{cart_id}/items/{item_id}",
    response=CartOut,
    auth=Requires(remove_item),
    openapi_extra=writing(NotFound, CartClosed),
    summary="Take an item out of a cart",
)
def remove(request: ApiRequest, cart_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Take an item out; its places are free again at once."""
    remove_item(command_context(request), cart_id, item_id)
    return _show(request, cart_id)


@router.put(
    "/carts/{cart_id}/coupon",
    response=CartOut,
    auth=Requires(set_coupon),
    openapi_extra=writing(NotFound, CartClosed, CartEmpty, *REFUSALS),
    summary="Put a coupon on a cart",
)
def put_coupon(request: ApiRequest, cart_id: UUID, payload: CartCouponIn) -> dict[str, Any]:
    """Put a coupon on a cart if it applies to its items. Only the order uses it up."""
    now = utc_now()
    with limit_coupon_tries(coupon_limits(request.auth), now=now):
        set_coupon(command_context(request), cart_id, payload.coupon)
    return _show(request, cart_id)


@router.delete(
    "/carts/{cart_id}/coupon",
    response=CartOut,
    auth=Requires(remove_coupon),
    openapi_extra=writing(NotFound, CartClosed),
    summary="Take the coupon off a cart",
)
def delete_coupon(request: ApiRequest, cart_id: UUID) -> dict[str, Any]:
    remove_coupon(command_context(request), cart_id)
    return _show(request, cart_id)


@router.put(
    "/carts/{cart_id}/customer",
    response=CartOut,
    auth=Requires(set_customer),
    openapi_extra=writing(NotFound, CartClosed, CustomerUnknown),
    summary="Say who buys",
)
def put_customer(request: ApiRequest, cart_id: UUID, payload: CustomerIn) -> dict[str, Any]:
    set_customer(command_context(request), cart_id, customer_of(payload.model_dump()))
    return _show(request, cart_id)


@router.post(
    "/carts/{cart_id}/extend",
    response=CartOut,
    auth=Requires(extend_cart),
    openapi_extra=writing(NotFound, KeyReused, CartClosed, HoldExtended),
    summary="Hold a cart for longer",
)
@decorate_view(repeatable)
def extend(request: ApiRequest, cart_id: UUID) -> dict[str, Any]:
    """Hold its places for one more full period, counted from now; once for each cart."""
    extend_cart(command_context(request), cart_id)
    return _show(request, cart_id)


@router.delete(
    "/carts/{cart_id}",
    response={204: None},
    auth=Requires(abandon_cart),
    openapi_extra=writing(NotFound, CartClosed),
    summary="Give a cart up",
)
def abandon(request: ApiRequest, cart_id: UUID) -> Status[None]:
    """Give a cart up; its places are free again at once. Giving it up twice changes nothing."""
    abandon_cart(command_context(request), cart_id)
    return Status(204, None)


@router.post(
    "/carts/{cart_id}/order",
    response={201: OrderOut},
    auth=Requires(order_cart, count=require_order),
    openapi_extra=writing(NotFound, CartClosed, CartEmpty, *REFUSALS, TotalChanged, OrderKeyReused, DeskBusy),
    summary="Order a cart",
)
def order(request: ApiRequest, cart_id: UUID, payload: CartOrderIn) -> HttpResponse:
    """Make the cart an order, which takes over its places; a cart becomes one order at most.

    Send an `Idempotency-Key`: a repetition answers with the same order. If the cart is changed
    meanwhile the answer is `locked`, and nothing was ordered.
    """
    outcome = order_cart(command_context(request), cart_id, _checkout(request, cart_id, payload))
    if isinstance(outcome, KassaError):
        return problem_response(outcome)
    response = HttpResponse(outcome.document, content_type="application/json", status=201)
    response["Location"] = f"/api/v1/orders/{outcome.order_id}"
    if outcome.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _checkout(request: ApiRequest, cart_id: UUID, payload: CartOrderIn) -> Checkout:
    content = payload.model_dump(mode="json", exclude_unset=True)
    print_of = orjson.dumps({**content, "cart": str(cart_id)}, option=orjson.OPT_SORT_KEYS)
    return Checkout(
        idempotency_key=read_key(request) or f"none:{uuid4()}",
        fingerprint=hashlib.sha256(print_of).digest(),
        customer=customer_of(payload.customer.model_dump()) if payload.customer else None,
        attendees={
            named.item: tuple(one.model_dump(exclude_none=True) for one in named.attendees)
            for named in payload.attendees
        },
        shipping_address=content.get("shipping_address"),
        billing_address=content.get("billing_address"),
        notes=payload.notes or "",
        answers=payload.answers,
        expected_total=payload.expected_total,
    )


def _new_item(line: CartLineIn) -> NewItem:
    return NewItem(
        line=RequestedLine(
            item_id=line.product or line.ticket_type,  # type: ignore[arg-type]  # one is set, as validated
            is_product=line.product is not None,
            quantity=line.quantity,
            seat_ids=tuple(line.seats),
            best_available=line.best_available,
        ),
        metadata=line.metadata,
    )


def _show(request: ApiRequest, cart_id: UUID) -> dict[str, Any]:
    return serialize_cart(get_cart_view(request.auth.organization_id, cart_id, now=utc_now()))
